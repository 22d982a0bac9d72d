import {
  ActivityService,
  TenantsService,
  DeadLetterService,
  ExecutionService,
  DomainEventPublisher,
  ScriptHealthService,
  ScriptsEventError,
  ScriptService,
  TestRunService,
  ScriptTypes,
  ScriptStoreService,
  VariableService,
  ScheduleService,
} from '../../lib/index.js';
import { ADA, TestHost } from './support/test-host.js';

const BY = { by: 'ops' };
const NOBODY = '00000000-0000-4000-8000-000000000000';
/** How many reads of a hostile value a refusal may cost. The values below have millions of elements. */
const FEW = 100_000;

/** Counts the reads of a value that a method must refuse before it has read much of it. */
class Reads {
  count = 0;

  /** A list that counts each read of an element. */
  list(length: number): unknown[] {
    const list: unknown[] = [];
    const element = {
      toJSON: (): number => {
        this.count += 1;
        return 1;
      },
    };
    for (let at = 0; at < length; at += 1) list.push(element);
    return list;
  }

  /** An object whose field counts each read, and throws. */
  thrower(field: string): object {
    return Object.defineProperty({}, field, {
      enumerable: true,
      get: () => {
        this.count += 1;
        throw new Error('a getter of the caller');
      },
    });
  }

  /** A proxy that throws from every trap. */
  proxy(target: object = {}): object {
    const trap = (): never => {
      this.count += 1;
      throw new Error('a proxy of the caller');
    };
    return new Proxy(target, {
      get: trap,
      has: trap,
      ownKeys: trap,
      getPrototypeOf: trap,
      getOwnPropertyDescriptor: trap,
    });
  }
}

const MILLIONS = 8_000_000;
const LONG = 'x'.repeat(1_000_000);
const WIDE = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`field${at}`, at]));
class Criteria {
  get status() {
    return 'exhausted';
  }
}

/** Arguments that are no plain object of known fields. */
const shapes = (reads: Reads, field: string): Record<string, unknown> => ({
  'a Map': new Map([[field, 'x']]),
  'inherited fields': Object.create({ [field]: 'x' }),
  'an instance': new Criteria(),
  'a list': ['x'],
  'a text': 'x',
  'a number': 1e308,
  null: null,
  'a proxy': reads.proxy(),
  'a list in a proxy': reads.proxy([]),
  'a getter': reads.thrower(field),
  'an unknown getter': reads.thrower('nonsense'),
  '20,000 fields': WIDE,
  'a field of a megabyte': { [LONG]: 1 },
});

/** Values that no field accepts. */
const values = (reads: Reads): Record<string, unknown> => ({
  'a proxy': reads.proxy(),
  'a list in a proxy': reads.proxy([]),
  'millions of parts': reads.list(MILLIONS),
  'a getter': reads.thrower('a'),
  'a megabyte': LONG,
  'U+0000': 'a\u0000b',
  'half a pair': 'a\ud800',
  'no number': Number.NaN,
  'a huge number': 1e308,
  'a bigint': 2n ** 100_000n,
  'a symbol': Symbol('a'),
  'a function': () => 1,
});

/** Fields with the id of a tenant, an event or an actor, which is never blank. */
const IDS = ['tenantId', 'eventId', 'actorId', 'by'];

type Act = (hostile: never) => unknown;

