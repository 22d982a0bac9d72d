import { IsIn, IsObject, IsOptional, IsString } from 'class-validator';
import { SCRIPT_LANGUAGES, type JsonObject, type ScriptLanguage, type TestEvent } from 'nestjs-scripts-event';

/** What to try a script with. What is inside is checked by `ScriptService`, as for a script that is saved. */
export class TestRunDto {
  /** `{ type, input }`, `{ deadLetterId }` or `{ executionId }`. */
  @IsObject()
  event!: TestEvent;

  /** Text that is not saved; default the script's own. */
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
