import { CronScheduleReader } from '../../schedules/cron-schedule.reader.js';
import { cronTimes } from '../../schedules/cron-times.js';
import { ScriptIssues } from '../../scripts/script-issues.js';
import { CommandError } from '../cli.errors.js';
import { EXIT } from '../exit-codes.js';
import type { Terminal } from '../terminal.js';

/** Options of `times`. */
export interface TimesOptions {
  timezone: string;
  count: number;
}

/** Accepts the shortest interval that an application can allow; an application may require a longer one. */
const reader = new CronScheduleReader({ most: 1, minIntervalMs: 1_000, payloadBytes: 0 });

/** `times`: prints the next times of a schedule. @throws CommandError for an invalid schedule */
export function timesCommand(cron: string, { timezone, count }: TimesOptions, terminal: Terminal): number {
  const issues = new ScriptIssues();
  const [schedule] = reader.read([{ cron, timezone }], issues) ?? [];
  const [problem] = issues.found;
  if (!schedule) throw new CommandError(problem?.message ?? 'No schedule was given.');
  const local = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    dateStyle: 'full',
    timeStyle: 'long',
  });
  const times = cronTimes(schedule.cron, timezone);
  let at = times.after(Date.now());
  for (let shown = 0; at !== null && shown < count; shown += 1) {
    terminal.out(`${new Date(at).toISOString()}  ${local.format(at)}`);
    at = times.after(at);
  }
  return EXIT.completed;
}
