import { IsIn } from 'class-validator';
import { MoneyDto } from '../../common/money.js';
import { TRANSACTION_STATUSES, type TransactionStatus } from './transaction.entity.js';

export class CreateTransactionDto extends MoneyDto {
  @IsIn(TRANSACTION_STATUSES)
  status!: TransactionStatus;
}