describe('hostile arguments', () => {
  let host: TestHost;
  let script: string;
  beforeAll(async () => {
    host = await TestHost.start();
    script = await host.script('return 1;', { name: 'Kept' });
  });
  // All in one test, because the hosts of a file are closed after each test.
  const acts = (): {
    whole: Record<string, [field: string, act: Act]>;
    parts: Record<string, [string, Act]>;
  } => {
    const scripts = host.get(ScriptService);
    const tests = host.get(TestRunService);
    const letters = host.get(DeadLetterService);
    const executions = host.get(ExecutionService);
    const health = host.get(ScriptHealthService);
    const publisher = host.get(DomainEventPublisher);
    const types = host.get(ScriptTypes);
    const input = { name: 'New', eventTypes: ['user.created'], source: 'return 1;' };
    const sample = { type: 'user.created' };
    const whole: Record<string, [string, Act]> = {
      'scripts.list query': ['status', (it) => scripts.list('acme', it)],
      'scripts.count query': ['status', (it) => scripts.count('acme', it)],
      'scripts.pause options': ['by', (it) => scripts.pause('acme', script, it)],
      'scripts.disable options': ['by', (it) => scripts.disable('acme', script, it)],
      'scripts.updateSource options': ['by', (it) => scripts.updateSource('acme', script, 'return 2;', it)],
      'tests.run options': ['by', (it) => tests.run('acme', script, sample, it)],
      'tests.run event': ['type', (it) => tests.run('acme', script, it)],
      'letters.list filter': ['status', (it) => letters.list('acme', it)],
      'letters.list page': ['limit', (it) => letters.list('acme', {}, it)],
      'letters.count filter': ['status', (it) => letters.count('acme', it)],
      'scripts.listVersions query': ['before', (it) => scripts.listVersions('acme', script, it)],
      'executions.cancel options': ['by', (it) => executions.cancel('acme', NOBODY, it)],
      'tests.explain event': ['type', (it) => tests.explain('acme', {}, it)],
      'activity.failures query': ['from', (it) => host.get(ActivityService).failures('acme', it)],
      'activity.statistics query': ['from', (it) => host.get(ActivityService).statistics('acme', it)],
      'tenants.list query': ['limit', (it) => host.get(TenantsService).list(it)],
      'letters.replay options': ['by', (it) => letters.replay('acme', NOBODY, it)],
      'letters.replayMany filter': ['status', (it) => letters.replayMany('acme', it, BY)],
      'letters.replayMany options': ['by', (it) => letters.replayMany('acme', {}, it)],
      'letters.discard options': ['by', (it) => letters.discard('acme', NOBODY, it)],
      'letters.discardMany filter': ['status', (it) => letters.discardMany('acme', it, { ...BY, note: 'n' })],
      'letters.discardMany options': ['by', (it) => letters.discardMany('acme', {}, it)],
      'letters.purge request': ['by', (it) => letters.purge('acme', it)],
      'letters.purgeAllTenants request': ['by', (it) => letters.purgeAllTenants(it)],
      'executions.list filter': ['status', (it) => executions.list('acme', it)],
      'executions.list page': ['limit', (it) => executions.list('acme', {}, it)],
      'executions.execute context': ['tenantId', (it) => executions.execute(script, {}, it)],
      'health.list filter': ['state', (it) => health.list('acme', it)],
      'health.list page': ['limit', (it) => health.list('acme', {}, it)],
      'health.resume options': ['by', (it) => health.resume('acme', script, it)],
      'publisher.publish options': ['tenantId', (it) => publisher.publish('user.created', ADA, it)],
    };
    const parts: Record<string, [string, Act]> = {};
    const field = (name: string, act: Act): void => {
      parts[name] = [name.slice(name.lastIndexOf(' ') + 1), act];
    };
    field('scripts.create tenantId', (it) => scripts.create(it, input));
    for (const name of ['name', 'eventTypes', 'source', 'bindings', 'maxConcurrency', 'runsPerMinute'])
      field(`scripts.create ${name}`, (it) => scripts.create('acme', { ...input, [name]: it }));
    for (const name of ['orderingKey', 'onOrderedFailure', 'limits', 'active', 'language', 'description'])
      field(`scripts.create ${name}`, (it) => scripts.create('acme', { ...input, [name]: it }));
    field('scripts.update filters', (it) => scripts.update('acme', script, { filters: it }));
    field('scripts.update baseVersion', (it) => scripts.update('acme', script, { baseVersion: it }));
    field('scripts.update baseRevision', (it) => scripts.update('acme', script, { baseRevision: it }));
    for (const name of ['limit', 'before'])
      field(`scripts.listVersions ${name}`, (it) => scripts.listVersions('acme', script, { [name]: it }));
    field('executions.cancel by', (it) => executions.cancel('acme', NOBODY, { by: it }));
    field('tests.explain filters', (it) => tests.explain('acme', it, sample));
    for (const name of ['limit', 'countUpTo', 'dryRun'])
      field(`letters.replayMany ${name}`, (it) => letters.replayMany('acme', {}, { ...BY, [name]: it }));
    for (const name of ['from', 'scriptId', 'bucketHours'])
      field(`activity.statistics ${name}`, (it) =>
        host.get(ActivityService).statistics('acme', { [name]: it }),
      );
    field('activity.event eventId', (it) => host.get(ActivityService).event('acme', it));
    for (const name of ['limit', 'q', 'cursor'])
      field(`tenants.list ${name}`, (it) => host.get(TenantsService).list({ [name]: it }));
    field('scripts.activate by', (it) => scripts.activate('acme', script, it));
    field('scripts.pause reason', (it) => scripts.pause('acme', script, { reason: it }));
    field('tests.run by', (it) => tests.run('acme', script, sample, { by: it }));
    field('tests.run bindings', (it) => tests.run('acme', script, sample, { bindings: it }));
    field('tests.run signal', (it) => tests.run('acme', script, sample, { signal: it }));
    field('tests.run type', (it) => tests.run('acme', script, { type: it }));
    for (const name of ['status', 'eventType', 'nameContains', 'limit', 'cursor'])
      field(`scripts.list ${name}`, (it) => scripts.list('acme', { [name]: it }));
    for (const name of ['scriptId', 'status', 'reason', 'errorKind', 'eventType', 'eventId', 'from', 'to'])
      field(`letters.list ${name}`, (it) => letters.list('acme', { [name]: it }));
    for (const name of ['limit', 'cursor'])
      field(`letters.list ${name}`, (it) => letters.list('acme', {}, { [name]: it }));
    field('letters.discard note', (it) => letters.discard('acme', NOBODY, { ...BY, note: it }));
    for (const name of ['statuses', 'olderThanMs', 'by', 'batchSize'])
      field(`letters.purge ${name === 'statuses' ? 'status' : name}`, (it) =>
        letters.purge('acme', { olderThanMs: 1, ...BY, [name]: it }),
      );
    for (const name of ['scriptId', 'eventId', 'eventType', 'status', 'trigger', 'errorKind', 'from', 'to'])
      field(`executions.list ${name}`, (it) => executions.list('acme', { [name]: it }));
    for (const name of ['tenantId', 'actorId', 'signal'])
      field(`executions.execute ${name}`, (it) =>
        executions.execute(script, {}, { tenantId: 'acme', [name]: it }),
      );
    field('health.list state', (it) => health.list('acme', { state: it }));
    field('health.blame limit', (it) => health.blame('acme', it));
    field('health.resume replay', (it) => health.resume('acme', script, { ...BY, replay: it }));
    field('types.generate eventTypes', (it) => types.generate({ eventTypes: it }));
    for (const [name, act] of Object.entries({
      'letters.get': (it) => letters.get(it, NOBODY),
      'letters.counts': (it) => letters.counts(it),
      'activity.failures': (it) => host.get(ActivityService).failures(it),
      'store.list': (it) => host.get(ScriptStoreService).list(it),
      'variables.list': (it) => host.get(VariableService).list(it),
      'schedules.list': (it) => host.get(ScheduleService).list(it, script),
      'types.generateFor': (it) => types.generateFor(it, {}),
      'executions.cancel': (it) => executions.cancel(it, NOBODY, BY),
      'executions.get': (it) => executions.get(it, NOBODY),
      'executions.listRunning': (it) => executions.listRunning(it),
      'health.get': (it) => health.get(it, script),
      'scripts.get': (it) => scripts.get(it, script),
    } satisfies Record<string, Act>))
      field(`${name} tenantId`, act);
    for (const [name, act] of Object.entries({
      'letters.get': (it) => letters.get('acme', it),
      'executions.get': (it) => executions.get('acme', it),
      'executions.execute': (it) => executions.execute(it, {}, { tenantId: 'acme' }),
      'health.get': (it) => health.get('acme', it),
      'health.resume': (it) => health.resume('acme', it, BY),
      'scripts.get': (it) => scripts.get('acme', it),
      'scripts.delete': (it) => scripts.delete('acme', it),
      'scripts.archive': (it) => scripts.archive('acme', it),
      'scripts.getVersion': (it) => scripts.getVersion('acme', script, it),
      'tests.run of a letter': (it) => tests.run('acme', script, { deadLetterId: it }),
      'tests.run of an execution': (it) => tests.run('acme', script, { executionId: it }),
    } satisfies Record<string, Act>))
      parts[`${name} id`] = ['', act];
    return { whole, parts };
  };

  /** Says how a refusal is wrong. Undefined if it is right. */
  async function faultOf(act: () => unknown, field: string, reads: Reads): Promise<string | undefined> {
    const before = reads.count;
    let error: unknown;
    try {
      await act();
      return 'it was not refused';
    } catch (thrown) {
      error = thrown;
    }
    if (!(error instanceof ScriptsEventError)) return `no error of this package: ${String(error)}`;
    if (error.message.length >= 1_000) return `a message of ${error.message.length} characters`;
    if (!error.message.includes(field)) return `no word of ${field}: ${error.message}`;
    return reads.count - before > FEW ? `read ${reads.count - before} times` : undefined;
  }

  it('are refused by each method of each service before they are read, with an error that names the field', async () => {
    const { whole, parts } = acts();
    const faults: Record<string, string> = {};
    const reads = new Reads();
    for (const [name, [field, act]] of Object.entries(whole))
      for (const [kind, hostile] of Object.entries(shapes(reads, field))) {
        const fault = await faultOf(() => act(hostile as never), '', reads);
        if (fault !== undefined) faults[`${name}: ${kind}`] = fault;
      }
    expect(reads.count).toBe(0);
    const given = values(reads);
    for (const [name, [field, act]] of Object.entries(parts))
      for (const [kind, hostile] of Object.entries(given)) {
        const fault = await faultOf(() => act(hostile as never), field, reads);
        if (fault !== undefined) faults[`${name}: ${kind}`] = fault;
      }
    for (const [name, [field, act]] of Object.entries(parts).filter(([, [one]]) => IDS.includes(one)))
      for (const blank of ['', ' ', '\t\n']) {
        const fault = await faultOf(() => act(blank as never), field, reads);
        if (fault !== undefined) faults[`${name}: ${JSON.stringify(blank)}`] = fault;
      }
    expect(faults).toEqual({});

    // A payload must be read, but no further than its limit.
    const big = { a: reads.list(MILLIONS) };
    const before = reads.count;
    for (const act of [
      () => host.get(ExecutionService).execute(script, big, { tenantId: 'acme' }),
      () => host.get(TestRunService).run('acme', script, { type: 'acme.x', input: big }),
      () =>
        host
          .get(DomainEventPublisher)
          .publish('user.created', { ...ADA, email: big } as never, { tenantId: 'acme' }),
    ])
      await expect(act()).rejects.toMatchObject({ code: 'event-refused', reason: 'too-large' });
    expect(reads.count - before).toBeLessThan(1_000_000);
    for (const data of [reads.thrower('a'), reads.proxy()])
      await expect(
        host.get(ExecutionService).execute(script, data, { tenantId: 'acme' }),
      ).rejects.toMatchObject({
        code: 'event-refused',
      });

    expect(await host.get(ScriptService).count('acme')).toBe(1);
    expect(await host.get(ScriptService).get('acme', script)).toMatchObject({ status: 'active', version: 1 });
    expect(await host.executions()).toEqual([]);
  });
});
