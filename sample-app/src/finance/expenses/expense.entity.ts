import { Column, Entity } from 'typeorm';
import { AmountColumn } from '../../common/money.js';
import { TenantEntity } from '../../common/tenant-entity.js';

@Entity('expenses')
export class Expense extends TenantEntity {
  @AmountColumn()
  amount!: number;

  @Column('text')
  currency!: string;

  @Column('text')
  category!: string;
}
