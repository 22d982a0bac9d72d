import type { ScriptSchedule } from '../entities/index.js';
import type { ScriptIssues } from './script.fields.js';

/** Port: reads the schedules that a script is given. Which expressions, time zones and intervals there are is not known here. */
export abstract class ScheduleReader {
  /** What is stored, or undefined after every problem has been added, with its field and what to write. */
  abstract read(value: unknown, issues: ScriptIssues): ScriptSchedule[] | null | undefined;
}
