import type { ScriptSchedule } from '../entities/index.js';
import type { ScriptIssues } from './script-issues.js';

/** Port: checks schedules by rules that this folder doesn't know: expressions, time zones and intervals. */
export abstract class ScheduleReader {
  /**
   * Returns the schedules as they are stored. Returns undefined if there are problems, which it adds to `issues`, each
   * with its field and what to write.
   */
  abstract read(value: unknown, issues: ScriptIssues): ScriptSchedule[] | null | undefined;
}
