import type { Clock } from './clock.js';

/** What is needed of a logger: `PrintableLogger` fits. */
export interface WarningLog {
  warn(message: string): void;
}

/**
 * Says the same thing at most once a minute, so that a problem that comes with each event does not fill the log.
 * The next line tells how many were left out. Keys have to be few: each is remembered.
 */
export class ThrottledLog {
  private readonly last = new Map<string, { at: number; omitted: number }>();

  constructor(
    private readonly log: WarningLog,
    private readonly clock: Clock,
    private readonly everyMs = 60_000,
  ) {}

  warn(key: string, message: string): void {
    const now = this.clock.now();
    const before = this.last.get(key);
    if (before && now - before.at < this.everyMs) {
      before.omitted += 1;
      return;
    }
    const omitted = before?.omitted ?? 0;
    this.last.set(key, { at: now, omitted: 0 });
    this.log.warn(omitted === 0 ? message : `${message} (${omitted} more like this since the last line)`);
  }
}
