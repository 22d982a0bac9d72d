import type { JsonObject } from '../../../lib/common/json.js';
import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import {
  DuplicateScriptNameError,
  ScriptSourceError,
  ScriptValidationError,
} from '../../../lib/scripts/script.errors.js';
import type { ScriptService } from '../../../lib/scripts/script.service.js';
import type { CreateScript } from '../../../lib/scripts/script.types.js';
import { testDataSource } from '../../support/postgres.js';
import { newScript, scriptServices } from '../../support/script-services.js';

let dataSource: DataSource;
let service: ScriptService;

beforeEach(async () => {
  dataSource ??= await testDataSource();
  ({ service } = scriptServices(dataSource));
});

/** The problems of a refused script, as `path code`. */
async function problemsOf(input: unknown): Promise<string[]> {
  const error = await service.create('acme', input as CreateScript).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ScriptValidationError);
  const { issues } = error as ScriptValidationError;
  for (const { message } of issues) expect(message.length).toBeGreaterThan(15);
  return issues.map(({ path, code }) => `${path} ${code}`);
}

/** The error for a script that is valid except for its source. */
async function sourceError(source: string): Promise<ScriptSourceError> {
  const error = await service
    .create('acme', newScript({ name: 'Bad source', source }))
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ScriptSourceError);
  return error as ScriptSourceError;
}

