import type { DurableTables, Sql } from '../durable-database.js';
import { IS_REAL_TIME, PRIORITY, PRIORITY_AGAIN, quotedSchema } from './engine-sql.js';

/** How much waits in the database. */
export interface QueueDepth {
  /** Queued events that a worker could take now. */
  ready: number;
  /** Queued events whose turn in an order has not come. */
  ordered: number;
  /** Age of the one that is next, in milliseconds; 0 when none waits. */
  oldestMs: number;
}

/** Counting stops here, after some 170 ms (PostgreSQL 18, 2 cores). */
const MOST_COUNTED = 100_000;

/** What has to be said to the engine's own table, where the engine has no function for it. */
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

  /** Puts a job back as it was. `begun` counts as a delivery. Does nothing to a job that this node has lost. */
  async handBack(id: string, nodeId: string, begun: boolean): Promise<void> {
    await this.sql.query(
      `UPDATE ${this.jobs} SET locked_by = NULL, locked_at = NULL, attempts = greatest(0, attempts - $3::integer)
        WHERE id = $1 AND locked_by = $2`,
      [id, nodeId, begun ? 0 : 1],
    );
  }

  /**
   * Frees jobs that are locked by no node there is, as by a fetch that was under way when its node's lease ended: the
   * engine would wait four hours for it. Reads the whole queue.
   */
  async freeOrphans(): Promise<void> {
    await this.sql.query(
      `UPDATE ${this.jobs} AS j SET locked_by = NULL, locked_at = NULL
        WHERE locked_by IS NOT NULL AND NOT EXISTS (SELECT FROM ${this.tables.nodes} AS n WHERE n.id = j.locked_by)`,
    );
  }

  /**
   * Jobs that could not be processed come again after the engine's back-off, which grows to hours, and would then stand
   * behind all tags. They come within `maxDelayMs`, and first.
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

  /** Whether there is anything at all: waiting, put aside or under way. */
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
