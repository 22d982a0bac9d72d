import type { EnqueuedIn, SqlConnection } from '../durable-event-buffer.js';
import type { QueuedEvent } from '../queued-event.js';
import type { DurableTables } from './durable-database.js';
import { type EnqueueRow, type EnqueueStatementOptions, enqueueStatement } from './enqueue.statement.js';
import type { FairTags } from './fair-tags.js';

/** Writes queued events into the engine's queue, with fair tags, by one statement on a given connection. */
export class JobWriter {
  constructor(
    private readonly tables: DurableTables,
    private readonly engine: string,
    private readonly tags: FairTags,
  ) {}

  async write(
    connection: SqlConnection,
    events: readonly QueuedEvent[],
    options: EnqueueStatementOptions,
  ): Promise<EnqueuedIn> {
    const { text, values, counts } = enqueueStatement(this.tables, this.engine, this.tags, events, options);
    const [row] = (await connection.query(text, values)) as EnqueueRow[];
    const enqueued = Number(row?.added ?? 0);
    if (row) this.tags.advance(Number(row.tag), counts);
    return { enqueued, duplicates: events.length - enqueued };
  }
}
