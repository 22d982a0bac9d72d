import { IsArray, IsBoolean, IsIn, IsInt, IsObject, IsOptional, IsString } from 'class-validator';
import {
  SCRIPT_LANGUAGES,
  type JsonObject,
  type ResumeOptions,
  type ScheduleFields,
  type ScriptLanguage,
  type ScriptLimits,
} from 'nestjs-scripts-event';

/**
 * Checks only the types of a script's fields. `ScriptService` checks what they contain (event types, schedules, filter,
 * source, limits, bindings) and names every problem with its place.
 */
export class CreateScriptDto {
  @IsString()
  name!: string;

  @IsOptional()
  @IsString()
  description?: string;

  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  eventTypes?: string[];

  @IsOptional()
  @IsArray()
  schedules?: ScheduleFields[];

  @IsOptional()
  @IsObject()
  filters?: JsonObject;

  @IsOptional()
  @IsObject()
  limits?: ScriptLimits;

  /** Bindings that the script may call, such as `crm.findClient`. Default: none. */
  @IsOptional()
  @IsArray()
  bindings?: string[];

  /** Secrets that the script may use. Default: none. */
  @IsOptional()
  @IsArray()
  secrets?: string[];

  @IsString()
  source!: string;

  @IsOptional()
  @IsIn(SCRIPT_LANGUAGES)
  language?: ScriptLanguage;

  /** If true, the script is active from the start. Otherwise it is a draft. */
  @IsOptional()
  @IsBoolean()
  active?: boolean;
}

export class UpdateSourceDto {
  @IsString()
  source!: string;

  @IsOptional()
  @IsIn(SCRIPT_LANGUAGES)
  language?: ScriptLanguage;

  /** The version that the person has edited. The request is refused if somebody else has saved another one since. */
  @IsOptional()
  @IsInt()
  baseVersion?: number;
}

export class PauseScriptDto {
  @IsOptional()
  @IsString()
  reason?: string;
}

export class ResumeScriptDto {
  /** What to do with the events that were held, or failed, while the script was degraded or disabled. */
  @IsOptional()
  @IsIn(['held', 'failed', 'none'])
  replay?: ResumeOptions['replay'];
}
