import type { DataSource } from 'typeorm';
import { TooManyScriptsError } from '../../../lib/scripts/script.errors.js';
import { testDataSource } from '../../support/postgres.js';
import { newScript, scriptServices } from '../../support/script-services.js';

let dataSource: DataSource;

beforeEach(async () => {
  dataSource ??= await testDataSource();
});

/** Services of a process whose tenants may have `tenantScripts` scripts, and a tenant for this test. */
function setUp(tenantScripts: number) {
  const { service } = scriptServices(dataSource, { tenantScripts });
  const tenantId = crypto.randomUUID();
  const make = (active: boolean) =>
    service.create(tenantId, newScript({ name: crypto.randomUUID(), active }));
  return { service, tenantId, make };
}

describe('a tenant at its limit of scripts', () => {
  it('cannot create another active script, and the error names the limit and the option', async () => {
    const { service, tenantId, make } = setUp(2);
    await make(true);
    await make(true);
    const refused = make(true);
    await expect(refused).rejects.toBeInstanceOf(TooManyScriptsError);
    await expect(refused).rejects.toMatchObject({ code: 'too-many-scripts', tenantId, limit: 2 });
    await expect(refused).rejects.toThrow(/has reached the limit of 2 .* raise limits\.tenantScripts/);
    expect(await service.count(tenantId)).toBe(2);
  });

  it('can create drafts, and can activate one only after another script is paused or archived', async () => {
    const { service, tenantId, make } = setUp(1);
    const first = await make(true);
    const draft = await make(false);
    await expect(service.activate(tenantId, draft.id)).rejects.toBeInstanceOf(TooManyScriptsError);
    expect(await service.get(tenantId, draft.id)).toMatchObject({ status: 'draft' });
    await service.pause(tenantId, first.id);
    await service.activate(tenantId, draft.id);
    await expect(service.activate(tenantId, first.id)).rejects.toBeInstanceOf(TooManyScriptsError);
  });

  it('has its disabled scripts counted, and can activate them again', async () => {
    const { service, tenantId, make } = setUp(1);
    const { id } = await make(true);
    await service.disable(tenantId, id, { reason: 'harm' });
    await expect(make(true)).rejects.toBeInstanceOf(TooManyScriptsError);
    await expect(service.activate(tenantId, id)).resolves.toMatchObject({ status: 'active' });
  });

  it('can change its scripts, also after the limit was lowered below their number', async () => {
    const { tenantId, make } = setUp(3);
    const { id } = await make(true);
    await make(true);
    const { service } = scriptServices(dataSource, { tenantScripts: 1 });
    await service.update(tenantId, id, { description: 'Still mine' });
    await service.disable(tenantId, id, { reason: 'harm' });
    await expect(service.activate(tenantId, id)).resolves.toMatchObject({ description: 'Still mine' });
  });

  it('gets exactly as many active scripts as it may have when several processes create them at the same time', async () => {
    const { tenantId, make, service } = setUp(3);
    const drafts = await Promise.all(Array.from({ length: 6 }, () => make(false)));
    const other = scriptServices(dataSource, { tenantScripts: 3 }).service;
    const outcomes = await Promise.allSettled([
      ...drafts.map(({ id }, at) => (at % 2 === 0 ? service : other).activate(tenantId, id)),
      ...Array.from({ length: 6 }, () => make(true)),
    ]);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(9);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(TooManyScriptsError);
    expect(await service.count(tenantId, { status: 'active' })).toBe(3);
  });

  it('does not limit another tenant', async () => {
    const { make } = setUp(1);
    await make(true);
    await expect(setUp(1).make(true)).resolves.toMatchObject({ status: 'active' });
  });
});
