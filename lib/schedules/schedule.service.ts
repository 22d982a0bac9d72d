import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { checkTenant } from '../options/query-checks.js';
import { ScheduleReader } from '../scripts/schedule-reader.js';
import { refuseIssues, ScriptIssues } from '../scripts/script-issues.js';
import { ScriptService } from '../scripts/script.service.js';
import type { ScheduleFields } from '../scripts/script.types.js';
import { cronTimes } from './cron-times.js';
import { ScheduleRepository } from './schedule.repository.js';
import type { ScheduleState, ScheduleDraft } from './schedule.types.js';

/** How many next times are shown. */
const SHOWN = 5;

/**
 * Shows the schedules of scripts and their next times. To change schedules, save the script with {@link ScriptService}.
 *
 * @publicApi
 */
@Injectable()
export class ScheduleService {
  /** @internal */
  constructor(
    private readonly scripts: ScriptService,
    private readonly repository: ScheduleRepository,
    private readonly reader: ScheduleReader,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * The schedules of a script, in its order, with their next five times and the last one.
   *
   * @throws {ScriptNotFoundError} @throws {InvalidQueryError} without a tenant
   */
  async list(tenantId: string, scriptId: string): Promise<ScheduleState[]> {
    checkTenant(tenantId);
    const script = await this.scripts.get(tenantId, scriptId);
    if (!script.schedules) return [];
    const stored = await this.repository.states(tenantId, scriptId);
    return script.schedules.map((schedule) => {
      const { cron, timezone } = schedule;
      const state = stored.find((row) => row.cron === cron && row.timezone === timezone);
      const { nextAt = null, fromAt = this.clock.now(), standing = true } = state ?? {};
      const nextTimes = standing ? [] : upcoming(schedule, nextAt === null ? fromAt : nextAt - 1);
      return {
        ...schedule,
        nextTimes,
        lastTime: state?.lastTime ?? null,
        openEventId: state?.openEventId ?? null,
      };
    });
  }

  /**
   * The next five times of schedules, saved or not, from now on.
   *
   * @throws {ScriptValidationError} with every problem, as saving them would
   */
  preview(schedules: readonly ScheduleFields[]): ScheduleDraft[] {
    const issues = new ScriptIssues();
    const read = this.reader.read(schedules, issues);
    refuseIssues(issues);
    const now = this.clock.now();
    return (read ?? []).map((schedule) => ({ ...schedule, nextTimes: upcoming(schedule, now) }));
  }
}

function upcoming({ cron, timezone }: { cron: string; timezone: string }, from: number): Date[] {
  const times = cronTimes(cron, timezone);
  const next: Date[] = [];
  for (let at = times.after(from); at !== null && next.length < SHOWN; at = times.after(at))
    next.push(new Date(at));
  return next;
}
