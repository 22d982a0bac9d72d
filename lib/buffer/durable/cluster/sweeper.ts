import type { DurableTables, Sql } from '../durable-database.js';
import type { EngineJobs, QueueDepth } from '../engine/engine-jobs.js';
import type { OrderedTurns } from '../order/ordered-turns.js';
import type { Refill } from '../limits/refill.js';
import type { RunLimits } from '../limits/run-limits.js';
import type { WaitingGroup, WaitingRoom } from '../limits/waiting-room.js';

/** What the last sweep found. */
export interface SweptState {
  depth: QueueDepth;
  groups: readonly WaitingGroup[];
}

/** The parts that the sweeper works on. */
export interface SweeperParts {
  sql: Sql;
  tables: DurableTables;
  jobs: EngineJobs;
  room: WaitingRoom;
  refill: Refill;
  turns: OrderedTurns;
  limits: RunLimits;
}

const TIDY_EVERY_MS = 10 * 60 * 1000;
/**
 * After a count of the queue, the next one waits this many times as long as the count took, because counting a long
 * queue takes a while.
 */
const DEPTH_PAUSES = 20;
/** Longest pause between two counts of the queue, in milliseconds. */
const LONGEST_DEPTH_PAUSE_MS = 10_000;
/** How many event ids one statement deletes. */
const KEYS_BATCH = 10_000;

/**
 * Looks every second for changes that nobody reported: room on other nodes, dead letters that were closed, jobs that
 * failed because the database was unavailable, jobs and slots that nobody holds. Measures the queue's depth as well.
 * Every node does this; each action is safe to repeat.
 */
export class Sweeper {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private tidiedAt = 0;
  private orphansDue = true;
  private depthDueAt = 0;
  private current: Promise<void> | undefined;
  private state: SweptState = { depth: { ready: 0, ordered: 0, oldestMs: 0 }, groups: [] };

  constructor(
    private readonly parts: SweeperParts,
    private readonly settings: { pollMs: number; redeliveryMs: number; eventIdMemoryMs: number },
    private readonly onError: (error: unknown) => void,
  ) {}

  get last(): SweptState {
    return this.state;
  }

  start(): void {
    if (this.stopped) return;
    this.current = this.sweep()
      .catch(this.onError)
      .finally(() => {
        if (this.stopped) return;
        this.timer = setTimeout(() => this.start(), this.settings.pollMs);
        this.timer.unref();
      });
  }

  /** Nodes were found dead: the next sweep looks for jobs that they have locked since. */
  nodesDied(): void {
    this.orphansDue = true;
  }

  /** Resolves when nothing is in progress. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.current;
  }

  private async sweep(): Promise<void> {
    const { jobs, room, refill, turns, limits } = this.parts;
    this.state = { depth: await this.depth(), groups: await room.groups() };
    await jobs.hastenFailed(this.settings.redeliveryMs);
    if (this.stopped) return;
    await limits.freeUnknown();
    await turns.freeUnknown();
    if (this.orphansDue) await this.freeOrphans();
    await refill.swept(this.state.groups);
    await turns.sweep();
    if (performance.now() - this.tidiedAt > TIDY_EVERY_MS) await this.tidy();
  }

  private async freeOrphans(): Promise<void> {
    this.orphansDue = false;
    try {
      await this.parts.jobs.freeOrphans();
    } catch (error) {
      this.orphansDue = true;
      throw error;
    }
  }

  private async depth(): Promise<QueueDepth> {
    const begin = performance.now();
    if (begin < this.depthDueAt) return this.state.depth;
    const depth = await this.parts.jobs.depth();
    const end = performance.now();
    this.depthDueAt = end + Math.min(LONGEST_DEPTH_PAUSE_MS, DEPTH_PAUSES * (end - begin));
    return depth;
  }

  private async tidy(): Promise<void> {
    const { sql, tables } = this.parts;
    const before = this.tidiedAt;
    this.tidiedAt = performance.now();
    const [row] = await sql.query<{ deleted: number }>(
      `WITH old AS (DELETE FROM ${tables.keys} WHERE ctid = ANY (ARRAY (SELECT ctid FROM ${tables.keys}
        WHERE accepted_at < now() - $1 * interval '1 millisecond' LIMIT ${KEYS_BATCH})) RETURNING 1)
      SELECT count(*)::integer AS deleted FROM old`,
      [this.settings.eventIdMemoryMs],
    );
    // There may be more, which the next sweep deletes.
    if (row?.deleted === KEYS_BATCH) this.tidiedAt = before;
    this.orphansDue = true;
    // Lanes that have been idle for a day: a slot without a row counts as free.
    await sql.query(
      `DELETE FROM ${tables.slots} WHERE node_id IS NULL AND taken_at < now() - interval '1 day'`,
    );
    await sql.query(`DELETE FROM ${tables.rates} WHERE minute < now() - interval '1 day'`);
  }
}
