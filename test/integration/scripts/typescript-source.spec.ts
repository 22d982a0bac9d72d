import type { DataSource } from 'typeorm';
import { ScriptSourceError, ScriptValidationError } from '../../../lib/scripts/script.errors.js';
import { ScriptSources } from '../../../lib/scripts/script-sources.js';
import type { CreateScript, UpdateScript } from '../../../lib/scripts/script.types.js';
import { testDataSource } from '../../support/postgres.js';
import { newScript, scriptServices, type ScriptServices } from '../../support/script-services.js';

const SOURCE = 'const total: number = 1;\nreturn total;';
const JAVASCRIPT = 'const total         = 1;\nreturn total;';

let dataSource: DataSource;
let services: ScriptServices;

beforeEach(async () => {
  dataSource ??= await testDataSource();
  services = scriptServices(dataSource);
});

const create = (changes: Partial<CreateScript>) =>
  services.service.create('acme', newScript({ name: crypto.randomUUID(), ...changes }));
const typescript = (source = SOURCE) => create({ source, language: 'typescript' });
const change = (id: string, changes: UpdateScript) => services.service.update('acme', id, changes);

describe('a script in TypeScript', () => {
  it("is stored and shown as the author's own text, and runs as JavaScript on the same lines", async () => {
    const { id } = await typescript();
    expect(await services.service.getVersion('acme', id, 1)).toMatchObject({
      language: 'typescript',
      source: SOURCE,
      compiled: JAVASCRIPT,
    });
    expect(await services.service.getSource('acme', id)).toBe(SOURCE);
    expect(await new ScriptSources(services.repository).get(id, 1)).toBe(JAVASCRIPT);
    expect(await services.service.listVersions('acme', id)).toEqual([
      expect.objectContaining({ version: 1, language: 'typescript' }),
    ]);
  });

  it('must be declared as such: without a language, types are a syntax error', async () => {
    const { id } = await create({ source: 'return 1;' });
    expect(await services.service.getVersion('acme', id, 1)).toMatchObject({
      language: 'javascript',
      compiled: null,
    });
    await expect(create({ source: SOURCE })).rejects.toBeInstanceOf(ScriptSourceError);
  });

  it('is refused with the line if its syntax is more than types', async () => {
    const refused = typescript('return 1;\n\nenum Size { Small }');
    await expect(refused).rejects.toMatchObject({ code: 'invalid-script-source', line: 3 });
    await expect(refused).rejects.toThrow('enum');
  });

  it('is refused with the line if it is no valid JavaScript without its types', async () => {
    const decorated = typescript('const a: number = 1;\n@sealed class A {}');
    await expect(decorated).rejects.toMatchObject({ code: 'invalid-script-source', line: 2 });
  });

  it('remains TypeScript when its source is changed, until another language is given', async () => {
    const { id } = await typescript();
    await change(id, { source: 'return 2 as number;' });
    await services.service.updateSource('acme', id, 'return 3 as number;');
    await services.service.updateSource('acme', id, 'return 4;', { language: 'javascript' });
    const languages = (await services.service.listVersions('acme', id)).map(({ language }) => language);
    expect(languages).toEqual(['javascript', 'typescript', 'typescript', 'typescript']);
    await expect(change(id, { source: SOURCE })).rejects.toBeInstanceOf(ScriptSourceError);
  });

  it('gets a new version for the same text in another language, and none for the same text and language', async () => {
    const { id } = await create({ source: 'return 1;' });
    expect(await change(id, { source: 'return 1;', language: 'typescript' })).toMatchObject({ version: 2 });
    expect(await change(id, { source: 'return 1;' })).toMatchObject({ version: 2 });
  });

  it.each([
    ['an unknown language', { source: 'return 1;', language: 'coffeescript' }, 'language unknown'],
    ['null', { source: 'return 1;', language: null }, 'language unknown'],
    ['a language without a source', { language: 'typescript' }, 'source required'],
  ])('is refused for %s', async (_what, changes, problem) => {
    const { id } = await typescript();
    const error = await change(id, changes as UpdateScript).catch((thrown: unknown) => thrown);
    const { issues } = error as ScriptValidationError;
    expect(issues.map(({ path, code }) => `${path} ${code}`)).toEqual([problem]);
  });
});
