import { IsIn, IsOptional, IsString, IsUUID } from 'class-validator';
import {
  EXECUTION_STATUSES,
  EXECUTION_TRIGGERS,
  type ExecutionStatus,
  type ExecutionTrigger,
} from 'nestjs-scripts-event';
import { PageDto } from './page.dto.js';

export class ListExecutionsDto extends PageDto {
  @IsOptional()
  @IsUUID()
  scriptId?: string;

  @IsOptional()
  @IsString()
  eventId?: string;

  @IsOptional()
  @IsString()
  eventType?: string;

  @IsOptional()
  @IsIn(EXECUTION_STATUSES)
  status?: ExecutionStatus;

  @IsOptional()
  @IsIn(EXECUTION_TRIGGERS)
  trigger?: ExecutionTrigger;

  @IsOptional()
  @IsUUID()
  deadLetterId?: string;
}
