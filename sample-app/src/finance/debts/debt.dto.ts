import { IsIn } from 'class-validator';
import { MoneyDto } from '../../common/money.js';
import { DEBT_TYPES, type DebtType } from './debt.entity.js';

export class CreateDebtDto extends MoneyDto {
  @IsIn(DEBT_TYPES)
  type!: DebtType;
}
