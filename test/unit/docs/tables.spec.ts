import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPage, ROOT } from './pages.js';

const LIB = join(ROOT, 'lib');

/** The expressions that stand for tables in the statements of a folder. */
const MEANINGS: Record<string, Record<string, string[]>> = {
  scripts: {
    'this.scripts': ['scripts'],
    'this.versions': ['script_versions'],
    'this.health': ['script_health'],
    table: ['script_health'],
    'tablePath(this.dataSource, DeadLetterEntity)': ['dead_letter_queue'],
    'tablePath(this.dataSource, StoreEntryEntity)': ['script_store'],
    usage: ['script_store_usage'],
  },
  secrets: { 'this.table': ['script_secrets'] },
  variables: {
    'this.variables': ['script_variables'],
    'this.versionsTable': ['script_variable_versions'],
  },
  store: { 'this.table': ['script_store'], 'this.usageTable': ['script_store_usage'] },
  breaker: { health: ['script_health'] },
  schedules: { table: ['script_schedules'] },
  execution: { 'this.table': ['script_executions'], statistics: ['script_statistics'] },
  'dead-letter': { table: ['dead_letter_queue'] },
  retention: {
    table: ['script_executions', 'script_statistics', 'dead_letter_queue'],
    store: ['script_store'],
    storeUsage: ['script_store_usage'],
  },
  buffer: {
    'this.engine': ['graphile-worker'],
    engine: ['graphile-worker'],
    'this.jobs': ['graphile-worker'],
    tasks: ['graphile-worker'],
    'quotedSchema(schema)': ['graphile-worker'],
    ...Object.fromEntries(
      ['nodes', 'waiting', 'slots', 'rates', 'ordered', 'keys'].flatMap((name) =>
        ['', 'tables.', 'this.tables.'].map((where) => [`${where}${name}`, [`scripts_event_${name}`]]),
      ),
    ),
  },
};

/** The target of a statement, as it is written: `${this.scripts}`. */
const WRITES =
  /(?:INSERT INTO|DELETE FROM|(?<!DO |FOR )UPDATE) (?!SET\b|SKIP\b)\$\{([^}]+)\}|insertLists\(\s*([\w.]+)/g;

interface Write {
  folder: string;
  expression: string;
}

const writesIn = (folder: string, code: string): Write[] =>
  [...code.matchAll(WRITES)].map(([, written, given]) => ({
    folder,
    expression: (written ?? given) as string,
  }));

const files = readdirSync(LIB, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
// common/sql.ts has a statement for any table; its callers name the table.
const writes = files
  .filter((file) => file !== join('common', 'sql.ts'))
  .flatMap((file) => writesIn(file.split(/[\\/]/)[0] as string, readFileSync(join(LIB, file), 'utf8')));

/** `folder table` for each write. */
const written = new Set(
  writes.flatMap(({ folder, expression }) =>
    (MEANINGS[folder]?.[expression] ?? []).map((table) => `${folder} ${table}`),
  ),
);

describe('the page about the architecture', () => {
  const { text } = readPage('docs/architecture.md');
  const section = /^## Tables\n([^]*?)^## /m.exec(text)?.[1] ?? '';
  const rows = [...section.matchAll(/^\| (`.+?`) +\| `([\w-]+)` +\| (.*?) *\|$/gm)];
  const named = rows.flatMap(([, tables, owner, others]) => {
    const folders = [owner, ...[...(others as string).matchAll(/`([\w-]+)`/g)].map(([, folder]) => folder)];
    return [...(tables as string).matchAll(/`([\w-]+)`/g)].flatMap(([, table]) =>
      folders.map((folder) => `${folder} ${table}`),
    );
  });

  it('names exactly the folders that write to each table', () => {
    expect([...written].toSorted()).toEqual(named.toSorted());
  });

  it('is compared with more than thirty statements, and the table of each is known', () => {
    expect(writes.length).toBeGreaterThan(30);
    const unknown = writes.filter(({ folder, expression }) => !MEANINGS[folder]?.[expression]);
    expect(unknown).toEqual([]);
  });

  it.each([
    'INSERT INTO ${this.scripts} (id)',
    'DELETE FROM ${table} d',
    'WITH a AS (UPDATE ${table} d SET x = 1)',
  ])('is compared with all statements that write, such as %s', (statement) => {
    expect(writesIn('health', statement)).toHaveLength(1);
  });
});
