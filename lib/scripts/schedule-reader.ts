import type { ScriptSchedule } from '../entities/index.js';
import type { ScriptIssues } from './script-issues.js';

/** Port to the rules for schedules: expressions, time zones and intervals. Scripts don't know them. */
export abstract class ScheduleReader {
  /**
   * Returns the schedules as they are stored. Returns undefined if there are problems, which it adds to `issues`, each
   * with its field and what to write.
   */
  abstract read(value: unknown, issues: ScriptIssues): ScriptSchedule[] | null | undefined;
}
