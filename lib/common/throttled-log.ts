import type { Clock } from './clock.js';
import { inOwnContext } from './own-context.js';

/** What is needed of a logger: `PrintableLogger` fits. */
export interface WarningLog {
  warn(message: string): void;
  /** For {@link ThrottledLog.error}; a log without it gets warnings. */
  error?(message: string): void;
}

type Level = 'warn' | 'error';

interface Told {
  at: number;
  /** Left out since, and not told. */
  omitted: number;
  /** The last of them. */
  message: string;
  level: Level;
}

/**
 * Says the same thing at most once a minute, so that a problem that comes with each event does not fill the log. How many
 * were left out is told with the next line, or with the last of them when the minute ends and none came; call {@link tell}
 * at the end. Remembers only the keys of the last two minutes.
 */
export class ThrottledLog {
  private readonly last = new Map<string, Told>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly log: WarningLog,
    private readonly clock: Clock,
    private readonly everyMs = 60_000,
  ) {}

  warn(key: string, message: string): void {
    this.add('warn', key, message);
  }

  error(key: string, message: string): void {
    this.add('error', key, message);
  }

  private add(level: Level, key: string, message: string): void {
    const now = this.clock.now();
    const before = this.last.get(key);
    this.timer ??= inOwnContext(() => setInterval(() => this.tell(), this.everyMs).unref());
    if (before && now - before.at < this.everyMs) {
      before.omitted += 1;
      before.message = message;
      return;
    }
    const omitted = before?.omitted ?? 0;
    this.last.set(key, { at: now, omitted: 0, message, level });
    this.say(level, omitted === 0 ? message : `${message} (${omitted} more since the previous line)`);
  }

  /** Tells what was left out and has not been told. */
  tell(): void {
    const now = this.clock.now();
    for (const [key, told] of this.last) {
      const { omitted, message, level } = told;
      // A message that keeps coming gets one line a minute.
      if (omitted > 0) Object.assign(told, { at: now, omitted: 0 });
      else this.last.delete(key);
      if (omitted > 0) this.say(level, `${message} (the last of ${omitted} since the previous line)`);
    }
    if (this.last.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private say(level: Level, message: string): void {
    if (level === 'error' && this.log.error) this.log.error(message);
    else this.log.warn(message);
  }
}
