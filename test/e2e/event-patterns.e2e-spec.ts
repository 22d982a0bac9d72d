import type { JsonObject } from '../../lib/common/json.js';
import { ScriptService, ScriptValidationError, TestRunService } from '../../lib/index.js';
import { ADA, sharedHost } from './support/test-host.js';

const CLIENT = { tenantId: 'acme', clientId: 1, name: 'Ada', email: 'ada@example.com' };

describe('a script that listens by a pattern', () => {
  const shared = sharedHost();

  it('runs once for each event whose type matches the pattern, and reads the type in ctx.type', async () => {
    const host = shared();
    const clients = await host.script('return ctx.event.type', {
      eventTypes: ['client.*', 'client.created'],
    });
    const all = await host.script('return ctx.event.type', {
      eventTypes: ['**'],
      filters: { name: 'Ada' },
    });
    const deleted = await host.script('return ctx.event.type', { eventTypes: ['*.deleted'] });
    host.emit('client.created', CLIENT);
    host.emit('client.deleted', CLIENT);
    host.emit('user.created', { ...ADA, tenantId: 'acme' });
    host.emit('client.created', { ...CLIENT, tenantId: 'globex' });
    const results = async (count: number, script: string): Promise<unknown[]> =>
      (await host.executed(count, script)).map(({ result }) => result as string).toSorted();
    expect(await results(2, clients)).toEqual(['client.created', 'client.deleted']);
    expect(await results(2, all)).toEqual(['client.created', 'client.deleted']);
    expect(await results(1, deleted)).toEqual(['client.deleted']);
    await host.idle();
    expect(await host.executions()).toHaveLength(5);
  });

  it('makes a test run of an event of another type list the types it listens to', async () => {
    const host = shared();
    const id = await host.script('return 1', { eventTypes: ['client.*'] });
    const run = (type: string) => host.get(TestRunService).run('acme', id, { type, input: { name: 'Ada' } });
    expect((await run('client.updated')).routing.wouldRun).toBe(true);
    const { wouldRun, reasons } = (await run('user.updated')).routing;
    expect(wouldRun).toBe(false);
    expect(reasons).toEqual(['The script does not listen to user.updated: its event types are client.*.']);
  });

  it('makes a test run warn of a filter on unknown fields, and of a filter that never matches', async () => {
    const host = shared();
    const warningsOf = async (filters: JsonObject): Promise<string[]> => {
      const id = await host.script('return 1', { eventTypes: ['client.*'], filters });
      const event = { type: 'client.created', input: { name: 'Ada' } };
      return (await host.get(TestRunService).run('acme', id, event)).routing.warnings;
    };
    expect(await warningsOf({ name: 'Ada', not: { email: { endsWith: '.test' } } })).toEqual([]);
    expect(await warningsOf({ or: [{ nmae: 'Ada' }, { 'address.city': 'Rome' }] })).toEqual([
      'None of its event types has a field "nmae". Did you mean "name"?',
      'None of its event types has a field "address".',
    ]);
    expect(await warningsOf({ clientId: { gt: 5, lt: 3 } })).toEqual([
      'No event can match the filter: its conditions on "clientId" exclude each other.',
    ]);
  });

  it.each([
    [['client.cr*'], 'eventTypes[0]', 'format'],
    [['**.created'], 'eventTypes[0]', 'format'],
    [['user.created', 'client.*.**'], 'eventTypes[1]', 'format'],
    [['script.*'], 'eventTypes[0]', 'reserved'],
    [['script.**'], 'eventTypes[0]', 'reserved'],
    [['client.*', 'client.*'], 'eventTypes[1]', 'duplicate'],
    [Array.from({ length: 11 }, (_, at) => `a${at}.*`), 'eventTypes', 'length'],
  ])('is refused when it is saved with %j, with the place of the problem', async (eventTypes, path, code) => {
    const host = shared();
    const made = host.get(ScriptService).create('acme', { name: 'Pattern', source: 'return 1', eventTypes });
    const error = (await made.catch((reason: unknown) => reason)) as ScriptValidationError;
    expect(error).toBeInstanceOf(ScriptValidationError);
    expect(error.issues).toMatchObject([{ path, code }]);
  });
});
