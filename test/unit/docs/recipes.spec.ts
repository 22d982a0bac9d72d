import type { JsonObject, JsonText, JsonValue } from '../../../lib/common/json.js';
import { matchFilter, parseFilter } from '../../../lib/filters/index.js';
import { ScriptSandbox } from '../../../lib/sandbox/index.js';
import { MemoryStoreReader } from '../../../lib/store/memory-store.reader.js';
import { RunStore } from '../../../lib/store/run-store.js';
import { codeBlocks, readPage, type CodeBlock } from './pages.js';

interface Settings {
  eventTypes: string[];
  filters?: JsonObject;
  bindings?: string[];
}

interface Run {
  input: JsonObject;
  /** What each binding answers. */
  answers?: Record<string, JsonValue>;
  /** The script's own store before the run. */
  store?: JsonObject;
  outcome: object;
  /** The changes of the run to that store. */
  stored?: JsonObject;
}

interface Recipe {
  title: string;
  settings: Settings;
  source: string;
  runs: Run[];
  skipped: JsonObject[];
}

const page = readPage('docs/recipes.md');

function recipeOf(part: string): Recipe {
  const [title = ''] = part.split('\n');
  const blocks = codeBlocks({ path: page.path, text: part }, 'js', 'json');
  const json = (kind: string) =>
    blocks.filter(({ info }) => info === `json ${kind}`).map(({ code }) => JSON.parse(code) as unknown);
  const [source] = blocks.filter(({ info }) => info === 'js') as [CodeBlock];
  return {
    title,
    settings: json('settings')[0] as Settings,
    source: source.code,
    runs: json('run') as Run[],
    skipped: json('skip') as JsonObject[],
  };
}

const recipes = page.text
  .split(/^## /m)
  .slice(1)
  .map((part) => recipeOf(part));

/** The keys that a run has written, each with the value that the run would read at its end. */
async function changesOf(store: RunStore): Promise<JsonObject> {
  const written = (store.changes()?.keys ?? []).filter(({ write }) => write !== undefined);
  const entries = written.map(async ({ key }): Promise<[string, JsonValue]> => {
    const { text } = (await store.call('store.get', { key })) as JsonText;
    return [key, JSON.parse(text) as JsonValue];
  });
  return Object.fromEntries(await Promise.all(entries));
}

describe('docs/recipes.md', () => {
  let sandbox: ScriptSandbox;
  beforeAll(async () => {
    sandbox = new ScriptSandbox({ processes: { min: 1, max: 1 } });
    await sandbox.start();
  });
  afterAll(() => sandbox.stop());

  it('has thirteen recipes, each with a run', () => {
    expect(recipes).toHaveLength(13);
    expect(recipes.filter(({ runs }) => runs.length === 0)).toEqual([]);
  });

  const runs = recipes.flatMap((recipe) => recipe.runs.map((run, index) => ({ recipe, run, index })));
  it.each(runs)(
    'has a recipe whose run ends as the page says: $recipe.title, run $index',
    async ({ recipe, run }) => {
      const { settings, source, title } = recipe;
      expect(matchFilter(parseFilter(settings.filters ?? null), run.input)).toBe(true);
      const [type = ''] = settings.eventTypes;
      const called: string[] = [];
      const values = Object.entries(run.store ?? {}).map(([key, value]): [string, string] => [
        key,
        JSON.stringify(value),
      ]);
      const reader = new MemoryStoreReader(new Map([[title, new Map(values)]]));
      const store = new RunStore(reader, { tenantId: 'acme', scriptId: title });
      const outcome = await sandbox.run({
        source,
        input: run.input,
        tenantId: 'acme',
        scriptId: title,
        version: 1,
        event: { id: 'event', type, occurredAt: '2026-01-30T09:00:00.000Z', depth: 0 },
        execution: { id: 'execution', attempt: 1, idempotencyKey: 'event:script' },
        bindings: settings.bindings ?? [],
        callBinding: async (name, input) => {
          if (name.startsWith('store.')) return store.call(name, input);
          called.push(name);
          return run.answers?.[name] ?? null;
        },
      });
      expect(outcome).toMatchObject(run.outcome);
      expect(called).toEqual(Object.keys(run.answers ?? {}));
      expect(await changesOf(store)).toEqual(run.stored ?? {});
    },
  );

  const skipped = recipes.flatMap(({ title, settings, skipped: inputs }) =>
    inputs.map((input) => ({ title, settings, input })),
  );
  it.each(skipped)(
    'has a recipe whose filter does not match the other event: $title',
    ({ settings, input }) => {
      expect(matchFilter(parseFilter(settings.filters ?? null), input)).toBe(false);
    },
  );
});
