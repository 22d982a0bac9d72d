import type { DataSource } from 'typeorm';
import { ScriptsEventError } from '../../../lib/common/errors.js';
import { ScriptNotFoundError, ScriptValidationError } from '../../../lib/scripts/script.errors.js';
import type { ScriptService } from '../../../lib/scripts/script.service.js';
import { testDataSource } from '../../support/postgres.js';
import { newScript, scriptServices } from '../../support/script-services.js';

const METHODS: Record<string, (service: ScriptService, tenantId: string, id: string) => Promise<unknown>> = {
  find: async (service, tenantId, id) =>
    (await service.find(tenantId, id)) ?? Promise.reject(new ScriptNotFoundError(id)),
  get: (service, tenantId, id) => service.get(tenantId, id),
  update: (service, tenantId, id) => service.update(tenantId, id, { source: 'return 2;' }),
  updateSource: (service, tenantId, id) => service.updateSource(tenantId, id, 'return 2;'),
  activate: (service, tenantId, id) => service.activate(tenantId, id),
  pause: (service, tenantId, id) => service.pause(tenantId, id, { reason: 'x' }),
  disable: (service, tenantId, id) => service.disable(tenantId, id, { reason: 'x' }),
  archive: (service, tenantId, id) => service.archive(tenantId, id),
  restore: (service, tenantId, id) => service.restore(tenantId, id),
  delete: (service, tenantId, id) => service.delete(tenantId, id),
  getSource: (service, tenantId, id) => service.getSource(tenantId, id),
  getVersion: (service, tenantId, id) => service.getVersion(tenantId, id, 1),
  listVersions: (service, tenantId, id) => service.listVersions(tenantId, id),
};
const UNKNOWN_ID = '01900000-0000-7000-8000-000000000000';
const HOSTILE: unknown[] = [
  'a\u0000b',
  `${UNKNOWN_ID}\u0000`,
  '\ud800',
  'x'.repeat(1_000_000),
  '\u001b[31m\u202e\n',
  7,
  10n,
  null,
  Symbol('id'),
  () => UNKNOWN_ID,
  [UNKNOWN_ID],
  Object.create(null),
];

let dataSource: DataSource;
let service: ScriptService;

beforeEach(async () => {
  dataSource ??= await testDataSource();
  ({ service } = scriptServices(dataSource));
});

async function errorOf(call: () => Promise<unknown>): Promise<ScriptsEventError> {
  const error = await call().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ScriptsEventError);
  const { message } = error as ScriptsEventError;
  expect(message.length).toBeLessThan(1_000);
  expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  return error as ScriptsEventError;
}

describe.each(Object.entries(METHODS))('ScriptService.%s', (_name, call) => {
  it('throws a short typed error for an id that cannot be stored, is too long or is not text', async () => {
    for (const id of HOSTILE) {
      const error = await errorOf(() => call(service, 'acme', id as never));
      expect(['script-not-found', 'invalid-script']).toContain(error.code);
    }
  });

  it('names the field tenantId for a tenant that cannot be stored, is too long or is not text', async () => {
    for (const tenantId of HOSTILE.filter((given) => given !== '\u001b[31m\u202e\n')) {
      const error = await errorOf(() => call(service, tenantId as never, UNKNOWN_ID));
      expect(error).toBeInstanceOf(ScriptValidationError);
      expect((error as ScriptValidationError).issues[0]?.path).toBe('tenantId');
    }
  });
});

describe('options of calls', () => {
  const inherited = Object.create({ reason: 'inherited' }) as object;
  const odd: [name: string, options: unknown, path: string][] = [
    ['text, as in another order of parameters', 'harm', 'options'],
    ['null', null, 'options'],
    ['a list', [], 'options'],
    ['a Map', new Map([['reason', 'harm']]), 'options'],
    ['inherited fields', inherited, 'options'],
    ['a misspelt name', { reson: 'harm' }, 'reson'],
    ['who it is, unstorable', { by: 'a\u0000', reason: 'x', baseVersion: undefined }, 'by'],
  ];

  it.each(odd)('of pause, disable and updateSource refuse %s, and change nothing', async (...given) => {
    const [, options, path] = given;
    const created = await service.create('acme', newScript({ name: crypto.randomUUID(), active: true }));
    const loose = (options ?? null) as never;
    const storable = path === 'by' ? ({ by: 'a\u0000' } as never) : loose;
    const stop = path === 'by' ? ({ by: 'a\u0000', reason: 'x' } as never) : loose;
    for (const call of [
      () => service.pause('acme', created.id, stop),
      () => service.disable('acme', created.id, stop),
      () => service.updateSource('acme', created.id, 'return 99;', storable),
    ]) {
      const error = await errorOf(call);
      expect((error as ScriptValidationError).issues.map((issue) => issue.path)).toEqual([path]);
    }
    expect({ ...(await service.get('acme', created.id)), warnings: [] }).toEqual({ ...created });
  });

  it('with a misspelt name are refused with a suggestion', async () => {
    const { id } = await service.create('acme', newScript({ name: crypto.randomUUID(), active: true }));
    await expect(service.pause('acme', id, { resaon: 'x' } as never)).rejects.toThrow(
      'Unknown option "resaon" (did you mean "reason"?). Allowed: by, reason',
    );
  });

  it('of pause and disable store the person and the reason in the same fields', async () => {
    for (const act of ['pause', 'disable'] as const) {
      const { id } = await service.create('acme', newScript({ name: crypto.randomUUID(), active: true }));
      const stopped = await service[act]('acme', id, { by: 'ann', reason: 'It mails everybody.' });
      expect(stopped).toMatchObject({ updatedBy: 'ann', statusReason: 'It mails everybody.' });
    }
  });

  it('of disable must have a reason', async () => {
    const { id } = await service.create('acme', newScript({ name: crypto.randomUUID(), active: true }));
    for (const reason of [undefined, null, '', 7]) {
      const error = await errorOf(() => service.disable('acme', id, { by: 'ann', reason } as never));
      expect((error as ScriptValidationError).issues[0]?.path).toBe('reason');
    }
    expect((await service.get('acme', id)).status).toBe('active');
  });

  it('of list and count are refused if they are not an object', async () => {
    for (const query of [null, 'active', 7]) {
      expect(await errorOf(() => service.list('acme', query as never))).toBeInstanceOf(ScriptValidationError);
      expect(await errorOf(() => service.count('acme', query as never))).toBeInstanceOf(
        ScriptValidationError,
      );
    }
  });

  it('that name a version are refused with a short error if it is not a number', async () => {
    const { id } = await service.create('acme', newScript({ name: crypto.randomUUID() }));
    for (const version of HOSTILE.filter((given) => given !== null)) {
      const error = await errorOf(() => service.getVersion('acme', id, version as never));
      expect(error.code).toBe('script-version-not-found');
    }
  });
});
