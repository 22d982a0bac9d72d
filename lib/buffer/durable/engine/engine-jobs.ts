import type { DurableTables, Sql } from '../durable-database.js';
import { IS_REAL_TIME, PRIORITY, PRIORITY_AGAIN, quotedSchema } from './engine-sql.js';

/** How much is waiting in the database. */
export interface QueueDepth {
  /** Queued events that a worker could take now. */
  ready: number;
  /** Queued events whose turn in an order has not come yet. */
  ordered: number;
  /** Age of the next one, in milliseconds; 0 if none is waiting. */
  oldestMs: number;
}

/** Counting stops here, after some 170 ms (PostgreSQL 18, 2 cores). */
const MOST_COUNTED = 100_000;

/** Statements on the engine's own table, for which the engine has no functions. */
export class EngineJobs {
  private readonly jobs: string;

  /** @param queue the engine's schema */
  constructor(
    private readonly sql: Sql,
    private readonly tables: DurableTables,
    private readonly queue: string,
  ) {
    this.jobs = `${quotedSchema(queue)}._private_jobs`;
  }

  /**
   * Returns a job to the queue as it was. `begun` counts as a delivery. Does nothing to a job that this node has lost.
   */
  async handBack(id: string, nodeId: string, begun: boolean): Promise<void> {
    await this.sql.query(
      `UPDATE ${this.jobs} SET locked_by = NULL, locked_at = NULL, attempts = greatest(0, attempts - $3::integer)
        WHERE id = $1 AND locked_by = $2`,
      [id, nodeId, begun ? 0 : 1],
    );
  }

  /**
   * Frees jobs that are locked by a node that no longer exists, for example by a fetch that was in progress when its
   * node's lease ended. The engine itself would wait four hours. Reads the whole queue.
   */
  async freeOrphans(): Promise<void> {
    await this.sql.query(
      `UPDATE ${this.jobs} AS j SET locked_by = NULL, locked_at = NULL
        WHERE locked_by IS NOT NULL AND NOT EXISTS (SELECT FROM ${this.tables.nodes} AS n WHERE n.id = j.locked_by)`,
    );
  }

  /**
   * Brings failed jobs back within `maxDelayMs`, ahead of others. The engine's own delay grows to hours, and after it
   * these jobs would be behind all others.
   */
  async hastenFailed(maxDelayMs: number): Promise<void> {
    await this.sql.query(
      `UPDATE ${this.jobs}
        SET priority = ${PRIORITY_AGAIN}, run_at = least(run_at, now() + $1 * interval '1 millisecond')
        WHERE is_available AND ((priority = ${PRIORITY} AND ${IS_REAL_TIME})
          OR (priority = ${PRIORITY_AGAIN} AND run_at > now() + $1 * interval '1 millisecond'))`,
      [maxDelayMs],
    );
  }

  /** Whether there is any job: waiting, put aside or running. */
  async any(): Promise<boolean> {
    const { waiting, ordered } = this.tables;
    const [row] = await this.sql.query<{ any: boolean }>(
      `SELECT EXISTS (SELECT FROM ${this.jobs}) OR EXISTS (SELECT FROM ${waiting} WHERE queue = $1)
        OR EXISTS (SELECT FROM ${ordered} WHERE state <> 'blocked') AS any`,
      [this.queue],
    );
    return row?.any ?? false;
  }

  async depth(): Promise<QueueDepth> {
    const { jobs } = this;
    const [row] = await this.sql.query<QueueDepth>(
      `SELECT ${counted(`${jobs} WHERE is_available`)} AS ready,
        ${counted(`${this.tables.ordered} WHERE state = 'waiting'`)} AS ordered,
        coalesce((SELECT extract(epoch FROM now() - min(created_at)) * 1000 FROM (
          SELECT created_at FROM ${jobs} WHERE is_available ORDER BY priority, run_at LIMIT 100) AS next), 0)
          ::numeric AS "oldestMs"`,
    );
    return row ?? { ready: 0, ordered: 0, oldestMs: 0 };
  }
}

const counted = (from: string): string =>
  `(SELECT count(*)::integer FROM (SELECT FROM ${from} LIMIT ${MOST_COUNTED}) AS c)`;
