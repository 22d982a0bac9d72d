import { IsIn, IsOptional, IsString } from 'class-validator';
import { SCRIPT_STATUSES, type ScriptStatus } from 'nestjs-scripts-event';
import { PageDto } from './page.dto.js';

export class ListScriptsDto extends PageDto {
  @IsOptional()
  @IsIn(SCRIPT_STATUSES)
  status?: ScriptStatus;

  @IsOptional()
  @IsString()
  eventType?: string;
}
