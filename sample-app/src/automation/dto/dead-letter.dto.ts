import { IsBoolean, IsIn, IsInt, IsOptional, IsString, IsUUID, Max, Min } from 'class-validator';
import { DEAD_LETTER_STATUSES, type DeadLetterStatus } from 'nestjs-scripts-event';
import { PageDto } from './page.dto.js';

export class ListDeadLettersDto extends PageDto {
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
  @IsIn(DEAD_LETTER_STATUSES)
  status?: DeadLetterStatus;
}

/** Which dead letters to replay. Without a script, those of every script. */
export class ReplayManyDto {
  @IsOptional()
  @IsUUID()
  scriptId?: string;

  @IsOptional()
  @IsIn(['pending', 'exhausted', 'discarded'] satisfies DeadLetterStatus[])
  status?: DeadLetterStatus;

  /** If true, counts the dead letters and replays none. */
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000)
  limit?: number;
}

export class DiscardDto {
  /** Why nobody needs the dead letter any more. */
  @IsString()
  note!: string;
}
