import { Column, Entity } from 'typeorm';
import { AmountColumn } from '../../common/money.js';
import { TenantEntity } from '../../common/tenant-entity.js';

/** `receivable`: somebody owes the tenant. `payable`: the tenant owes somebody. */
export const DEBT_TYPES = ['receivable', 'payable'] as const;
export type DebtType = (typeof DEBT_TYPES)[number];

@Entity('debts')
export class Debt extends TenantEntity {
  @AmountColumn()
  amount!: number;

  @Column('text')
  currency!: string;

  @Column('text')
  type!: DebtType;
}
