import { formatDuration } from '../common/duration.js';
import { inOwnContext } from '../common/own-context.js';
import { within } from '../common/within.js';
import { MigrationsMissingError } from '../entities/schema-check.errors.js';
import type { DatabasePing } from './database.ping.js';
import { failureCode } from './failure-code.js';

/** The result of the last look at the database. */
export interface DatabaseReading {
  /** Milliseconds until it responded; null if there was no look yet or it didn't respond. */
  answeredInMs: number | null;
  /** Why it didn't respond; null if it did, or if there was no look yet. */
  failure: string | null;
  /** What is missing in the schema; null if nobody could check, or checks. */
  missing: readonly string[] | null;
}

/**
 * Looks at the database when asked, and remembers the result. One look at a time: while the database hangs, one
 * connection waits for it, however many callers there are.
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

  /** Looks now, for at most `timeoutMs`. Never rejects. */
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