describe('creating a script', () => {
  it('stores it as a draft with version 1 of its source, and with the given fields', async () => {
    const input = newScript({
      name: 'Large payments',
      description: 'Tells finance',
      eventTypes: ['payment.created', 'payment.completed'],
      filters: { amount: { gt: 10000 } },
      limits: { timeoutMs: 500, memoryMb: 32 },
      bindings: ['crm.findClient'],
      maxConcurrency: 2,
      runsPerMinute: 30,
      orderingKey: 'payment.id',
      onOrderedFailure: 'skip',
    });
    const created = await service.create('acme', input, 'ann');
    const { source, ...fields } = input;
    expect(created).toMatchObject({ ...fields, tenantId: 'acme', status: 'draft', version: 1 });
    expect(created).toMatchObject({ createdBy: 'ann', updatedBy: 'ann', statusReason: null });
    expect({ ...(await service.get('acme', created.id)), warnings: [] }).toEqual({ ...created });
    const checksum = createHash('sha256').update(source).digest('hex');
    expect(await service.getVersion('acme', created.id, 1)).toMatchObject({
      source,
      checksum,
      createdBy: 'ann',
    });
  });

  it('makes it active on request, and leaves the fields empty that are not given', async () => {
    const created = await service.create('acme', newScript({ name: 'Minimal', active: true }));
    expect(created).toMatchObject({
      status: 'active',
      filters: null,
      limits: null,
      bindings: null,
      runsPerMinute: null,
      orderingKey: null,
      onOrderedFailure: 'block',
      createdBy: null,
    });
  });

  it('accepts the two filters of the specification unchanged', async () => {
    const both: JsonObject[] = [{ email: 'important@client.com' }, { amount: { gt: 10000 } }];
    for (const filters of both) {
      const created = await service.create('acme', newScript({ name: JSON.stringify(filters), filters }));
      expect((await service.get('acme', created.id)).filters).toEqual(filters);
    }
  });

  it('reports every problem of a script at once, with its place', async () => {
    const input = newScript({
      name: ' ',
      eventTypes: ['user created', 'script.event', 'user.created', 'user.created'],
      filters: { amount: { gtt: 5 }, and: [] },
      source: 'return (',
      limits: { timeoutMs: 0, cpu: 1 } as never,
      bindings: ['crm find'],
      maxConcurrency: 1.5,
      runsPerMinute: 0,
      orderingKey: 'a..b',
      onOrderedFailure: 'stop' as never,
    });
    expect(await problemsOf({ ...input, eventType: 'user.created' })).toEqual([
      'eventType unknown',
      'name required',
      'eventTypes[0] format',
      'eventTypes[1] reserved',
      'eventTypes[3] duplicate',
      'filters.amount.gtt operator',
      'filters.and type',
      'limits.timeoutMs range',
      'limits.cpu unknown',
      'bindings[0] format',
      'maxConcurrency range',
      'runsPerMinute range',
      'orderingKey format',
      'onOrderedFailure unknown',
      'source syntax',
    ]);
  });

  it('refuses a binding that the application does not declare, and one named twice', async () => {
    const input = newScript({ bindings: ['crm.find', 'no.such', 'crm.find'] });
    expect(await problemsOf(input)).toEqual(['bindings[1] unknown', 'bindings[2] duplicate']);
  });

  it('names each missing field', async () => {
    expect(await problemsOf({})).toEqual(['name required', 'eventTypes required', 'source required']);
    expect(await problemsOf(null)).toEqual(['script type']);
    expect(await problemsOf(newScript({ eventTypes: [] }))).toEqual(['eventTypes required']);
  });

  it('refuses values of a wrong type', async () => {
    const wrong = {
      name: 5,
      description: 5,
      eventTypes: 'user.created',
      filters: [],
      limits: [],
      bindings: 'x',
      active: 'yes',
    };
    expect(await problemsOf({ ...newScript(), ...wrong })).toEqual([
      'name type',
      'description type',
      'eventTypes type',
      'filters type',
      'limits type',
      'bindings type',
      'active type',
    ]);
  });

  it('refuses text that is too long or that PostgreSQL cannot store', async () => {
    const names = Array.from({ length: 51 }, (_, at) => `a.b${at}`);
    expect(await problemsOf(newScript({ name: 'n'.repeat(201), eventTypes: names }))).toEqual([
      'name length',
      'eventTypes length',
    ]);
    expect(await problemsOf(newScript({ name: 'a\u0000b', filters: { a: '\ud800' } }))).toEqual([
      'name characters',
      'filters characters',
    ]);
  });

  it('refuses limits above those of the application, and names the option that sets them', async () => {
    const within = newScript({ name: 'At the top', limits: { timeoutMs: 60_000, memoryMb: 256 } });
    const { id } = await service.create('acme', within);
    const above = { timeoutMs: 60_001, memoryMb: 257 };
    for (const refused of [
      service.create('acme', newScript({ name: 'Above', limits: above })),
      service.update('acme', id, { limits: above }),
    ])
      await expect(refused).rejects.toMatchObject({
        issues: [
          {
            path: 'limits.timeoutMs',
            code: 'range',
            message: 'Expected a whole number from 1 to 60000, which is sandbox.maxTimeout, got 60001.',
          },
          {
            path: 'limits.memoryMb',
            code: 'range',
            message: 'Expected a whole number from 8 to 256, which is sandbox.maxMemoryMb, got 257.',
          },
        ],
      });
    expect((await service.get('acme', id)).limits).toEqual(within.limits);
  });

  it('repeats only a short, printable part of many long unknown names in its error', async () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`field${at}`, 1]));
    const long = { ['x'.repeat(1_000_000)]: 1, 'a\u202eb\n': 1 };
    for (const odd of [
      { ...newScript(), ...long, ...many },
      { ...newScript(), limits: { ...long, ...many } },
    ]) {
      const error = await service.create('acme', odd as CreateScript).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ScriptValidationError);
      const { issues, message } = error as ScriptValidationError;
      expect(issues).toHaveLength(6);
      expect(issues.at(-1)?.message).toBe('… and 19997 more unknown names.');
      expect(message.length).toBeLessThan(3_000);
      expect(message).not.toMatch(/[\u202e\n]/);
    }
  });

  it('puts only as many problems into the message as fit into a thousand characters, and all of them into the error’s issues', async () => {
    const eventTypes = Array.from({ length: 40 }, (_, at) => `not a type ${at}`);
    const error = await service.create('acme', newScript({ eventTypes })).catch((thrown: unknown) => thrown);
    const { issues, message } = error as ScriptValidationError;
    expect(issues).toHaveLength(40);
    const shown = message.match(/eventTypes\[\d+\]/g) ?? [];
    expect(shown.length).toBeGreaterThanOrEqual(3);
    expect(message.endsWith(` … and ${40 - shown.length} more.`)).toBe(true);
    expect(message.length).toBeLessThan(1_000);
  });

  it('names the line in the message, and suggests a field for a misspelt one', async () => {
    const wrong = { ...newScript(), source: 'return 1;\nlet = ;', filter: { amount: 1 } };
    await expect(service.create('acme', wrong as CreateScript)).rejects.toThrow(
      /^filter: Unknown field\. Did you mean "filters"\? source, line 2: Unexpected token/,
    );
  });

  describe('with an invalid source', () => {
    it('names the line of a syntax error in the author’s source', async () => {
      expect(await sourceError('const a = 1;\nconst b = ;')).toMatchObject({
        line: 2,
        issues: [{ code: 'syntax' }],
      });
    });

    it('is refused if the source is empty', async () => {
      expect(await sourceError(' \n ')).toMatchObject({ issues: [{ code: 'required' }] });
    });

    it('accepts 100 KiB and refuses one byte more', async () => {
      const source = `//${'é'.repeat(50 * 1024 - 1)}`;
      expect(Buffer.byteLength(source)).toBe(100 * 1024);
      await expect(service.create('acme', newScript({ name: 'Long', source }))).resolves.toMatchObject({
        version: 1,
      });
      expect((await sourceError(`${source}x`)).message).toContain('102400');
    });

    it('names the line of a character that cannot be stored', async () => {
      expect(await sourceError('const a = 1;\n\n"\u0000"')).toMatchObject({
        line: 3,
        issues: [{ code: 'characters' }],
      });
    });
  });

  describe('with the name of a script', () => {
    it('of the tenant is refused with an error that has the name', async () => {
      await service.create('acme', newScript({ name: 'Taken' }));
      const again = service.create('acme', newScript({ name: 'Taken' }));
      await expect(again).rejects.toMatchObject({ code: 'duplicate-script-name', scriptName: 'Taken' });
    });

    it('succeeds once when several calls use the name at the same time', async () => {
      const calls = Array.from({ length: 5 }, () => service.create('acme', newScript({ name: 'Raced' })));
      const outcomes = await Promise.allSettled(calls);
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(refused).toHaveLength(4);
      for (const { reason } of refused) expect(reason).toBeInstanceOf(DuplicateScriptNameError);
    });

    it('of another tenant succeeds', async () => {
      await service.create('acme', newScript({ name: 'Shared' }));
      await expect(service.create('globex', newScript({ name: 'Shared' }))).resolves.toMatchObject({
        tenantId: 'globex',
      });
    });

    it('that is archived succeeds, and the archived one can no longer be restored', async () => {
      const old = await service.create('acme', newScript({ name: 'Reused' }));
      await service.archive('acme', old.id);
      await service.create('acme', newScript({ name: 'Reused' }));
      await expect(service.restore('acme', old.id)).rejects.toBeInstanceOf(DuplicateScriptNameError);
    });
  });
});
