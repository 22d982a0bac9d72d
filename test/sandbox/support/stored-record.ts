import { v7 as uuid } from 'uuid';
import type { DataSource } from 'typeorm';
import { executionRecord } from '../../../lib/execution/execution.record.js';
import { TypeOrmExecutionRepository } from '../../../lib/execution/typeorm-execution.repository.js';
import type { Outcome, SandboxLimits } from '../../../lib/sandbox/index.js';

const SCRIPT_ID = '0198c0de-0000-7000-8000-000000000001';
const ROW = 'SELECT octet_length(e::text) AS bytes FROM script_executions e WHERE id = $1';

/** The stored fields of an outcome. */
export interface StoredRecord {
  status: string;
  result: unknown;
  logs: unknown;
  error: unknown;
  published: unknown;
}

/** Stores the outcomes of attempts in PostgreSQL as the application does, and reads them back. */
export class RecordStore {
  private readonly executions: TypeOrmExecutionRepository;

  constructor(private readonly dataSource: DataSource) {
    this.executions = new TypeOrmExecutionRepository(dataSource);
  }

  /** Throws when the database refuses the record. */
  async keep(outcome: Outcome): Promise<{ stored: StoredRecord; bytes: number }> {
    const [id, eventId, now] = [uuid(), uuid(), Date.now()];
    const event = {
      id: eventId,
      type: 'user.created',
      tenantId: 'hostile',
      scriptId: SCRIPT_ID,
      payload: '{}',
      occurredAt: new Date(now).toISOString(),
      actor: null,
      cause: { rootEventId: eventId, depth: 0, budget: 0, chain: [] },
      attempt: 1,
      enqueuedAt: now,
    };
    const facts = { startedAt: now, queueMs: 0, finishedAt: now, keepInput: true };
    await this.executions.insertMany([executionRecord(id, { event, trigger: 'event' }, 1, outcome, facts)]);
    const { status, result, logs, errorKind, errorMessage, errorStack, errorLine } =
      await this.executions.get('hostile', id);
    const error = { kind: errorKind, message: errorMessage, stack: errorStack, line: errorLine };
    const [{ bytes }] = (await this.dataSource.query(ROW, [id])) as [{ bytes: number }];
    return { stored: { status, result, logs, error, published: await this.asPayloads(outcome) }, bytes };
  }

  /** Stores the payloads of published events, as happens if a script listens to them. */
  private async asPayloads({ published }: Outcome): Promise<unknown> {
    const [{ list }] = (await this.dataSource.query('SELECT $1::jsonb AS list', [
      JSON.stringify(published),
    ])) as [{ list: unknown }];
    return list;
  }
}

/** The fields that the database must return. */
export function asStored(outcome: Outcome): StoredRecord {
  const { status, logs, published } = outcome;
  const none = { kind: null, message: null, stack: null, line: null };
  if (outcome.status === 'completed') return { status, result: outcome.result, logs, error: none, published };
  const { kind, message, stack = null, line = null } = outcome.error;
  return { status, result: null, logs, error: { kind, message, stack, line }, published };
}

/** Bytes of the largest row for an outcome within the limits: texts, escapes of JSON, and the rest of the row. */
export const maxRowBytes = ({ resultBytes, logBytes, messageBytes, stackBytes }: SandboxLimits): number =>
  2 * (resultBytes + logBytes + messageBytes + stackBytes) + 256 * 1024;
