import { Cron, type CronOptions, CronPattern } from 'croner';
import { LRUCache } from 'lru-cache';

/** How many pairs of an expression and a time zone are kept in memory. */
const REMEMBERED = 10_000;

/**
 * Five fields, or six with seconds first. An expression that names its times, also by a list or range, means times of
 * day: each comes once a day, even if daylight saving skips or repeats it.
 */
const RULES = { mode: '5-or-6-parts', fixedTimeRule: 'no-wildcard' } as const satisfies CronOptions;

/**
 * Croner searches until the year 3000, which takes 100 ms from today. The forty years before it contain every date on
 * every day of the week.
 */
const LATE = new Date(Date.UTC(2960, 0, 1));

/**
 * The times of one cron expression in one time zone, in milliseconds since the epoch and whole seconds. On the days
 * on which daylight saving begins or ends, croner decides:
 *
 * - A skipped time of day comes at the first moment after the gap. A repeated time of day comes only the first time.
 * - An expression with `*` or a step in its hours, minutes or seconds follows elapsed time: it skips the gap and covers
 *   both repeated hours.
 */
export class CronTimes {
  private readonly cron: Cron;
  /** No time of the expression lies between these two moments. */
  private quietFrom = Number.NaN;
  private quietUntil: number | null = null;

  /** @throws for an invalid expression or time zone */
  constructor(expression: string, timezone: string) {
    // With UTC as an offset, croner takes a fifth of the time.
    const zone = timezone === 'UTC' ? { utcOffset: 0 } : { timezone };
    this.cron = new Cron(expression, { ...RULES, ...zone });
  }

  /** Whether it has any times: `0 0 30 2 *` has none, because February has no 30th day. */
  get comes(): boolean {
    return this.cron.nextRun(LATE) !== null;
  }

  /** The first time after `moment`; null if there is none. */
  after(moment: number): number | null {
    const { quietFrom, quietUntil } = this;
    if (moment >= quietFrom && (quietUntil === null || moment < quietUntil)) return quietUntil;
    const next = this.cron.nextRun(new Date(moment))?.getTime() ?? null;
    this.quietFrom = moment;
    this.quietUntil = next;
    return next;
  }

  /**
   * The last time up to `until`. The number of steps grows with the logarithm of the time between, not with the
   * number of times.
   *
   * @param first one of the times, not after `until`
   */
  latest(first: number, until: number): number {
    let low = first;
    let high = until;
    for (;;) {
      const next = this.after(low);
      if (next === null || next > until) return low;
      const middle = next + Math.floor((high - next) / 2);
      const beyond = this.after(middle);
      if (beyond !== null && beyond <= until) low = beyond;
      else [low, high] = [next, middle];
    }
  }

  /**
   * The number of times from `first`, which is one of them, up to but not including `end`. Stops counting at `most`.
   */
  count(first: number, end: number, most: number): number {
    let counted = 0;
    for (let at: number | null = first; at !== null && at < end && counted < most; at = this.after(at))
      counted += 1;
    return counted;
  }
}

const times = new LRUCache<string, CronTimes>({ max: REMEMBERED });

/** The times of an expression, shared by all schedules with this expression. @throws as {@link CronTimes} */
export function cronTimes(expression: string, timezone: string): CronTimes {
  const key = `${timezone} ${expression}`;
  const known = times.get(key) ?? new CronTimes(expression, timezone);
  times.set(key, known);
  return known;
}

/**
 * The shortest interval in milliseconds between two times of a day, or between the last of a day and the first of the
 * next. It follows from the fields of the expression alone.
 * @throws for an invalid expression, in words that name the field
 */
export function shortestInterval(expression: string): number {
  const { hour, minute, second } = new CronPattern(expression, undefined, RULES);
  let first: number | undefined;
  let last = Number.NaN;
  let shortest = DAY_S;
  for (const at of secondsOf(hour, minute, second)) {
    if (first === undefined) first = at;
    else shortest = Math.min(shortest, at - last);
    last = at;
    if (shortest === 1) break;
  }
  return Math.min(shortest, DAY_S - last + (first ?? 0)) * 1_000;
}

const DAY_S = 86_400;

/** The seconds of a day at which the expression has a time. */
function* secondsOf(hours: number[], minutes: number[], seconds: number[]): Generator<number> {
  for (const [hour, isHour] of hours.entries()) {
    if (!isHour) continue;
    for (const [minute, isMinute] of minutes.entries()) {
      if (!isMinute) continue;
      for (const [second, isSecond] of seconds.entries())
        if (isSecond) yield hour * 3_600 + minute * 60 + second;
    }
  }
}
