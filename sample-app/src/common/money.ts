import { IsISO4217CurrencyCode, IsNumber, IsPositive, Max } from 'class-validator';
import { Column } from 'typeorm';

/** Twelve digits before the decimal point. A JavaScript number holds them exactly with two decimals. */
const MAX_AMOUNT = 999_999_999_999;

/** Body fields of an amount of money, in whole units of the currency: 12.5 with EUR is 12 euros and 50 cents. */
export class MoneyDto {
  @IsNumber({ maxDecimalPlaces: 2 })
  @IsPositive()
  @Max(MAX_AMOUNT)
  amount!: number;

  @IsISO4217CurrencyCode()
  currency!: string;
}

/** A column for such an amount. PostgreSQL keeps it exactly; the driver hands it over as text. */
export const AmountColumn = (): PropertyDecorator =>
  Column('numeric', {
    precision: 14,
    scale: 2,
    transformer: { to: (amount: number) => amount, from: (text: string) => Number(text) },
  });
