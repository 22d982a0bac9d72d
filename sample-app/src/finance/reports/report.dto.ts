import { Matches } from 'class-validator';

export class RequestReportDto {
  @Matches(/^\d{4}-(0[1-9]|1[0-2])$/, { message: 'month must be written as 2026-01' })
  month!: string;
}
