import { IsIn, IsObject, IsOptional, IsString } from 'class-validator';
import { SCRIPT_LANGUAGES, type JsonObject, type ScriptLanguage, type TestEvent } from 'nestjs-scripts-event';

/** An event to test a script with. `ScriptService` checks what the fields contain, as for a script that is saved. */
export class TestRunDto {
  /** `{ type, input }`, `{ deadLetterId }` or `{ executionId }`. */
  @IsObject()
  event!: TestEvent;

  /** A source that isn't saved. Default: the script's own. */
  @IsOptional()
  @IsString()
  source?: string;

  @IsOptional()
  @IsIn(SCRIPT_LANGUAGES)
  language?: ScriptLanguage;

  @IsOptional()
  @IsObject()
  filters?: JsonObject;
}
