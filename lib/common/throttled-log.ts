import type { Clock } from './clock.js';
import { extended, type Line } from './log-line.js';
import { inOwnContext } from './own-context.js';

/** The methods of a logger that are used. `PrintableLogger` has them. */
export interface WarningLog {
  warn(line: Line): void;
  /** Used by {@link ThrottledLog.error}; without it, errors are logged as warnings. */
  error?(line: Line): void;
}

type Level = 'warn' | 'error';

interface Told {
  at: number;
  /** How many messages were left out and not reported yet. */
  omitted: number;
  /** The last of these messages. */
  message: Line;
  level: Level;
}

/**
 * Logs the same message at most once a minute, so that a problem that comes with each event doesn't fill the log. The
 * next line reports how many were left out; if none follows, the last one is logged with that number when the minute
 * ends. Call {@link tell} at the end. Remembers only the keys of the last two minutes.
 */
export class ThrottledLog {
  private readonly last = new Map<string, Told>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly log: WarningLog,
    private readonly clock: Clock,
    private readonly everyMs = 60_000,
  ) {}

  warn(key: string, message: Line): void {
    this.add('warn', key, message);
  }

  error(key: string, message: Line): void {
    this.add('error', key, message);
  }

  private add(level: Level, key: string, message: Line): void {
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
    this.say(
      level,
      omitted === 0 ? message : extended(message, ` (${omitted} more since the previous line)`),
    );
  }

  /** Logs what was left out and not reported yet. */
  tell(): void {
    const now = this.clock.now();
    for (const [key, told] of this.last) {
      const { omitted, message, level } = told;
      // A message that keeps coming gets one line a minute.
      if (omitted > 0) Object.assign(told, { at: now, omitted: 0 });
      else this.last.delete(key);
      if (omitted > 0)
        this.say(level, extended(message, ` (the last of ${omitted} since the previous line)`));
    }
    if (this.last.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private say(level: Level, message: Line): void {
    if (level === 'error' && this.log.error) this.log.error(message);
    else this.log.warn(message);
  }
}
