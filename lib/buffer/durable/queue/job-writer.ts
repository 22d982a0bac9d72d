import { Coalesced } from '../../../common/coalesced.js';
import { withoutValues } from '../../../common/database-error.js';
import { within } from '../../../common/within.js';
import type { EnqueuedIn, SqlConnection } from '../../durable-event-buffer.js';
import type { QueuedEvent } from '../../queued-event.js';
import type { DurableTables, Sql } from '../durable-database.js';
import { virtualTag } from '../engine/engine-sql.js';
import { type EnqueueRow, type EnqueueStatementOptions, enqueueStatement } from './enqueue.statement.js';
import type { FairTags } from './fair-tags.js';

/** How long a publisher's transaction waits for the position of the queue, in milliseconds. */
const LOOK_TIMEOUT_MS = 200;

/**
 * Writes queued events into the engine's queue with fair tags, in one statement on a given connection.
 *
 * The statement reads the position of the queue. In a serializable transaction that would conflict with everybody who
 * publishes at the same time; there the position is read before, on a connection of this node's own.
 */
export class JobWriter {
  private readonly head: Coalesced<number>;
  /** The virtual time that was read last. */
  private virtualTime: number | undefined;
  private serializable = false;

  /** @param sql a connection outside every publisher's transaction */
  constructor(
    private readonly tables: DurableTables,
    private readonly engine: string,
    private readonly tags: FairTags,
    private readonly sql: Sql,
  ) {
    this.head = new Coalesced(async () => {
      const [row] = await sql.query<{ tag: string }>(`SELECT ${virtualTag(engine)}::text AS tag`);
      return (this.virtualTime = Number(row?.tag));
    });
  }

  /** Reads the position of the queue, so that the first transaction need not. */
  async look(): Promise<void> {
    await this.head.ask();
  }

  async write(
    connection: SqlConnection,
    events: readonly QueuedEvent[],
    options: Omit<EnqueueStatementOptions, 'virtualTime'>,
  ): Promise<EnqueuedIn> {
    // If the database is slow, the last known value is good enough: it costs others a few places at most.
    if (this.serializable && connection !== this.sql)
      await within(this.head.ask(), LOOK_TIMEOUT_MS).catch(() => undefined);
    const { virtualTime } = this;
    const { text, values, counts } = enqueueStatement(this.tables, this.engine, this.tags, events, {
      ...options,
      virtualTime,
    });
    const [row] = await this.send(connection, text, values);
    const enqueued = Number(row?.added ?? 0);
    if (row) {
      this.tags.advance(Number(row.tag), counts);
      this.serializable ||= row.serializable === 'true';
    }
    return { enqueued, duplicates: events.length - enqueued };
  }

  /** The connection may be the publisher's own, whose errors have the payloads. */
  private async send(connection: SqlConnection, text: string, values: unknown[]): Promise<EnqueueRow[]> {
    try {
      return (await connection.query(text, values)) as EnqueueRow[];
    } catch (error) {
      throw withoutValues(error);
    }
  }
}
