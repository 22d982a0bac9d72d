import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { found, NEWEST } from '../../common/found.js';
import { ClientService } from '../clients/client.service.js';
import type { AddMessageDto } from './chat.dto.js';
import { Chat } from './chat.entity.js';
import { Message, type MessageAuthor } from './message.entity.js';

const EVENT_OF: Record<MessageAuthor, string> = {
  client: 'chat.message_received',
  operator: 'chat.message_sent',
};

/** Conversations with clients. Emits `chat.message_received` and `chat.message_sent`. */
@Injectable()
export class ChatService {
  constructor(
    @InjectRepository(Chat) private readonly chats: Repository<Chat>,
    @InjectRepository(Message) private readonly messages: Repository<Message>,
    private readonly clients: ClientService,
    private readonly emitter: EventEmitter2,
  ) {}

  async open(tenantId: string, clientId: string): Promise<Chat> {
    await this.clients.get(tenantId, clientId);
    return this.chats.save(this.chats.create({ tenantId, clientId }));
  }

  async listMessages(tenantId: string, chatId: string): Promise<Message[]> {
    await this.get(tenantId, chatId);
    return this.messages.find({ where: { tenantId, chatId }, ...NEWEST });
  }

  async addMessage(tenantId: string, chatId: string, body: AddMessageDto): Promise<Message> {
    await this.get(tenantId, chatId);
    const message = await this.messages.save(this.messages.create({ tenantId, chatId, ...body }));
    const { id: messageId, content } = message;
    this.emitter.emit(EVENT_OF[body.author], { tenantId, chatId, messageId, content });
    return message;
  }

  private async get(tenantId: string, id: string): Promise<Chat> {
    return found(await this.chats.findOneBy({ tenantId, id }), 'chat', id);
  }
}
