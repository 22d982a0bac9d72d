import { Column, Entity } from 'typeorm';
import { TenantEntity } from '../../common/tenant-entity.js';

/** Who wrote a message. */
export const MESSAGE_AUTHORS = ['client', 'operator'] as const;
export type MessageAuthor = (typeof MESSAGE_AUTHORS)[number];

@Entity('messages')
export class Message extends TenantEntity {
  @Column('uuid', { name: 'chat_id' })
  chatId!: string;

  @Column('text')
  author!: MessageAuthor;

  @Column('text')
  content!: string;
}
