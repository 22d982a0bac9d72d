import { LeaseLostError } from '../../../common/lease-lost.error.js';
import { nextToken } from '../../../entities/fence-sequence.js';
import type { QueuedEvent } from '../../queued-event.js';
import type { DurableTables, Sql } from '../durable-database.js';
import { addJobsIfAny, leaseIsValid, UNKNOWN_AFTER, virtualTag } from '../engine/engine-sql.js';
import type { FairTags } from '../queue/fair-tags.js';
import type { TurnJob } from '../queue/job-envelope.js';
import { HEADS_WINDOW, headsSql, staleHeadsSql } from './ordered-heads.js';

/** The head of an order, while this node runs it. */
export interface OrderTurn {
  id: string;
  event: QueuedEvent;
  /** How often it was handed out, including this time. */
  delivery: number;
  /** Fencing token. */
  fence: string;
}

/** An order: the events of a script with the same key. */
interface Key {
  script: string;
  key: string;
}

const BEGINNING: Key = { script: '', key: '' };

/** SQL query for the dead letter that keeps the turn of the row `o`. */
const openLetterOf = (deadLetters: string): string =>
  `SELECT FROM ${deadLetters} AS d WHERE d.tenant_id = o.tenant_id AND d.event_id = o.event_id
    AND d.script_id::text = o.script_id AND d.status IN ('pending', 'retrying', 'exhausted')`;

/** Frees a turn, so that its key is called immediately. */
const FREE = `state = 'waiting', node_id = NULL, nudged_at = '-infinity'`;

/**
 * Order: queued events with the same script and key run one at a time, as they were published.
 *
 * ```
 * waiting ── head, and nobody has the turn ──► running ── completed, or failed with "skip" ──► gone, the next is waiting
 *    ▲                                            │ failed with "block", and its dead letter is open
 *    │ its node died                              ▼
 *    └────────────────────────────────────────  blocked ── its dead letter is closed ──► gone, the next is waiting
 * ```
 *
 * The events wait in a table of their own. The engine queues jobs that ask for a turn. A job that finds the turn taken
 * just ends, because the holder makes a job for the next event. A unique index allows one turn per key.
 */
export class OrderedTurns {
  /** IDs of the turns that this node has and will return. */
  private readonly mine = new Set<string>();
  /** The last key that the search for heads without a job has reached. */
  private looked: Key = BEGINNING;

  constructor(
    private readonly sql: Sql,
    private readonly tables: DurableTables,
    private readonly engine: string,
    private readonly tags: FairTags,
    private readonly nodeId: string,
    private readonly leaseMs: number,
  ) {}

  /**
   * Takes the turn of a key, unless it is taken or nothing is waiting.
   *
   * @throws LeaseLostError if this node may no longer take anything
   */
  async take({ scriptId, key }: TurnJob['t']): Promise<OrderTurn | undefined> {
    const { ordered, nodes, fence } = this.tables;
    const [row] = await this.sql.query<{ valid: boolean } & (OrderTurn | { id: null })>(
      `WITH lease AS MATERIALIZED (SELECT ${leaseIsValid(nodes, '$3', this.leaseMs)} AS valid),
      taken AS (UPDATE ${ordered} SET state = 'running', node_id = $3, deliveries = deliveries + 1, nudged_at = now()
        WHERE state = 'waiting' AND (SELECT valid FROM lease) AND id = (
          SELECT id FROM ${ordered} WHERE script_id = $1 AND order_key = $2 ORDER BY id LIMIT 1)
        RETURNING id, event, deliveries AS delivery, ${nextToken(fence)} AS fence)
      SELECT valid, taken.* FROM lease LEFT JOIN taken ON true`,
      [scriptId, key, this.nodeId],
    );
    if (!row?.valid) throw new LeaseLostError();
    if (row.id === null) return undefined;
    this.mine.add(row.id);
    return row;
  }

  /** Returns the turn. `unused`: nothing has run, so this was no delivery. */
  async giveBack(turn: OrderTurn, unused: boolean): Promise<void> {
    await this.sql.query(
      `UPDATE ${this.tables.ordered} SET state = 'waiting', node_id = NULL, deliveries = deliveries - $3::integer
        WHERE id = $1 AND node_id = $2`,
      [turn.id, this.nodeId, unused ? 1 : 0],
    );
    this.mine.delete(turn.id);
  }

