import type { DataSource } from 'typeorm';
import {
  DuplicateScriptNameError,
  ScriptConflictError,
  ScriptSourceError,
  ScriptValidationError,
  ScriptVersionNotFoundError,
} from '../../../lib/scripts/script.errors.js';
import type { ScriptService } from '../../../lib/scripts/script.service.js';
import { testDataSource } from '../../support/postgres.js';
import { newScript, scriptServices } from '../../support/script-services.js';

let dataSource: DataSource;
let service: ScriptService;
let tenant = 0;
let acme: string;

beforeEach(async () => {
  dataSource ??= await testDataSource();
  ({ service } = scriptServices(dataSource));
  acme = `acme-${(tenant += 1)}`;
});

describe('changing a script', () => {
  it('sets the given fields, keeps the others, and records who did it', async () => {
    const before = await service.create(acme, newScript({ description: 'Old', filters: { a: 1 } }), 'ann');
    const after = await service.update(acme, before.id, { description: null, filters: { b: 2 } }, 'bob');
    expect(after).toMatchObject({ name: 'Welcome', description: null, filters: { b: 2 }, version: 1 });
    expect(after).toMatchObject({ createdBy: 'ann', updatedBy: 'bob', eventTypes: ['user.created'] });
    expect(after.updatedAt.getTime()).toBeGreaterThanOrEqual(before.updatedAt.getTime());
    expect(BigInt(after.revision)).toBeGreaterThan(BigInt(before.revision));
  });

  it('is refused with the revision of an earlier state', async () => {
    const { id, revision } = await service.create(acme, newScript());
    const paused = await service.update(acme, id, { description: 'first', baseRevision: revision });
    const late = service.update(acme, id, { description: 'second', baseRevision: revision });
    await expect(late).rejects.toMatchObject({ code: 'script-changed', currentRevision: paused.revision });
    const never = service.update(acme, id, { name: 'New', baseRevision: 'x'.repeat(100) });
    await expect(never).rejects.toMatchObject({ issues: [{ path: 'baseRevision' }] });
    expect(await service.get(acme, id)).toMatchObject({ description: 'first' });
  });

  it('compares two versions, and reverts to an earlier one as the newest version', async () => {
    const { id } = await service.create(acme, newScript({ source: 'let a = 1;\nreturn a;\n' }));
    const second = await service.updateSource(acme, id, 'let a = 2;\nreturn a;\nconst b = 3;', { by: 'bob' });
    expect(await service.compareVersions(acme, id, 1, 2)).toEqual({
      from: 1,
      to: 2,
      added: 2,
      removed: 1,
      lines: [
        { kind: 'removed', before: 1, after: null, text: 'let a = 1;' },
        { kind: 'added', before: null, after: 1, text: 'let a = 2;' },
        { kind: 'same', before: 2, after: 2, text: 'return a;' },
        { kind: 'added', before: null, after: 3, text: 'const b = 3;' },
      ],
    });
    const late = service.revert(acme, id, 1, { baseRevision: '1' });
    await expect(late).rejects.toMatchObject({ code: 'script-changed' });
    const reverted = await service.revert(acme, id, 1, { by: 'ann', baseRevision: second.revision });
    expect(reverted).toMatchObject({ version: 3, updatedBy: 'ann', warnings: [] });
    expect(await service.getSource(acme, id)).toBe('let a = 1;\nreturn a;\n');
    expect(await service.compareVersions(acme, id, 1, 3)).toMatchObject({ added: 0, removed: 0 });
    expect(await service.revert(acme, id, 3)).toMatchObject({ version: 3 });
    await expect(service.revert(acme, id, 9)).rejects.toBeInstanceOf(ScriptVersionNotFoundError);
    await expect(service.compareVersions('beta', id, 1, 2)).rejects.toMatchObject({
      code: 'script-not-found',
    });
  });

  it('compares two large sources without a common line as a whole', async () => {
    const lines = (word: string): string =>
      Array.from({ length: 4_000 }, (_, n) => `${word}(${n});`).join('\n');
    const { id } = await service.create(acme, newScript({ source: lines('a') }));
    await service.updateSource(acme, id, lines('b'));
    expect(await service.compareVersions(acme, id, 1, 2)).toMatchObject({ added: 4_000, removed: 4_000 });
  });

  it('changes nothing when one of the fields is wrong', async () => {
    const script = await service.create(acme, newScript());
    const change = service.update(acme, script.id, { name: 'New', filters: { a: { gtt: 1 } } });
    await expect(change).rejects.toBeInstanceOf(ScriptValidationError);
    expect({ ...(await service.get(acme, script.id)), warnings: [] }).toEqual({ ...script });
  });

  it('refuses a status and any other field that update() does not change', async () => {
    const script = await service.create(acme, newScript());
    const change = service.update(acme, script.id, { status: 'active', id: 'x' } as never);
    await expect(change).rejects.toMatchObject({ issues: [{ path: 'status' }, { path: 'id' }] });
  });

  it('refuses the name of another script of the tenant, and accepts the script’s own name', async () => {
    await service.create(acme, newScript({ name: 'First' }));
    const second = await service.create(acme, newScript({ name: 'Second' }));
    await expect(service.update(acme, second.id, { name: 'First' })).rejects.toBeInstanceOf(
      DuplicateScriptNameError,
    );
    await expect(service.update(acme, second.id, { name: 'Second' })).resolves.toMatchObject({
      name: 'Second',
    });
  });
});

