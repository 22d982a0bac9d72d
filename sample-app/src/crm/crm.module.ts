import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Chat } from './chats/chat.entity.js';
import { ChatService } from './chats/chat.service.js';
import { ChatsController } from './chats/chats.controller.js';
import { Message } from './chats/message.entity.js';
import { Client } from './clients/client.entity.js';
import { ClientBindings } from './clients/client.bindings.js';
import { ClientService } from './clients/client.service.js';
import { ClientsController } from './clients/clients.controller.js';
import { VipClientListener } from './clients/vip-client.listener.js';

/** Clients and the chats with them. */
@Module({
  imports: [TypeOrmModule.forFeature([Client, Chat, Message])],
  controllers: [ClientsController, ChatsController],
  providers: [ClientService, ClientBindings, VipClientListener, ChatService],
  exports: [ClientService],
})
export class CrmModule {}
