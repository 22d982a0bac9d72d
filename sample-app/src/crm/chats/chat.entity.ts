import { Column, Entity } from 'typeorm';
import { TenantEntity } from '../../common/tenant-entity.js';

@Entity('chats')
export class Chat extends TenantEntity {
  @Column('uuid', { name: 'client_id' })
  clientId!: string;
}
