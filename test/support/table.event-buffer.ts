import type { DataSource } from 'typeorm';
import {
  DurableEventBuffer,
  type EnqueuedIn,
  type EnqueueInOptions,
  type EnqueueResult,
  EventBufferClosedError,
  type EventBufferStats,
  type ProcessQueuedEvent,
  type QueuedEvent,
  type SqlConnection,
} from '../../lib/index.js';

interface Row {
  id: string;
  event: QueuedEvent;
  deliveries: number;
}

const CREATE = `CREATE TABLE IF NOT EXISTS own_queue (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, tenant_id text NOT NULL, script_id text NOT NULL,
  event_id text NOT NULL, event json NOT NULL, deliveries integer NOT NULL DEFAULT 0, free_at timestamptz NOT NULL DEFAULT now())`;
const ENQUEUE = `INSERT INTO own_queue (tenant_id, script_id, event_id, event)
  SELECT e->>'tenantId', e->>'scriptId', e->>'id', e FROM json_array_elements($1::json) AS e
  WHERE NOT $2 OR NOT EXISTS (SELECT FROM own_queue WHERE tenant_id = e->>'tenantId' AND event_id = e->>'id')
  RETURNING id`;
/** The tenant that was served last comes last, so tenants take turns. A taken row is free again after a minute: a lease. */
const TAKE = `WITH next AS (
  SELECT id FROM own_queue WHERE free_at <= now() AND script_id <> ALL($1)
  ORDER BY tenant_id = $2, id
  LIMIT 1 FOR UPDATE SKIP LOCKED), taken AS (
  UPDATE own_queue SET free_at = now() + interval '1 minute', deliveries = deliveries + 1
  FROM next WHERE own_queue.id = next.id RETURNING own_queue.id, event, deliveries)
  SELECT * FROM taken`;

/** An example of another adapter: a plain table and `SKIP LOCKED`. Short, and not for production. */
export class TableEventBuffer extends DurableEventBuffer {
  private readonly running = new Map<string, number>();
  private readonly abort = new AbortController();
  private readonly writing = new Set<Promise<unknown>>();
  private process: ProcessQueuedEvent | undefined;
  private timer: NodeJS.Timeout | undefined;
  private busy = 0;
  private served = '';
  private closed = false;
  private looking: Promise<void> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: { workerCount: number; runsPerScript: number },
  ) {
    super();
  }

  async start(process: ProcessQueuedEvent): Promise<void> {
    await this.dataSource.query(CREATE);
    this.process = process;
    this.timer = setInterval(() => this.look(), 10);
  }

  enqueue(events: readonly QueuedEvent[]): EnqueueResult {
    if (this.closed) return { accepted: 0, overflowed: events };
    const write = this.enqueueIn(null, events).catch(() => undefined);
    this.writing.add(write);
    void write.finally(() => this.writing.delete(write));
    return { accepted: events.length, overflowed: [] };
  }

  async enqueueIn(
    connection: SqlConnection | null,
    events: readonly QueuedEvent[],
    { once = false, followUp = false }: EnqueueInOptions = {},
  ): Promise<EnqueuedIn> {
    if (this.closed && !followUp) throw new EventBufferClosedError();
    if (events.length === 0) return { enqueued: 0, duplicates: 0 };
    const rows = (await (connection ?? this.dataSource).query(ENQUEUE, [
      JSON.stringify(events),
      once,
    ])) as unknown[];
    return { enqueued: rows.length, duplicates: events.length - rows.length };
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
  }

  async drain(timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (!(await this.isIdle())) {
      if (performance.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return true;
  }

  async stop(graceMs: number): Promise<readonly QueuedEvent[]> {
    this.close();
    this.abort.abort();
    await this.drain(graceMs);
    return [];
  }

  stats(): EventBufferStats {
    const { workerCount } = this.settings;
    return { depth: 0, capacity: null, busy: this.busy, workers: workerCount, oldestMs: 0 };
  }

  private look(): void {
    this.looking ??= this.take().finally(() => (this.looking = undefined));
  }

  private async take(): Promise<void> {
    while (!this.closed && this.busy < this.settings.workerCount) {
      const full = [...this.running].filter(([, runs]) => runs >= this.settings.runsPerScript);
      const [row] = await this.dataSource.query<Row[]>(TAKE, [full.map(([script]) => script), this.served]);
      if (!row) return;
      this.served = row.event.tenantId;
      void this.work(row);
    }
  }

  private async work({ id, event, deliveries }: Row): Promise<void> {
    this.count(event.scriptId, 1);
    try {
      await this.process?.(event, this.abort.signal, deliveries);
      await this.dataSource.query('DELETE FROM own_queue WHERE id = $1', [id]);
    } catch {
      // Delivered again, a little later.
      const again = `UPDATE own_queue SET free_at = now() + interval '100 milliseconds' WHERE id = $1`;
      await this.dataSource.query(again, [id]);
    } finally {
      this.count(event.scriptId, -1);
    }
  }

  private count(scriptId: string, by: 1 | -1): void {
    this.busy += by;
    this.running.set(scriptId, (this.running.get(scriptId) ?? 0) + by);
  }

  private async isIdle(): Promise<boolean> {
    await Promise.all([this.looking, ...this.writing]);
    if (this.busy > 0) return false;
    if (this.closed) return true;
    return (await this.dataSource.query<unknown[]>('SELECT FROM own_queue LIMIT 1')).length === 0;
  }
}
