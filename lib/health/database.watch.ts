import { formatDuration } from '../common/duration-text.js';
import { inOwnContext } from '../common/own-context.js';
import { within } from '../common/within.js';
import { MigrationsMissingError } from '../entities/schema-check.errors.js';
import type { DatabasePing } from './database.ping.js';
import { failureCode } from './failure-code.js';

/** The result of the last check of the database. */
export interface DatabaseReading {
  /** Milliseconds until it responded; null before the first check, or if it didn't respond. */
  answeredInMs: number | null;
  /** Why it didn't respond; null before the first check, or if it responded. */
  failure: string | null;
  /** What the schema lacks, as last checked; null if it was never checked. */
  missing: readonly string[] | null;
}

/**
 * Checks the database on request, and remembers the result. Simultaneous calls share one check, so a database that
 * hangs holds up one connection only.
 */
export class DatabaseWatch {
  private reading: DatabaseReading = { answeredInMs: null, failure: null, missing: null };
  private looking: Promise<void> | undefined;

  /** @param schema checks the tables; null if the host doesn't want them checked */
  constructor(
    private readonly database: DatabasePing,
    private readonly schema: { run(): Promise<void> } | null,
  ) {}

  /** The last result. */
  get last(): DatabaseReading {
    return this.reading;
  }

  /** Checks the database now, and waits at most `timeoutMs` for it. Never rejects. */
  async look(timeoutMs: number): Promise<DatabaseReading> {
    this.looking ??= inOwnContext(() => this.ask()).finally(() => (this.looking = undefined));
    if ((await within(this.looking, timeoutMs)) === 'timeout')
      this.noAnswer(`no answer or no free pool connection within ${formatDuration(timeoutMs)}`);
    return this.reading;
  }

  private async ask(): Promise<void> {
    const begin = performance.now();
    try {
      await this.database.ping();
      const answeredInMs = Math.round(performance.now() - begin);
      this.reading = { answeredInMs, failure: null, missing: await this.missing() };
    } catch (error) {
      this.noAnswer(failureCode(error));
    }
  }

  private async missing(): Promise<readonly string[] | null> {
    try {
      await this.schema?.run();
      return this.schema && [];
    } catch (error) {
      if (error instanceof MigrationsMissingError) return error.missing;
      throw error;
    }
  }

  private noAnswer(failure: string): void {
    this.reading = { ...this.reading, answeredInMs: null, failure };
  }
}
