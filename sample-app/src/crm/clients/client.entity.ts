import { Column, Entity } from 'typeorm';
import { TenantEntity } from '../../common/tenant-entity.js';

@Entity('clients')
export class Client extends TenantEntity {
  @Column('text')
  name!: string;

  @Column('text')
  email!: string;

  /** Set when a script of the tenant says so: see `vip-client.listener.ts`. */
  @Column('boolean', { default: false })
  vip!: boolean;
}
