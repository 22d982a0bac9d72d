import type { DataSource } from 'typeorm';
import { ScriptNotFoundError, ScriptValidationError } from '../../../lib/scripts/script.errors.js';
import type { ScriptService } from '../../../lib/scripts/script.service.js';
import { testDataSource } from '../../support/postgres.js';
import { newScript, scriptServices } from '../../support/script-services.js';

const METHODS: Record<string, (service: ScriptService, tenantId: string, id: string) => Promise<unknown>> = {
  get: (service, tenantId, id) => service.get(tenantId, id),
  update: (service, tenantId, id) => service.update(tenantId, id, { name: 'Stolen' }),
  updateSource: (service, tenantId, id) => service.updateSource(tenantId, id, 'return "stolen";'),
  activate: (service, tenantId, id) => service.activate(tenantId, id),
  pause: (service, tenantId, id) => service.pause(tenantId, id),
  disable: (service, tenantId, id) => service.disable(tenantId, id, { reason: 'harm' }),
  archive: (service, tenantId, id) => service.archive(tenantId, id),
  restore: (service, tenantId, id) => service.restore(tenantId, id),
  delete: (service, tenantId, id) => service.delete(tenantId, id),
  getSource: (service, tenantId, id) => service.getSource(tenantId, id),
  getVersion: (service, tenantId, id) => service.getVersion(tenantId, id, 1),
  listVersions: (service, tenantId, id) => service.listVersions(tenantId, id),
};
const UNKNOWN_ID = '01900000-0000-7000-8000-000000000000';

let dataSource: DataSource;
let service: ScriptService;

beforeEach(async () => {
  dataSource ??= await testDataSource();
  ({ service } = scriptServices(dataSource));
});

/** The error without the id, so that two errors can be compared. */
async function errorOf(call: Promise<unknown>, id: string): Promise<unknown> {
  const error = await call.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ScriptNotFoundError);
  const { message, code } = error as ScriptNotFoundError;
  return { code, message: message.replace(id, '<id>') };
}

describe.each(Object.entries(METHODS))('ScriptService.%s', (_name, call) => {
  it("throws the same error for another tenant's id as for an unknown one, and changes nothing", async () => {
    const script = newScript({ name: crypto.randomUUID(), active: true });
    const { warnings, ...theirs } = await service.create('globex', script);
    expect(warnings).toEqual([]);
    const refused = await errorOf(call(service, 'acme', theirs.id), theirs.id);
    expect(refused).toEqual(await errorOf(call(service, 'acme', UNKNOWN_ID), UNKNOWN_ID));
    expect(await service.get('globex', theirs.id)).toEqual(theirs);
    expect(await service.listVersions('globex', theirs.id)).toHaveLength(1);
  });

  it('treats an id that is not a UUID as unknown', async () => {
    for (const id of [
      '',
      'nope',
      "x' OR '1'='1",
      undefined as never,
      { toString: () => UNKNOWN_ID } as never,
    ]) {
      await expect(call(service, 'acme', id)).rejects.toBeInstanceOf(ScriptNotFoundError);
    }
  });

  it('refuses a missing tenant instead of reading all of them', async () => {
    const theirs = await service.create('globex', newScript({ name: crypto.randomUUID(), active: true }));
    for (const tenantId of [undefined, null, '', ' ', 5, { $ne: null }]) {
      await expect(call(service, tenantId as never, theirs.id)).rejects.toBeInstanceOf(ScriptValidationError);
    }
  });
});

describe('a method of ScriptService without an id', () => {
  it('finds, lists and counts nothing of another tenant', async () => {
    const theirs = await service.create('globex', newScript({ name: crypto.randomUUID() }));
    expect(await service.find('acme', theirs.id)).toBeNull();
    expect(await service.list('acme')).toEqual({ items: [], nextCursor: null });
    expect(await service.list('acme', { nameContains: theirs.name, cursor: theirs.id })).toMatchObject({
      items: [],
    });
    expect(await service.count('acme')).toBe(0);
  });

  it('refuses a missing tenant', async () => {
    const none = undefined as never;
    await expect(service.list(none)).rejects.toBeInstanceOf(ScriptValidationError);
    await expect(service.count(none)).rejects.toBeInstanceOf(ScriptValidationError);
    await expect(service.find(none, UNKNOWN_ID)).rejects.toBeInstanceOf(ScriptValidationError);
    await expect(service.create(none, newScript())).rejects.toBeInstanceOf(ScriptValidationError);
  });
});
