import { isoTime } from '../../../common/sql-types.js';
import type { Lane, SharedLimits } from '../../shared-limits.js';
import type { DurableTables, Sql } from '../durable-database.js';
import { leaseIsValid, UNKNOWN_AFTER } from '../engine/engine-sql.js';
import type { WaitingReason } from './waiting-room.js';

/** A slot that a run holds. */
interface Slot {
  lane: string;
  slot: number;
}

const nameOf = ({ lane, slot }: Slot): string => `${slot} of ${lane}`;

/** The answer to a run that asks for its limits. */
export type Claim =
  | { granted: true; slots: readonly Slot[] }
  /**
   * `waitMs`: milliseconds until the run's turn by rate. If `rated`, the run keeps this turn and need not ask for it
   * again.
   */
  | { granted: false; reason: WaitingReason; waitMs: number; rated: boolean };

/** Name of the lane that limits a script's or a tenant's runs. */
export const scriptLane = (scriptId: string): string => `s:${scriptId}`;
export const tenantLane = (tenantId: string): string => `t:${tenantId}`;

/**
 * Limits across all nodes, kept in two small tables.
 *
 * - Runs at the same time: each lane has as many rows as runs are allowed. A run takes a free row (`SKIP LOCKED`, so
 *   nobody waits for a lock) and returns it. A dead node's rows are freed with its jobs.
 * - Runs per minute: a row for each lane says which minute has room next. A run that finds no room in this minute
 *   immediately gets a place in a later one, so it is checked twice instead of again and again.
 */
export class RunLimits {
  /** Slots that this node has and will return. */
  private readonly mine = new Set<string>();

  constructor(
    private readonly sql: Sql,
    private readonly tables: DurableTables,
    private readonly nodeId: string,
    private readonly leaseMs: number,
  ) {}

  /**
   * Asks for everything that a run needs; takes nothing unless it gets all of it. `rated`: the rates have already let
   * the run through.
   */
  async claim({ scriptId, tenantId }: Lane, limits: SharedLimits, rated: boolean): Promise<Claim> {
    const turn = rated ? undefined : await this.turn({ scriptId, tenantId }, limits);
    if (turn) return { granted: false, ...turn, rated: true };
    const wanted: [string, number | undefined, WaitingReason][] = [
      [tenantLane(tenantId), limits.tenantRuns, 'tenant-busy'],
      [scriptLane(scriptId), limits.scriptRuns, 'script-busy'],
    ];
    const slots: Slot[] = [];
    try {
      for (const [lane, limit, reason] of wanted) {
        if (limit === undefined) continue;
        const slot = await this.take(lane, limit);
        if (slot === undefined) {
          await this.release(slots);
          return { granted: false, reason, waitMs: 0, rated: true };
        }
        slots.push({ lane, slot });
        this.mine.add(nameOf({ lane, slot }));
      }
    } catch (error) {
      // Nobody will return these slots; the next {@link freeUnknown} frees them.
      for (const slot of slots) this.mine.delete(nameOf(slot));
      throw error;
    }
    return { granted: true, slots };
  }

  async release(slots: readonly Slot[]): Promise<void> {
    if (slots.length === 0) return;
    await this.sql.query(
      `UPDATE ${this.tables.slots} AS s SET node_id = NULL FROM unnest($1::text[], $2::integer[]) AS given (lane, slot)
        WHERE s.lane = given.lane AND s.slot = given.slot AND s.node_id = $3`,
      [slots.map(({ lane }) => lane), slots.map(({ slot }) => slot), this.nodeId],
    );
    for (const slot of slots) this.mine.delete(nameOf(slot));
  }

  /**
   * Frees slots that nobody will return: those that a dead node's statement took after its lease, and those that this
   * node took with a statement whose answer was lost.
   */
  async freeUnknown(): Promise<void> {
    const { slots, nodes } = this.tables;
    const old = await this.sql.query<Slot & { takenAt: string }>(
      `WITH late AS (UPDATE ${slots} AS s SET node_id = NULL WHERE node_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM ${nodes} AS n WHERE n.id = s.node_id))
      SELECT lane, slot, ${isoTime('taken_at')} AS "takenAt" FROM ${slots}
        WHERE node_id = $1 AND taken_at < now() - ${UNKNOWN_AFTER}`,
      [this.nodeId],
    );
    const unknown = old.filter((slot) => !this.mine.has(nameOf(slot)));
    if (unknown.length === 0) return;
    // The time shows whether the slot has been taken again.
    await this.sql.query(
      `UPDATE ${slots} AS s SET node_id = NULL
        FROM unnest($2::text[], $3::integer[], $4::timestamptz[]) AS u (lane, slot, taken_at)
        WHERE s.lane = u.lane AND s.slot = u.slot AND s.taken_at = u.taken_at AND s.node_id = $1`,
      [
        this.nodeId,
        unknown.map(({ lane }) => lane),
        unknown.map(({ slot }) => slot),
        unknown.map(({ takenAt }) => takenAt),
      ],
    );
  }

