import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { MoneyDto } from '../../common/money.js';

export class CreateExpenseDto extends MoneyDto {
  @IsString()
  @IsNotEmpty()
  @MaxLength(100)
  category!: string;
}
