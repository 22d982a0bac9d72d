import type { DataSource } from 'typeorm';
import { ScriptValidationError } from '../../../lib/scripts/script.errors.js';
import type { ScriptService } from '../../../lib/scripts/script.service.js';
import type { ScriptQuery } from '../../../lib/scripts/script.types.js';
import { testDataSource } from '../../support/postgres.js';
import { newScript, scriptServices } from '../../support/script-services.js';

let dataSource: DataSource;
let service: ScriptService;

beforeAll(async () => {
  dataSource = await testDataSource();
  service = scriptServices(dataSource).service;
  for (const at of [1, 2, 3, 4, 5, 6, 7]) {
    const eventTypes = at % 2 ? ['user.created'] : ['client.created', 'client.updated'];
    await service.create('acme', newScript({ name: `Script ${at}`, eventTypes, active: at > 4 }));
  }
  await service.create('globex', newScript({ name: 'Not theirs' }));
});

beforeEach(() => {
  service = scriptServices(dataSource).service;
});

const names = async (query: ScriptQuery): Promise<string[]> =>
  (await service.list('acme', query)).items.map(({ name }) => name.replace('Script ', ''));

describe('the list of scripts', () => {
  it('has the newest scripts first, in pages that together have each script once', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    for (const size of [3, 3, 1]) {
      const page = await service.list('acme', { limit: 3, cursor });
      expect(page.items).toHaveLength(size);
      seen.push(...page.items.map(({ name }) => name));
      expect(page.nextCursor === null).toBe(size === 1);
      cursor = page.nextCursor ?? undefined;
    }
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1].map((at) => `Script ${at}`));
  });

  it('goes on at the same place when scripts are added and deleted between two pages', async () => {
    const first = await service.list('acme', { limit: 2 });
    const added = await service.create('acme', newScript({ name: 'Newer' }));
    const second = await service.list('acme', { limit: 2, cursor: first.nextCursor ?? '' });
    expect(second.items.map(({ name }) => name)).toEqual(['Script 5', 'Script 4']);
    await service.delete('acme', added.id);
  });

  it('can be filtered by status, event type and name, and counted', async () => {
    expect(await names({ status: 'active' })).toEqual(['7', '6', '5']);
    expect(await names({ status: ['draft', 'paused'] })).toEqual(['4', '3', '2', '1']);
    expect(await names({ eventType: 'client.updated' })).toEqual(['6', '4', '2']);
    expect(await names({ nameContains: 'SCRIPT 3' })).toEqual(['3']);
    expect(await names({ nameContains: '%' })).toEqual([]);
    expect(await names({ status: 'active', eventType: 'user.created' })).toEqual(['7', '5']);
    expect(await service.count('acme')).toBe(7);
    expect(await service.count('acme', { status: 'active' })).toBe(3);
  });

  it.each<[string, ScriptQuery]>([
    ['limit', { limit: 0 }],
    ['limit', { limit: 201 }],
    ['limit', { limit: Number.NaN }],
    ['cursor', { cursor: "x' OR true" }],
    ['status', { status: 'running' as never }],
    ['state', { state: 'active' } as never],
  ])('is refused for an invalid %s', async (path, query) => {
    const listing = service.list('acme', query);
    await expect(listing).rejects.toBeInstanceOf(ScriptValidationError);
    await expect(listing).rejects.toMatchObject({ issues: [{ path }] });
  });
});
