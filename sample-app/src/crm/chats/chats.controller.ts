import { Body, Get, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { TenantController, TenantId } from '../../tenancy/tenant.decorators.js';
import { AddMessageDto, CreateChatDto } from './chat.dto.js';
import type { Chat } from './chat.entity.js';
import { ChatService } from './chat.service.js';
import type { Message } from './message.entity.js';

@TenantController('chats')
export class ChatsController {
  constructor(private readonly chats: ChatService) {}

  @Post()
  open(@TenantId() tenantId: string, @Body() body: CreateChatDto): Promise<Chat> {
    return this.chats.open(tenantId, body.clientId);
  }

  @Get(':id/messages')
  list(@TenantId() tenantId: string, @Param('id', ParseUUIDPipe) id: string): Promise<Message[]> {
    return this.chats.listMessages(tenantId, id);
  }

  @Post(':id/messages')
  add(
    @TenantId() tenantId: string,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: AddMessageDto,
  ): Promise<Message> {
    return this.chats.addMessage(tenantId, id, body);
  }
}
