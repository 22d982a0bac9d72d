import type { DataSource } from 'typeorm';
import { ScriptVersionNotFoundError } from '../../../lib/scripts/script.errors.js';
import { ScriptSources, type VersionId } from '../../../lib/scripts/script-sources.js';
import { testDataSource } from '../../support/postgres.js';
import { newScript, scriptServices, type ScriptServices } from '../../support/script-services.js';

let dataSource: DataSource;
let services: ScriptServices;
let sources: ScriptSources;
let reads: jest.SpyInstance;

beforeEach(async () => {
  dataSource ??= await testDataSource();
  services = scriptServices(dataSource);
  sources = new ScriptSources(services.repository);
  reads = jest.spyOn(services.repository, 'sourceOf');
});

const create = async (source: string): Promise<string> =>
  (await services.service.create('acme', newScript({ name: crypto.randomUUID(), source }))).id;

describe('the cache of sources', () => {
  it('reads a version from the database once, also when many runs need it at the same time', async () => {
    const id = await create('return 1;');
    const asked = await Promise.all(Array.from({ length: 10 }, () => sources.get(id, 1)));
    expect(new Set(asked)).toEqual(new Set(['return 1;']));
    expect(await sources.get(id, 1)).toBe('return 1;');
    expect(reads).toHaveBeenCalledTimes(1);
  });

  it('keeps each version separately', async () => {
    const id = await create('return 1;');
    await services.service.updateSource('acme', id, 'return 2;');
    expect([await sources.get(id, 1), await sources.get(id, 2)]).toEqual(['return 1;', 'return 2;']);
  });

  it('throws if there is no such version, and asks the database again the next time', async () => {
    const id = await create('return 1;');
    await expect(sources.get(id, 2)).rejects.toBeInstanceOf(ScriptVersionNotFoundError);
    await services.service.updateSource('acme', id, 'return 2;');
    expect(await sources.get(id, 2)).toBe('return 2;');
  });

  it('asks the database again after it has failed', async () => {
    const id = await create('return 1;');
    reads.mockRejectedValueOnce(new Error('connection lost'));
    const both = await Promise.allSettled([sources.get(id, 1), sources.get(id, 1)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await sources.get(id, 1)).toBe('return 1;');
  });

  it('drops the least recently used sources at its limit, and still returns every source', async () => {
    const large = `return ${'1'.repeat(100_000)};`;
    reads.mockResolvedValue(large);
    const ids = Array.from({ length: 400 }, () => crypto.randomUUID());
    for (const id of ids) expect(await sources.get(id, 1)).toBe(large);
    await sources.get(ids.at(-1) ?? '', 1);
    expect(reads).toHaveBeenCalledTimes(400);
    await sources.get(ids[0] ?? '', 1);
    expect(reads).toHaveBeenCalledTimes(401);
  });
});

describe('sources that are loaded together', () => {
  it('are read up to a number of bytes at a time; a larger one is read by itself', async () => {
    const source = `return 1; // ${'x'.repeat(90_000)}`;
    const versions: VersionId[] = [];
    for (let count = 0; count < 3; count += 1) versions.push({ scriptId: await create(source), version: 1 });
    const { repository } = services;
    const found = async (maxBytes: number): Promise<number> =>
      (await repository.sourcesOf(versions, maxBytes)).length;
    expect(await Promise.all([1, source.length + 1, 1_000_000].map(found))).toEqual([1, 2, 3]);
  });

  it('are all in memory afterwards, except those of deleted scripts', async () => {
    const source = `return 1; // ${'x'.repeat(95_000)}`;
    const versions: VersionId[] = [{ scriptId: crypto.randomUUID(), version: 1 }];
    for (let count = 0; count < 50; count += 1) versions.push({ scriptId: await create(source), version: 1 });
    const queries = jest.spyOn(services.repository, 'sourcesOf');
    await sources.load(versions);
    // Five megabytes in two queries of up to four, and one query without an answer.
    expect(queries).toHaveBeenCalledTimes(3);
    for (const { scriptId, version } of versions.slice(1))
      expect(await sources.get(scriptId, version)).toBe(source);
    expect(reads).not.toHaveBeenCalled();
  });
});
