import type { DataSource } from 'typeorm';
import { v7 as uuid } from 'uuid';
import type { NewDeadLetter } from '../../../lib/dead-letter/dead-letter.types.js';
import { TypeOrmDeadLetterQueueRepository } from '../../../lib/dead-letter/store/typeorm-dead-letter-queue.repository.js';
import type { DeadLetterStatus, ScriptStatus } from '../../../lib/entities/index.js';

/** Dead letters and scripts of one schema, for tests. */
export class DeadLetterWorld {
  readonly repository: TypeOrmDeadLetterQueueRepository;

  constructor(readonly dataSource: DataSource) {
    this.repository = new TypeOrmDeadLetterQueueRepository(dataSource);
  }

  /** A script without source, because a claim reads only its row. */
  async script(tenantId = 'acme', status: ScriptStatus = 'active'): Promise<string> {
    const id = uuid();
    await this.dataSource.query(
      `INSERT INTO scripts (id, tenant_id, name, event_types, status) VALUES ($1, $2, $3, '{user.created}', $4)`,
      [id, tenantId, `script ${id}`, status],
    );
    return id;
  }

  async setStatus(scriptId: string, status: ScriptStatus): Promise<void> {
    await this.dataSource.query('UPDATE scripts SET status = $2 WHERE id = $1', [scriptId, status]);
  }

  /** Stores dead letters that are due now, unless a part says otherwise. */
  async add(scriptId: string, ...parts: Partial<NewDeadLetter>[]): Promise<NewDeadLetter[]> {
    const entries = parts.map((part) => deadLetter({ scriptId, ...part }));
    await this.repository.add(entries);
    return entries;
  }

  /** Stores one dead letter, as {@link add} does. */
  async addOne(scriptId: string, part: Partial<NewDeadLetter> = {}): Promise<NewDeadLetter> {
    const [entry] = await this.add(scriptId, part);
    if (!entry) throw new Error('nothing was added');
    return entry;
  }

  async statusOf(id: string): Promise<DeadLetterStatus> {
    return (await this.row(id)).status;
  }

  async row(id: string): Promise<Row> {
    const rows: Row[] = await this.dataSource.query('SELECT * FROM dead_letter_queue WHERE id = $1', [id]);
    if (!rows[0]) throw new Error(`no dead letter ${id}`);
    return rows[0];
  }

  async countWhere(condition: string): Promise<number> {
    const sql = `SELECT count(*)::int AS count FROM dead_letter_queue WHERE ${condition}`;
    const rows: { count: number }[] = await this.dataSource.query(sql);
    return rows[0]?.count ?? 0;
  }

  /** Ends every lease, as the passing of time would. */
  async endLeases(): Promise<void> {
    await this.dataSource.query(
      `UPDATE dead_letter_queue SET locked_until = now() - interval '1 second' WHERE locked_until IS NOT NULL`,
    );
  }

  /** Makes every pending dead letter due. */
  async passTime(): Promise<void> {
    await this.dataSource.query(
      `UPDATE dead_letter_queue SET next_retry_at = now() - interval '1 second' WHERE status = 'pending'`,
    );
  }

  async clear(): Promise<void> {
    await this.dataSource.query('TRUNCATE dead_letter_queue, scripts CASCADE');
  }
}

interface Row {
  status: DeadLetterStatus;
  reason: string;
  error: string;
  error_kind: string | null;
  retry_count: number;
  max_retries: number;
  next_retry_at: Date | null;
  locked_by: string | null;
  locked_until: Date | null;
  alerted_at: Date | null;
  resolved_at: Date | null;
  resolved_by: string | null;
  note: string | null;
  event_data: unknown;
  attempts: { at: string; kind: string; message: string; trigger: string; by?: string; durationMs: number }[];
  updated_at: Date;
}

/** The dead letter of a failed execution, due at once. `part` has the fields that matter to the test. */
export function deadLetter(part: Partial<NewDeadLetter> = {}): NewDeadLetter {
  const eventId = part.eventId ?? uuid();
  return {
    id: uuid(),
    tenantId: 'acme',
    scriptId: '0198c0de-0000-7000-8000-000000000001',
    scriptVersion: 2,
    eventId,
    eventType: 'user.created',
    payload: '{"userId":1,"email":"ada@example.com"}',
    occurredAt: '2026-01-02T03:04:05.678Z',
    actorId: 'user-7',
    cause: { rootEventId: eventId, depth: 0, budget: 1000, chain: [] },
    reason: 'failed',
    error: 'x is not a function',
    errorKind: 'runtime',
    status: 'pending',
    maxRetries: 3,
    retryDelayMs: 0,
    attempts: [
      {
        at: '2026-01-02T03:04:06.000Z',
        kind: 'runtime',
        message: 'x is not a function',
        durationMs: 4,
        trigger: 'event',
      },
    ],
    note: null,
    ...part,
  };
}

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
