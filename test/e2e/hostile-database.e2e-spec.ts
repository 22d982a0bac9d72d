import { EventEmitter2 } from '@nestjs/event-emitter';
import type { TestingModule } from '@nestjs/testing';
import * as pg from 'pg';
import { type DataSourceOptions, DefaultNamingStrategy } from 'typeorm';
import {
  type DeadLetterAlert,
  DeadLetterService,
  ExecutionService,
  HOST_EVENTS,
  RetentionService,
  ScriptHealthService,
  ScriptService,
  ScriptsEventHealth,
} from '../../lib/index.js';
import { startApp } from '../support/app.builder.js';
import { asAdmin, migrate, ownDatabase } from '../support/own-database.js';
import { FULL } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { RecordedLog } from './support/recorded-log.js';
import { ADA } from './support/test-host.js';

type Driver = 'memory' | 'graphile-worker';
type Parse = (oid: number, text: string) => unknown;

interface Surroundings {
  /** The buffers with which the short form tests it, too. */
  short?: readonly Driver[];
  /** A parser that is set in `pg.types`, for the whole process. */
  parse?: Parse;
  /** Settings for `ALTER DATABASE … SET`. */
  settings?: Record<string, string>;
  dataSource?: Partial<DataSourceOptions & { type: 'postgres' }>;
}

const PARSED = [16, 20, 21, 23, 700, 701, 114, 1009, 1016, 1082, 1114, 1184, 1186, 1700, 2950, 2951, 3802];
const asText: Parse = (_oid, text) => text;
/** Parses times, numbers and JSON into other types than ours, as a host may do. */
const asOwnClass: Parse = (oid, text) => (oid === 20 ? BigInt(text) : { oid, text });

class Shouting extends DefaultNamingStrategy {
  override tableName(target: string, given: string | undefined): string {
    return `T_${super.tableName(target, given ?? '').toUpperCase()}`;
  }
  override columnName(property: string, given: string | undefined, prefixes: string[]): string {
    return `C_${super.columnName(property, given ?? '', prefixes).toUpperCase()}`;
  }
}

class Meddler {
  beforeInsert = refuse;
  beforeUpdate = refuse;
  afterLoad = refuse;
  beforeQuery = refuse;
  beforeTransactionStart = refuse;
}
function refuse(): never {
  throw new Error('a subscriber of the host was called for a table that is not its own');
}

const SURROUNDINGS: [string, Surroundings][] = [
  ['the usual settings', {}],
  ['parsers that leave each value as text', { parse: asText }],
  ['parsers that make objects of the host’s own', { parse: asOwnClass, short: ['graphile-worker'] }],
  [
    'types of the pool',
    {
      dataSource: {
        extra: {
          types: {
            getTypeParser: (oid: number) => (text: string) =>
              PARSED.includes(oid) ? asOwnClass(oid, text) : text,
          },
        },
      },
    },
  ],
  [
    'dates, numbers and literals as the database writes them',
    {
      short: ['graphile-worker'],
      settings: {
        datestyle: "'German'",
        timezone: "'Asia/Kolkata'",
        intervalstyle: "'sql_standard'",
        bytea_output: "'escape'",
        extra_float_digits: '-15',
        standard_conforming_strings: 'off',
        lc_messages: "'C'",
        xmloption: "'document'",
      },
    },
  ],
  [
    'other dates, stricter transactions',
    {
      settings: {
        datestyle: "'SQL, DMY'",
        timezone: "'America/St_Johns'",
        default_transaction_isolation: "'serializable'",
        array_nulls: 'off',
        transform_null_equals: 'on',
      },
    },
  ],
  ['a search_path that finds nothing', { settings: { search_path: "''" }, dataSource: { schema: 'app' } }],
  [
    'TypeORM’s own options',
    {
      short: ['memory'],
      dataSource: {
        parseInt8: true,
        entityPrefix: 'crm_',
        namingStrategy: new Shouting(),
        subscribers: [Meddler],
        isolationLevel: 'REPEATABLE READ',
      } as Surroundings['dataSource'],
    },
  ],
];