describe('a new source', () => {
  it('becomes the next version, and old versions remain readable', async () => {
    const { id } = await service.create(acme, newScript({ source: 'return 1;' }), 'ann');
    expect(await service.updateSource(acme, id, 'return 2;', { by: 'bob' })).toMatchObject({
      version: 2,
      updatedBy: 'bob',
    });
    expect(await service.getSource(acme, id)).toBe('return 2;');
    expect(await service.getSource(acme, id, 1)).toBe('return 1;');
    const versions = await service.listVersions(acme, id);
    const below = await service.listVersions(acme, id, { before: versions[0]?.version ?? 0, limit: 1 });
    expect(below).toEqual(versions.slice(1, 2));
    expect(versions.map(({ version, createdBy }) => [version, createdBy])).toEqual([
      [2, 'bob'],
      [1, 'ann'],
    ]);
    await expect(service.getVersion(acme, id, 3)).rejects.toBeInstanceOf(ScriptVersionNotFoundError);
    await expect(service.getVersion(acme, id, 0.5)).rejects.toBeInstanceOf(ScriptVersionNotFoundError);
  });

  it('makes no version if it equals the current one, and makes one if it equals an older one', async () => {
    const { id } = await service.create(acme, newScript({ source: 'return 1;' }));
    expect(await service.updateSource(acme, id, 'return 1;')).toMatchObject({ version: 1 });
    await service.updateSource(acme, id, 'return 2;');
    expect(await service.updateSource(acme, id, 'return 1;')).toMatchObject({ version: 3 });
  });

  it('is refused if it is invalid, and the script does not change', async () => {
    const { id } = await service.create(acme, newScript());
    await expect(service.updateSource(acme, id, 'return (')).rejects.toBeInstanceOf(ScriptSourceError);
    await expect(service.updateSource(acme, id, undefined as never)).rejects.toBeInstanceOf(
      ScriptSourceError,
    );
    expect((await service.get(acme, id)).version).toBe(1);
  });

  it('gets its own version, even when many are saved at the same time', async () => {
    const { id } = await service.create(acme, newScript({ source: 'return 0;' }));
    const other = scriptServices(dataSource).service;
    const saves = Array.from({ length: 12 }, (_, at) =>
      (at % 2 ? service : other).updateSource(acme, id, `return ${at + 1};`),
    );
    const versions = (await Promise.all(saves)).map(({ version }) => version);
    expect(versions.toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    expect(await service.listVersions(acme, id)).toHaveLength(13);
  });

  it('is refused if its baseVersion is no longer the newest version', async () => {
    const { id } = await service.create(acme, newScript({ source: 'return 0;' }));
    const saves = ['return 1;', 'return 2;'].map((source) =>
      service.updateSource(acme, id, source, { baseVersion: 1 }),
    );
    const outcomes = await Promise.allSettled(saves);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(1);
    expect(refused[0]?.reason).toBeInstanceOf(ScriptConflictError);
    expect(refused[0]?.reason).toMatchObject({ baseVersion: 1, currentVersion: 2 });
    await expect(service.updateSource(acme, id, 'return 3;', { baseVersion: 0 })).rejects.toBeInstanceOf(
      ScriptValidationError,
    );
  });

  it('cannot be changed once it is stored', async () => {
    const { id } = await service.create(acme, newScript());
    const tampering = dataSource.query("UPDATE script_versions SET source = 'evil()' WHERE script_id = $1", [
      id,
    ]);
    await expect(tampering).rejects.toThrow(/immutable/);
  });
});
