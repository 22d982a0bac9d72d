import { Column, Entity } from 'typeorm';
import { AmountColumn } from '../../common/money.js';
import { TenantEntity } from '../../common/tenant-entity.js';

/** How the bank answered. */
export const TRANSACTION_STATUSES = ['succeeded', 'failed'] as const;
export type TransactionStatus = (typeof TRANSACTION_STATUSES)[number];

@Entity('transactions')
export class Transaction extends TenantEntity {
  /** The payment that the transaction settles, if any. */
  @Column('uuid', { name: 'payment_id', nullable: true })
  paymentId!: string | null;

  @AmountColumn()
  amount!: number;

  @Column('text')
  currency!: string;

  @Column('text')
  status!: TransactionStatus;
}