const originals = new Map(PARSED.map((oid) => [oid, pg.types.getTypeParser(oid)]));
let app: TestingModule | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
  for (const [oid, parser] of originals) pg.types.setTypeParser(oid, parser as (text: string) => unknown);
});

async function start(
  driver: Driver,
  { parse, settings = {}, dataSource = {} }: Surroundings,
  log: RecordedLog,
): Promise<TestingModule> {
  const database = await ownDatabase();
  const { schema = 'public' } = dataSource;
  const options = { ...database.options, ...dataSource } as DataSourceOptions;
  await asAdmin(`CREATE SCHEMA IF NOT EXISTS "${schema}"`, database.url);
  await migrate({ ...options, subscribers: [] });
  for (const [name, value] of Object.entries(settings))
    await asAdmin(`ALTER DATABASE "${database.name}" SET ${name} = ${value}`);
  if (parse)
    for (const oid of PARSED) pg.types.setTypeParser(oid, (text: string | null) => text && parse(oid, text));
  return startApp({
    database: { options: options as never },
    logger: log,
    options: {
      buffer: {
        driver,
        ...(driver === 'memory' ? {} : { poll: 100, redelivery: 200, heartbeat: 200, lease: '1m' }),
      },
      retry: { maxRetries: 1 },
      alerts: { interval: 0 },
      breaker: { maxFailures: 12 },
      storage: { keepInput: true },
    },
  });
}

