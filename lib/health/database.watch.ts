import { formatDuration } from '../common/duration.js';
import { inOwnContext } from '../common/own-context.js';
import { within } from '../common/within.js';
import { MigrationsMissingError } from '../entities/schema-check.errors.js';
import type { DatabasePing } from './database.ping.js';
import { failureCode } from './failure-code.js';

/** What the last look at the database saw. */
export interface DatabaseReading {
  /** Milliseconds until it answered; null when nobody has looked yet or it did not answer. */
  answeredInMs: number | null;
  /** Why it did not answer; null when it did, or nobody has looked yet. */
  failure: string | null;
  /** What of the schema is missing; null when nobody could look, or looks. */
  missing: readonly string[] | null;
}

/**
 * Looks at the database when it is asked to, and remembers what it saw. One look at a time: while the database hangs,
 * however many ask, one connection waits for it.
 */
export class DatabaseWatch {
  private reading: DatabaseReading = { answeredInMs: null, failure: null, missing: null };
  private looking: Promise<void> | undefined;

  /** @param schema what checks the tables; null when the host does not want them checked */
  constructor(
    private readonly database: DatabasePing,
    private readonly schema: { run(): Promise<void> } | null,
  ) {}

  /** What the last look saw. */
  get last(): DatabaseReading {
    return this.reading;
  }

  /** Looks now, for `timeoutMs` at most. Never rejects. */
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