  private async take(lane: string, limit: number): Promise<number | undefined> {
    const first = await this.takeFree(lane, limit);
    if (first.slot !== null || first.made >= limit) return first.slot ?? undefined;
    // Rows are missing if the lane is new, its limit was raised, or its rows were removed after it was idle for long.
    await this.sql.query(
      `INSERT INTO ${this.tables.slots} (lane, slot) SELECT $1, generate_series(0, $2::integer - 1) ON CONFLICT DO NOTHING`,
      [lane, limit],
    );
    return (await this.takeFree(lane, limit)).slot ?? undefined;
  }

  /** Takes a free slot. `made`: the number of the lane's rows, which are counted if none is free. */
  private async takeFree(lane: string, limit: number): Promise<{ slot: number | null; made: number }> {
    const { slots, nodes } = this.tables;
    const [row] = await this.sql.query<{ slot: number | null; made: number }>(
      `WITH taken AS (UPDATE ${slots} SET node_id = $3, taken_at = now() WHERE (lane, slot) = (
        SELECT lane, slot FROM ${slots} WHERE lane = $1 AND slot < $2 AND node_id IS NULL
          AND ${leaseIsValid(nodes, '$3', this.leaseMs)} ORDER BY slot LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING slot)
      SELECT (SELECT slot FROM taken) AS slot, CASE WHEN EXISTS (SELECT FROM taken) THEN $2::integer ELSE
        (SELECT count(*)::integer FROM ${slots} WHERE lane = $1 AND slot < $2) END AS made`,
      [lane, limit, this.nodeId],
    );
    return row ?? { slot: null, made: limit };
  }

  /**
   * Finds the run's turn: first the tenant's minute, then the script's, which is not earlier. Nothing if both are this
   * minute.
   */
  private async turn(
    { scriptId, tenantId }: Lane,
    limits: SharedLimits,
  ): Promise<{ reason: WaitingReason; waitMs: number } | undefined> {
    const { tenantRunsPerMinute, scriptRunsPerMinute } = limits;
    const tenant = await this.reserve(tenantLane(tenantId), tenantRunsPerMinute, 0);
    const script = await this.reserve(scriptLane(scriptId), scriptRunsPerMinute, tenant);
    if (script > tenant) return { reason: 'script-rate', waitMs: script };
    return tenant > 0 ? { reason: 'tenant-rate', waitMs: tenant } : undefined;
  }

  /**
   * Takes a place in the first minute with room that begins `notBeforeMs` from now or later. Returns the milliseconds
   * until that place. In later minutes the places are spread evenly, so that the runs don't begin all at once.
   */
  private async reserve(lane: string, limit: number | undefined, notBeforeMs: number): Promise<number> {
    if (limit === undefined) return notBeforeMs;
    const [row] = await this.sql.query<{ waitMs: number }>(
      `INSERT INTO ${this.tables.rates} AS r (lane, minute, used)
        VALUES ($1, date_trunc('minute', now() + $3 * interval '1 millisecond'), 1)
      ON CONFLICT (lane) DO UPDATE SET
        minute = CASE WHEN r.minute < excluded.minute THEN excluded.minute WHEN r.used < $2 THEN r.minute
          ELSE r.minute + interval '1 minute' END,
        used = CASE WHEN r.minute < excluded.minute OR r.used >= $2 THEN 1 ELSE r.used + 1 END
      RETURNING CASE WHEN minute <= now() THEN 0::numeric ELSE
        (extract(epoch FROM minute - now()) * 1000 + (used - 1) * 60000.0 / $2)::numeric END AS "waitMs"`,
      [lane, limit, notBeforeMs],
    );
    return Math.max(notBeforeMs, row?.waitMs ?? 0);
  }
}