  /** Ends the turn and calls the next one. Does nothing if this node has lost the turn. */
  async end(turn: OrderTurn, job: TurnJob): Promise<void> {
    await this.sql.query(`DELETE FROM ${this.tables.ordered} WHERE id = $1 AND node_id = $2`, [
      turn.id,
      this.nodeId,
    ]);
    this.mine.delete(turn.id);
    // A separate statement, so that it sees events that were published while the turn was taken and whose jobs found it
    // taken.
    const { tenantId, scriptId, key } = job.t;
    await this.call([{ script: scriptId, key }], this.tags.reserve(tenantId, 1));
  }

  /**
   * Keeps the turn until the dead letter of its event is closed. If it is already closed, or was closed from the start
   * because its script is gone, the turn ends.
   */
  async block(turn: OrderTurn, job: TurnJob): Promise<void> {
    const { ordered, deadLetters } = this.tables;
    const [row] = await this.sql.query<{ blocked: boolean }>(
      `WITH blocked AS (UPDATE ${ordered} AS o SET state = 'blocked', node_id = NULL
        WHERE id = $1 AND node_id = $2 AND EXISTS (${openLetterOf(deadLetters)}) RETURNING 1)
      SELECT EXISTS (SELECT FROM blocked) AS blocked`,
      [turn.id, this.nodeId],
    );
    if (row?.blocked) this.mine.delete(turn.id);
    else await this.end(turn, job);
  }

  /**
   * Frees turns that nobody will return: those that a dead node's statement took after its lease, and those that this
   * node took with a statement whose answer was lost.
   */
  async freeUnknown(): Promise<void> {
    const { ordered, nodes } = this.tables;
    const old = await this.sql.query<{ id: string; deliveries: number }>(
      `WITH late AS (UPDATE ${ordered} AS o SET ${FREE} WHERE node_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM ${nodes} AS n WHERE n.id = o.node_id))
      SELECT id, deliveries FROM ${ordered} WHERE node_id = $1 AND nudged_at < now() - ${UNKNOWN_AFTER}`,
      [this.nodeId],
    );
    const unknown = old.filter(({ id }) => !this.mine.has(id));
    if (unknown.length === 0) return;
    // The number of deliveries shows whether it is still the same turn.
    await this.sql.query(
      `UPDATE ${ordered} AS o SET ${FREE} FROM unnest($2::bigint[], $3::integer[]) AS u (id, deliveries)
        WHERE o.id = u.id AND o.deliveries = u.deliveries AND o.node_id = $1`,
      [this.nodeId, unknown.map(({ id }) => id), unknown.map(({ deliveries }) => deliveries)],
    );
  }

  /**
   * Frees keys whose dead letter is closed or gone, and calls heads whose job was lost with its node. Any node may do
   * this at any time.
   */
  async sweep(): Promise<void> {
    const { ordered, deadLetters } = this.tables;
    const freed = await this.sql.query<Key>(
      `DELETE FROM ${ordered} AS o WHERE state = 'blocked' AND NOT EXISTS (${openLetterOf(deadLetters)})
        RETURNING script_id AS script, order_key AS key`,
    );
    await this.call(freed);
    await this.nudge();
  }

  /**
   * Calls heads that have been without a job for long, a window of keys at a time, starting again after the last one.
   */
  private async nudge(): Promise<void> {
    const stale = await this.sql.query<Key & { stale: boolean }>(staleHeadsSql(this.tables.ordered), [
      this.looked.script,
      this.looked.key,
    ]);
    const atEnd = stale.length < HEADS_WINDOW;
    this.looked = (atEnd ? undefined : stale.at(-1)) ?? BEGINNING;
    await this.call(stale.filter((head) => head.stale));
  }

  /** Makes a job for the head of each of these keys, unless its turn is taken. */
  private async call(keys: readonly Key[], floor = 0): Promise<void> {
    if (keys.length === 0) return;
    const { ordered } = this.tables;
    const turn = `json_build_object('tenantId', tenant_id, 'scriptId', script_id, 'key', order_key)`;
    await this.sql.query(
      `WITH heads AS (UPDATE ${ordered} SET nudged_at = now()
        WHERE id = ANY (ARRAY (${headsSql(ordered, '$2', '$3')})) RETURNING tenant_id, script_id, order_key),
      virtual AS MATERIALIZED (SELECT greatest(${virtualTag(this.engine)}, $1::bigint) AS tag)
      SELECT ${addJobsIfAny(
        this.engine,
        `json_build_object('v', 1, 't', ${turn})`,
        '(SELECT tag FROM virtual)',
        'heads',
      )} AS called`,
      [floor, keys.map(({ script }) => script), keys.map(({ key }) => key)],
    );
  }
}
