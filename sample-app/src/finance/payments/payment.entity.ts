import { Column, Entity } from 'typeorm';
import { AmountColumn } from '../../common/money.js';
import { TenantEntity } from '../../common/tenant-entity.js';

@Entity('payments')
export class Payment extends TenantEntity {
  @AmountColumn()
  amount!: number;

  @Column('text')
  currency!: string;

  @Column('text', { default: 'pending' })
  status!: 'pending' | 'completed';
}
