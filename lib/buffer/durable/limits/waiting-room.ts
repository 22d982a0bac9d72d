import type { Lane } from '../../shared-limits.js';
import { BatchingWriter } from '../../../common/batching-writer.js';
import type { DurableTables, Sql } from '../durable-database.js';
import { addJobsIfAny, quotedSchema, virtualTag } from '../engine/engine-sql.js';
import type { EngineJob } from '../engine/engine.js';
import type { FairTags } from '../queue/fair-tags.js';
import { type JobEnvelope, isEventJob, laneOf } from '../queue/job-envelope.js';

/** Why a queued event is put aside. */
export type WaitingReason = 'script-busy' | 'tenant-busy' | 'script-rate' | 'tenant-rate';

/** Queued events that wait for the same thing. */
export interface WaitingGroup {
  tenantId: string;
  scriptId: string;
  reason: WaitingReason;
  count: number;
  /** Whether any of the script's events is due. */
  due: boolean;
  oldestMs: number;
}

/** Which waiting events may return to the queue, and how many. */
export interface ReleaseRequest extends Lane {
  count: number;
  /** The lanes that limit the events: no more are released than each of them has free slots, across all nodes. */
  lanes: readonly { name: string; slots: number }[];
}

interface ParkedRow {
  id: string;
  t: string;
  s: string;
  r: WaitingReason;
  /** Milliseconds until it is due. */
  w: number;
  j: JobEnvelope;
}

/** Most events that are counted for each script, because they are counted every second. @internal for tests */
export const MOST_COUNTED = 10_000;

/**
 * $1 queue. Jumps from script to script in the index, so the cost depends on the number of scripts, however many events
 * of each wait (https://wiki.postgresql.org/wiki/Loose_indexscan). Whether one is due is read from the earliest one:
 * for an `EXISTS` here, PostgreSQL may read the whole table into a hash table.
 *
 * @param waiting the table, quoted
 * @internal for tests
 */
export const waitingGroupsSql = (waiting: string): string => `WITH RECURSIVE scripts AS (
    (SELECT script_id FROM ${waiting} WHERE queue = $1 ORDER BY queue, script_id LIMIT 1)
    UNION ALL
    SELECT n.script_id FROM scripts AS s CROSS JOIN LATERAL (
      SELECT script_id FROM ${waiting} WHERE queue = $1 AND script_id > s.script_id ORDER BY queue, script_id LIMIT 1) AS n
  ) SELECT g.*,
      (SELECT min(due_at) FROM ${waiting} AS w WHERE w.queue = $1 AND w.script_id = s.script_id) <= now() AS due
    FROM scripts AS s CROSS JOIN LATERAL (
      SELECT tenant_id AS "tenantId", script_id AS "scriptId", reason, count(*)::integer AS count,
        (extract(epoch FROM now() - min(since)) * 1000)::numeric AS "oldestMs"
      FROM (SELECT * FROM ${waiting} AS w WHERE w.queue = $1 AND w.script_id = s.script_id LIMIT ${MOST_COUNTED}) AS r
      GROUP BY 1, 2, 3) AS g ORDER BY "oldestMs" DESC`;

/**
 * Holds queued events that a limit delays. In the engine's queue they would be fetched again and again, or block all
 * others; here they cost nothing until there is room for them.
 */
export class WaitingRoom {
  private readonly writer: BatchingWriter<ParkedRow>;
  private readonly engine: string;

  /** @param queue the engine's schema, which they come from and return to */
  constructor(
    private readonly sql: Sql,
    private readonly tables: DurableTables,
    private readonly queue: string,
    private readonly tags: FairTags,
    nodeId: string,
  ) {
    this.engine = quotedSchema(queue);
    this.writer = new BatchingWriter({
      name: 'waiting room',
      write: (rows) => this.move(nodeId, rows),
      tenantOf: (row) => row.t,
      maxWaitMs: 2,
    });
  }

  /**
   * Moves a job from the queue to the waiting room. It takes one statement, so the job is always in exactly one of the
   * two; a job that this node has lost in the meantime stays where it is.
   */
  async park(job: EngineJob, envelope: JobEnvelope, reason: WaitingReason, waitMs = 0): Promise<void> {
    const { tenantId: t, scriptId: s } = laneOf(envelope);
    const deliveries = job.attempts - 1;
    const j =
      isEventJob(envelope) && deliveries > 0 ? { ...envelope, d: (envelope.d ?? 0) + deliveries } : envelope;
    await this.writer.add({ id: job.id, t, s, r: reason, w: waitMs, j });
  }

  /** Returns some events of a script to the queue, oldest first. Returns how many. */
  async release({ tenantId, scriptId, count, lanes }: ReleaseRequest): Promise<number> {
    const { waiting, slots } = this.tables;
    // A slot that has no row yet is free.
    const free = `(SELECT min(l.slots - taken) FROM unnest($3::text[], $4::integer[]) AS l (lane, slots), LATERAL (
      SELECT count(*) AS taken FROM ${slots} AS s
        WHERE s.lane = l.lane AND s.slot < l.slots AND s.node_id IS NOT NULL) AS t)`;
    const [row] = await this.sql.query<{ released: string }>(
      `WITH picked AS (DELETE FROM ${waiting} WHERE id IN (
        SELECT id FROM ${waiting} WHERE queue = $6 AND script_id = $1 AND due_at <= now() ORDER BY due_at, id
          LIMIT least($2::bigint, ${free}) FOR UPDATE SKIP LOCKED) RETURNING id, job),
      virtual AS MATERIALIZED (SELECT greatest(${virtualTag(this.engine)}, $5::bigint) AS tag),
      placed AS MATERIALIZED (SELECT job, tag, row_number() OVER (ORDER BY id) AS place FROM picked, virtual)
      SELECT ${addJobsIfAny(this.engine, 'job', 'tag + place', 'placed')} AS released`,
      [
        scriptId,
        count,
        lanes.map((lane) => lane.name),
        lanes.map((lane) => lane.slots),
        this.tags.reserve(tenantId, count),
        this.queue,
      ],
    );
    return Number(row?.released ?? 0);
  }

  /** All waiting events by what they wait for. For each script, at most {@link MOST_COUNTED} are counted. */
  groups(): Promise<WaitingGroup[]> {
    return this.sql.query<WaitingGroup>(waitingGroupsSql(this.tables.waiting), [this.queue]);
  }

  /** Drops what is not stored yet; those jobs stay in the queue. */
  async close(): Promise<void> {
    await this.writer.close(0);
  }

  private async move(nodeId: string, rows: readonly ParkedRow[]): Promise<void> {
    await this.sql.query(
      `WITH input AS MATERIALIZED (SELECT (r->>'id')::bigint AS id, r FROM json_array_elements($1::json) AS r),
      taken AS (DELETE FROM ${this.engine}._private_jobs AS jobs USING input
        WHERE jobs.id = input.id AND jobs.locked_by = $2 RETURNING input.id)
      INSERT INTO ${this.tables.waiting} (queue, tenant_id, script_id, job, reason, due_at)
        SELECT $3, r->>'t', r->>'s', r->'j', r->>'r', now() + (r->>'w')::double precision * interval '1 millisecond'
        FROM input JOIN taken USING (id) ORDER BY id`,
      [JSON.stringify(rows), nodeId, this.queue],
    );
  }
}
