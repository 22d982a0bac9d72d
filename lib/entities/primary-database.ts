import type { DataSource, QueryRunner } from 'typeorm';
import { withoutValues } from '../common/database-error.js';
import { isCollision, MOST_COLLISIONS, sqlStateOf } from '../common/database-failure.js';
import { ChangeTooSlowError } from '../common/change-too-slow.error.js';
import { QueryTooSlowError } from '../common/query-too-slow.error.js';
import { OWN_TYPES, type SqlTypes } from '../common/sql-types.js';

/**
 * Time limit of a look, in milliseconds: longer than any look needs on a table with a million rows, and shorter than a
 * proxy waits.
 */
const LOOK_MS = 5_000;
const QUERY_CANCELED = '57014';

const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED';
/**
 * Sent as one message, so it can't have parameters. `jit` is off because compiling a look takes longer than running it.
 */
const BEGIN_LOOK = `${BEGIN} READ ONLY; SET LOCAL statement_timeout = ${LOOK_MS}; SET LOCAL jit = off`;
/**
 * In the order of an index, only the first rows are read. With a bitmap scan, the planner would collect and sort all
 * matching rows.
 */
const BEGIN_LOOK_IN_ORDER = `${BEGIN_LOOK}; SET LOCAL enable_bitmapscan = off`;
/** Milliseconds a change of many rows may take, waiting for others' locks included. */
const CHANGE_MS = 10_000;
const BEGIN_CHANGE = `${BEGIN}; SET LOCAL statement_timeout = ${CHANGE_MS}`;

/** Sends statements and returns their rows. */
export interface Statements {
  query<Row = unknown>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** The part of a `pg` client that is used. */
interface Client {
  query(config: { text: string; values: unknown[]; types: SqlTypes }): Promise<{ rows: unknown[] }>;
}

/**
 * Sends this package's statements to the host's database. Nothing else does.
 *
 * - They go to the primary: with TypeORM's `replication`, a lagging replica could undo what was just saved.
 * - Their results are read by our own parsers, {@link OWN_TYPES}, not by the host's.
 * - They run under READ COMMITTED, or are sent again if the host's default is stricter and they collide.
 * - Their errors quote no values of a statement: {@link withoutValues}.
 * - They bypass the host's subscribers and its transactions in the async context. Its logger sees them.
 */
export class PrimaryDatabase implements Statements {
  constructor(private readonly dataSource: DataSource) {}

  query<Row = unknown>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return againAfterCollisions(() => this.withRunner((runner) => this.send<Row>(runner, sql, parameters)));
  }

  /**
   * Reads what a person looks at: a list, a count, statistics. A query that matches too many rows is stopped, so that
   * it doesn't keep the database busy after the person has given up.
   *
   * @throws QueryTooSlowError after 5 seconds
   */
  look<Row = unknown>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.lookAfter<Row>(BEGIN_LOOK, sql, parameters);
  }

  /** The same for the first rows in the order of an index that covers all equality conditions. */
  lookInOrder<Row = unknown>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.lookAfter<Row>(BEGIN_LOOK_IN_ORDER, sql, parameters);
  }

  /**
   * Changes many rows for somebody who waits for it: all of them, or none.
   *
   * @throws ChangeTooSlowError after 10 seconds; nothing has changed
   */
  change<Row = unknown>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.changeTogether((statements) => statements.query<Row>(sql, parameters));
  }

  /** The same by several statements. */
  async changeTogether<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    try {
      return await againAfterCollisions(() => this.within(BEGIN_CHANGE, work));
    } catch (error) {
      throw sqlStateOf(error) === QUERY_CANCELED ? new ChangeTooSlowError(CHANGE_MS, error) : error;
    }
  }

  /** Runs `work` in a transaction, which is rolled back if it rejects. */
  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.within(BEGIN, work);
  }

  /** The same, in which no statement takes longer than 10 seconds, waiting for others' locks included. */
  boundedTransaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.within(BEGIN_CHANGE, work);
  }

  private async lookAfter<Row>(begin: string, sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    try {
      return await this.within(begin, (statements) => statements.query<Row>(sql, parameters));
    } catch (error) {
      throw sqlStateOf(error) === QUERY_CANCELED ? new QueryTooSlowError(LOOK_MS, error) : error;
    }
  }

  private within<T>(begin: string, work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.withRunner(async (runner) => {
      const statements: Statements = {
        query: (sql, parameters = []) => this.send(runner, sql, parameters),
      };
      await statements.query(begin);
      try {
        const result = await work(statements);
        await statements.query('COMMIT');
        return result;
      } catch (error) {
        await statements.query('ROLLBACK').catch((reason: unknown) => discard(runner, reason));
        throw error;
      }
    });
  }

  private async withRunner<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner('master');
    try {
      return await work(runner);
    } finally {
      await runner.release();
    }
  }

  private async send<Row>(runner: QueryRunner, text: string, parameters: readonly unknown[]): Promise<Row[]> {
    const values = parameters.map((value) => (value instanceof Date ? value.toISOString() : value));
    const { logger, options } = this.dataSource;
    const client = (await runner.connect()) as Client;
    logger.logQuery(text, values, runner);
    const begin = performance.now();
    try {
      const { rows } = await client.query({ text, values, types: OWN_TYPES });
      const took = Math.round(performance.now() - begin);
      const { maxQueryExecutionTime: longest } = options;
      if (longest && took > longest) logger.logQuerySlow(took, text, values, runner);
      return rows as Row[];
    } catch (error) {
      logger.logQueryError(error as Error, text, values, runner);
      throw withoutValues(error);
    }
  }
}

async function againAfterCollisions<T>(work: () => Promise<T>): Promise<T> {
  for (let collisions = 0; ; collisions++) {
    try {
      return await work();
    } catch (error) {
      if (collisions === MOST_COLLISIONS || !isCollision(error)) throw error;
    }
  }
}

/** A connection that can't end its transaction must not return to the host's pool. */
async function discard(runner: QueryRunner, reason: unknown): Promise<void> {
  const { releasePostgresConnection } = runner as { releasePostgresConnection?: (error: unknown) => unknown };
  await releasePostgresConnection?.call(runner, reason);
}
