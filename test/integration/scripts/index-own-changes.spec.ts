import type { DataSource } from 'typeorm';
import { testDataSource } from '../../support/postgres.js';
import { newScript, scriptServices, type ScriptServices } from '../../support/script-services.js';
import { matchScripts } from '../../support/match-scripts';

let dataSource: DataSource;
let services: ScriptServices;

beforeEach(async () => {
  dataSource ??= await testDataSource();
  services = scriptServices(dataSource);
  await services.sync.start();
});

const matches = (payload: unknown, type = 'user.created', tenant = 'acme') =>
  matchScripts(services.index, type, tenant, payload).matched.map(
    ({ name, version }) => `${name} v${version}`,
  );

describe('a change in this process is in the index when the call resolves', () => {
  it('after every method that changes a script', async () => {
    const { service } = services;
    const { id } = await service.create('acme', newScript({ active: true }));
    expect(matches({})).toEqual(['Welcome v1']);
    await service.updateSource('acme', id, 'return 2;');
    expect(matches({})).toEqual(['Welcome v2']);
    await service.update('acme', id, { name: 'Hello', filters: { vip: true } });
    expect(matches({ vip: false })).toEqual([]);
    expect(matches({ vip: true })).toEqual(['Hello v2']);
    await service.update('acme', id, { eventTypes: ['user.updated'] });
    expect(matches({ vip: true })).toEqual([]);
    expect(matches({ vip: true }, 'user.updated')).toEqual(['Hello v2']);
    await service.pause('acme', id);
    expect(matches({ vip: true }, 'user.updated')).toEqual([]);
    await service.activate('acme', id);
    expect(matches({ vip: true }, 'user.updated')).toEqual(['Hello v2']);
    await service.archive('acme', id);
    expect(matches({ vip: true }, 'user.updated')).toEqual([]);
    await service.delete('acme', id);
  });

  it('only if it was not refused', async () => {
    const { service } = services;
    const { id } = await service.create('acme', newScript({ name: 'Steady', active: true }));
    await expect(service.update('acme', id, { filters: { a: { gtt: 1 } } })).rejects.toThrow(/gtt/);
    await expect(service.updateSource('acme', id, 'return (')).rejects.toThrow(/source/);
    expect(matches({})).toEqual(['Steady v1']);
  });

  it('with the last stored state, when many calls change the same script at the same time', async () => {
    const { service, index } = services;
    const { id } = await service.create(
      'acme',
      newScript({ name: 'Busy', eventTypes: ['a.b'], active: true }),
    );
    await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        service.update('acme', id, { source: `return ${at};`, filters: { at } }),
      ),
    );
    const stored = await service.get('acme', id);
    expect(index.get(id)).toMatchObject({ version: stored.version });
    expect(matches(stored.filters, 'a.b')).toEqual([`Busy v${stored.version}`]);
  });
});
