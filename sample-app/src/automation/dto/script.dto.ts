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
 * The outer form of a script. What is inside (event types, schedules, filter, source, limits, bindings) is checked by `ScriptService`, which
 * names every problem with its place.
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

  /** Bindings it may call, `crm.findClient`. Default none. */
  @IsOptional()
  @IsArray()
  bindings?: string[];

  /** Secrets it may use. Default none. */
  @IsOptional()
  @IsArray()
  secrets?: string[];

  @IsString()
  source!: string;

  @IsOptional()
  @IsIn(SCRIPT_LANGUAGES)
  language?: ScriptLanguage;

  /** True to let it run at once; otherwise it begins as a draft. */
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

  /** The version that was edited: a source saved by somebody else in between is not overwritten. */
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
  /** What becomes of the events that came or failed meanwhile. */
  @IsOptional()
  @IsIn(['held', 'failed', 'none'])
  replay?: ResumeOptions['replay'];
}