describe.each(['memory', 'graphile-worker'] as const)(
  'with the buffer %s, scripts, executions, dead letters and health work',
  (driver) => {
    it.each(SURROUNDINGS.filter(([, { short }]) => FULL || short?.includes(driver)))(
      'with %s',
      async (_name, surroundings) => {
        const log = new RecordedLog();
        app = await start(driver, surroundings, log);
        const [scripts, letters, emitter] = [
          app.get(ScriptService),
          app.get(DeadLetterService),
          app.get(EventEmitter2),
        ];
        const executions = app.get(ExecutionService);
        const begun = Date.now();
        const heard: Record<string, number> = {};
        for (const name of Object.values(HOST_EVENTS))
          // One alert may report several dead letters.
          emitter.on(name, ({ count = 1 }: Partial<DeadLetterAlert>) => {
            heard[name] = (heard[name] ?? 0) + count;
          });
        const emit = (userId: number): boolean =>
          emitter.emit('user.created', { ...ADA, userId, tenantId: 'acme' });
        const make = (name: string, source: string, more: object = {}) =>
          scripts.create(
            'acme',
            { name, source, eventTypes: ['user.created'], active: true, ...more },
            'ada',
          );

        // Scripts are read back in our own types.
        const good = await make('good', 'return ctx.input.userId;', { filters: { userId: { lt: 1_000 } } });
        expect(good).toMatchObject({
          version: 1,
          eventTypes: ['user.created'],
          filters: { userId: { lt: 1_000 } },
          degraded: false,
          revision: expect.stringMatching(/^\d+$/),
          createdAt: expect.any(Date),
        });
        expect(Math.abs(good.createdAt.getTime() - begun)).toBeLessThan(3_600_000);
        const changed = await scripts.update(
          'acme',
          good.id,
          { source: 'return ctx.input.userId * 2;' },
          'eve',
        );
        expect(changed).toMatchObject({ version: 2, updatedBy: 'eve', createdBy: 'ada' });
        expect(await scripts.listVersions('acme', good.id)).toMatchObject([
          { version: 2, createdAt: expect.any(Date) },
          { version: 1, createdAt: expect.any(Date) },
        ]);
        expect(
          (await scripts.list('acme', { nameContains: 'GOO', eventType: 'user.created' })).items,
        ).toEqual([await scripts.get('acme', good.id)]);

        // Events run and are recorded.
        emit(21);
        const record = await waitFor('it is recorded', async () => {
          const { items } = await executions.list('acme', { scriptId: good.id });
          return items[0] && (await executions.get('acme', items[0].id));
        });
        expect(record).toMatchObject({
          status: 'completed',
          result: 42,
          input: { userId: 21 },
          scriptVersion: 2,
          attempt: 1,
          logs: [],
          startedAt: expect.any(Date),
          occurredAt: expect.any(Date),
        });
        expect(Math.abs(record.finishedAt.getTime() - begun)).toBeLessThan(3_600_000);
        expect(record.durationMs).toBeLessThan(3_600_000);
        expect(record.durationMs).toBeGreaterThan(0);
        expect(
          (await executions.list('acme', { from: new Date(begun - 3_600_000), to: new Date(begun - 1_000) }))
            .items,
        ).toEqual([]);
        expect((await executions.list('acme', { from: new Date(begun - 1_000) })).items).toHaveLength(1);

        // A failing event is retried, exhausted and alerted. The breaker disables the script, and the other events are held.
        const bad = await make('bad', 'throw new Error("no");');
        for (let userId = 1; userId <= 3; userId++) emit(userId);
        const exhausted = await waitFor('three are exhausted and alerted', async () => {
          const { items } = await letters.list('acme', { scriptId: bad.id, status: 'exhausted' });
          return items.length === 3 && items.every(({ alertedAt }) => alertedAt !== null) && items;
        });
        expect(exhausted[0]).toMatchObject({
          retryCount: 1,
          maxRetries: 1,
          occurredAt: expect.any(Date),
          nextRetryAt: null,
        });
        const letter = await letters.get('acme', exhausted[0]!.id);
        expect(letter).toMatchObject({
          payload: ADA_FIELDS,
          cause: expect.any(Object),
          alertedAt: expect.any(Date),
        });
        expect(letter.attempts.map(({ kind }) => kind)).toEqual(['runtime', 'runtime']);
        expect(heard[HOST_EVENTS.deadLetterExhausted]).toBe(3);
        expect(await letters.stats('acme')).toMatchObject({
          byStatus: { exhausted: 3, pending: 0 },
          oldestOpenAt: expect.any(Date),
          nextRetryAt: null,
          due: 0,
        });
        for (let userId = 11; userId <= 20; userId++) emit(userId);
        const health = app.get(ScriptHealthService);
        await waitFor(
          'the breaker disables it',
          async () => (await health.get('acme', bad.id)).state === 'disabled',
        );
        await waitFor('it is alerted', () => heard[HOST_EVENTS.scriptDisabled] === 1);
        expect(await health.get('acme', bad.id)).toMatchObject({
          changedAt: expect.any(Date),
          changedBy: 'scripts-event',
        });

        // A person corrects the script and replays.
        await scripts.update('acme', bad.id, { source: 'return "mended";' });
        await health.resume('acme', bad.id, { by: 'ada' });
        await letters.replay('acme', letter.id, { by: 'ada' });
        await waitFor(
          'it is resolved',
          async () => (await letters.get('acme', letter.id)).status === 'resolved',
        );
        expect(await letters.get('acme', letter.id)).toMatchObject({
          resolvedAt: expect.any(Date),
          resolvedBy: 'ada',
        });
        await letters.discard('acme', exhausted[1]!.id, { by: 'ada', note: 'not needed' });
        expect(await letters.get('acme', exhausted[1]!.id)).toMatchObject({
          status: 'discarded',
          note: 'not needed',
        });
        expect(await letters.purge('acme', { olderThanMs: 3_600_000, by: 'ada' })).toBe(0);
        expect(await app.get(RetentionService).run()).toMatchObject({ outcome: 'done' });
        await scripts.delete('acme', bad.id, 'ada');
        expect(await scripts.find('acme', bad.id)).toBeNull();

        const report = await app.get(ScriptsEventHealth).check();
        expect(report).toMatchObject({ status: 'up' });
        const lines = [...log.of('error'), ...log.of('warn')];
        expect(lines.filter((line) => /database|not for want|tries again|toISOString/i.test(line))).toEqual(
          [],
        );
      },
    );
  },
);

const ADA_FIELDS = { email: 'ada@example.com', firstName: 'Ada' };
