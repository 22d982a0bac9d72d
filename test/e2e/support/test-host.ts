import { EventEmitter2 } from '@nestjs/event-emitter';
import type { TestingModule } from '@nestjs/testing';
import type { INestApplication, Type } from '@nestjs/common';
import {
  type CreateScript,
  type DeadLetterReason,
  type DeadLetterStatus,
  EventBuffer,
  ScriptService,
  type ScriptsEventModuleOptions,
} from '../../../lib/index.js';
import { DeadLetterWriter } from '../../../lib/dead-letter/dead-letter.writer.js';
import { ExecutionWriter } from '../../../lib/execution/execution.writer.js';
import { startApp, type TestAppSpec } from '../../support/app.builder.js';
import { createTestSchema, type TestSchema } from '../../support/postgres.js';
import { waitFor } from '../../support/wait-for.js';
import { RecordedLog } from './recorded-log.js';

export const ADA = { userId: 7, email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' };

export interface ExecutionRow {
  id: string;
  tenantId: string;
  scriptId: string;
  eventId: string;
  eventType: string;
  attempt: number;
  trigger: string;
  status: 'completed' | 'failed';
  result: unknown;
  errorKind: string | null;
  errorMessage: string | null;
  errorLine: number | null;
}

export interface DeadLetterRow {
  id: string;
  tenantId: string;
  scriptId: string;
  eventId: string;
  eventType: string;
  payload: Record<string, unknown>;
  reason: DeadLetterReason;
  status: DeadLetterStatus;
  errorKind: string | null;
  error: string;
  note: string | null;
  retryCount: number;
  due: boolean;
  eventCount: number;
  loopRoot: string | null;
  attempts: { kind: string; trigger: string; by?: string }[];
}

const EXECUTIONS = `
  SELECT id, tenant_id AS "tenantId", script_id AS "scriptId", event_id AS "eventId", event_type AS "eventType", attempt,
    trigger, status, result, error_kind AS "errorKind", error_message AS "errorMessage", error_line AS "errorLine"
  FROM script_executions WHERE script_id = coalesce($1, script_id) ORDER BY finished_at, id`;
const DEAD_LETTERS = `
  SELECT id, tenant_id AS "tenantId", event_count AS "eventCount", loop_root AS "loopRoot", script_id AS "scriptId", event_id AS "eventId", event_type AS "eventType",
    event_data AS payload, reason, status, error_kind AS "errorKind", error, note, retry_count AS "retryCount",
    coalesce(next_retry_at <= now(), false) AS due, attempts
  FROM dead_letter_queue WHERE script_id = coalesce($1, script_id) ORDER BY created_at, id`;

/** Longer than any outage of the database in these tests, and than any pause of the machine. */
const FLUSH_MS = 30_000;

const hosts: TestHost[] = [];

/**
 * A whole application on a database, and the methods that tests need. Rows are read without the application, so that a test
 * can read them after it has stopped. Applications that a test leaves running are closed after it.
 */
export class TestHost {
  private constructor(
    readonly app: TestingModule,
    readonly database: TestSchema,
  ) {}

  /** Starts an application on its own schema, unless `database` names one. */
  static async start(
    spec: Partial<Omit<TestAppSpec, 'database'>> & { database?: TestSchema } = {},
  ): Promise<TestHost> {
    const database = spec.database ?? (await createTestSchema());
    const host = new TestHost(await startApp({ logger: new RecordedLog(), ...spec, database }), database);
    hosts.push(host);
    return host;
  }

  /** An application that a test has created and started itself. The test closes it, too. */
  static around(app: INestApplication, database: TestSchema): TestHost {
    return new TestHost(app as unknown as TestingModule, database);
  }

  static with(options: ScriptsEventModuleOptions): Promise<TestHost> {
    return TestHost.start({ options });
  }

  get<T>(type: abstract new (...args: never[]) => T): T {
    return this.app.get(type as Type<T>);
  }

  emit(type: string, event: unknown): boolean {
    return this.get(EventEmitter2).emit(type, event);
  }

  /** The events that are emitted under a name from now on. */
  heard<T>(name: string): T[] {
    const events: T[] = [];
    const listener = (event: T) => events.push(event);
    this.get(EventEmitter2).on(name, listener);
    this.deaf.push(() => this.get(EventEmitter2).off(name, listener));
    return events;
  }

  /** Makes an active script, by default one of tenant `acme` for `user.created`; returns its id. */
  async script(source: string, more: Partial<CreateScript> & { tenantId?: string } = {}): Promise<string> {
    const { tenantId = 'acme', ...fields } = more;
    const name = fields.name ?? `script ${(this.made += 1)}`;
    const input = { eventTypes: ['user.created'], active: true, ...fields, name, source };
    return (await this.get(ScriptService).create(tenantId, input)).id;
  }

  /** Records of all executions that have ended. Waits until the writers have stored everything. */
  async executions(scriptId?: string): Promise<ExecutionRow[]> {
    await this.recorded();
    return this.database.dataSource.query(EXECUTIONS, [scriptId ?? null]);
  }

  async deadLetters(scriptId?: string): Promise<DeadLetterRow[]> {
    await this.recorded();
    return this.database.dataSource.query(DEAD_LETTERS, [scriptId ?? null]);
  }

  /** Waits for both writers: that of records and that of dead letters don't wait for each other. */
  private async recorded(): Promise<void> {
    await Promise.all([
      this.get(ExecutionWriter).flush(FLUSH_MS),
      this.get(DeadLetterWriter).flush(FLUSH_MS),
    ]);
  }

  /** Waits until at least `count` executions are recorded. */
  async executed(count: number, scriptId?: string): Promise<ExecutionRow[]> {
    return waitFor(`${count} executions are recorded`, async () => {
      const rows = await this.executions(scriptId);
      return rows.length >= count ? rows : undefined;
    });
  }

  /** Waits until a dead letter has a status. */
  async deadLetter(status: DeadLetterStatus, scriptId?: string): Promise<DeadLetterRow> {
    return waitFor(`a dead letter is ${status}`, async () =>
      (await this.deadLetters(scriptId)).find((row) => row.status === status),
    );
  }

  /** Waits until no event is queued and nothing runs. */
  async idle(): Promise<void> {
    await waitFor('the queue is empty', () => {
      const { depth, busy } = this.get(EventBuffer).stats();
      return depth + busy === 0;
    });
  }

  /** Waits until nothing is queued or runs, and deletes the rows of a test. Counts and log lines stay. */
  async empty(): Promise<void> {
    await this.idle();
    for (const stop of this.deaf.splice(0)) stop();
    for (const { id, tenantId } of await this.database.dataSource.query<{ id: string; tenantId: string }[]>(
      'SELECT id, tenant_id AS "tenantId" FROM scripts',
    ))
      await this.get(ScriptService).delete(tenantId, id);
    await this.recorded();
    await this.database.dataSource.query('DELETE FROM script_executions; DELETE FROM dead_letter_queue');
  }

  close(): Promise<void> {
    return (this.closing ??= this.app.close());
  }

  private readonly deaf: (() => void)[] = [];
  private made = 0;
  private closing: Promise<void> | undefined;
}

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});

/**
 * One application for all tests of a describe. The rows of a test are deleted before the next one. Call it only within a
 * describe: at the top of a file, the database would be dropped before the application stops.
 */
export function sharedHost(start: () => Promise<TestHost> = () => TestHost.start()): () => TestHost {
  let host: TestHost;
  beforeAll(async () => {
    host = await start();
    hosts.splice(hosts.indexOf(host), 1);
  });
  afterEach(() => host.empty());
  afterAll(() => host.close());
  return () => host;
}
