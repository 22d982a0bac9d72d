import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isoTime, OWN_TYPES, OWN_TYPES_OR_TEXT } from '../../../lib/common/sql-types.js';

const root = join(__dirname, '..', '..', '..');

/**
 * Ways around `PrimaryDatabase`: through them the host's replicas, parsers, subscribers and transactions would decide
 * what a statement of ours does and answers.
 */
const WAYS_AROUND = [
  /dataSource\s*\.\s*(query|manager|transaction|getRepository|createQueryBuilder|createQueryRunner|sql)\b/i,
  /\b(manager|entityManager|queryRunner|runner|repo)\s*\.\s*(query|find\w*|save|insert|update|delete|count\w*|exist\w*|createQueryBuilder|getRepository)\b/i,
  /\bInjectRepository\b|\bgetRepositoryToken\b|\bRepository<\w+Entity>/,
  /\.(getMany|getOne|getRawMany|getRawOne|getOneOrFail|getCount)\(/,
  /\b(pool|client|master)\s*\.\s*query\b/i,
];

/** The one way itself, the pools of our own, which set the parsers, and what the engine sends over those. */
const ALLOWED: Record<string, string> = {
  'lib/entities/primary-database.ts': 'sends our statements',
  'lib/buffer/durable/typeorm-durable.database.ts': 'a pool of our own, with our parsers',
  'lib/buffer/durable/engine/patient-client.ts': 'a connection of that pool',
  'lib/buffer/durable/engine/engine-connections.ts': 'a connection of that pool',
  'lib/buffer/durable/engine/engine-schema.ts': "a connection of that pool, for the engine's own migrations",
  'lib/buffer/durable/engine/given-jobs.ts': 'a connection of that pool',
  'lib/nodes/typeorm-node-channel.ts': 'a connection of our own, with our parsers',
  'lib/routing/publish.errors.ts': 'advice to the host, in a message',
};

const files = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join(root, 'lib', file));

const waysAround = (code: string): string[] =>
  code
    .split('\n')
    .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line))
    .filter((line) => WAYS_AROUND.some((way) => way.test(line)));

describe('the statements of this package', () => {
  const found = files.map((file) => ({
    file: relative(root, file),
    lines: waysAround(readFileSync(file, 'utf8')),
  }));

  it('all go through PrimaryDatabase or another file in ALLOWED', () => {
    expect(found.filter(({ file, lines }) => lines.length > 0 && !(file in ALLOWED))).toEqual([]);
  });

  it('take another way in every file in ALLOWED, so the list has no spare entry', () => {
    const taken = found.filter(({ lines }) => lines.length > 0).map(({ file }) => file);
    expect(taken.toSorted()).toEqual(Object.keys(ALLOWED).toSorted());
  });

  it.each([
    'const rows = await this.dataSource.query(sql);',
    'return this.dataSource.manager.find(ScriptEntity);',
    'await manager.createQueryBuilder(ScriptEntity, "s").getMany();',
    'constructor(@InjectRepository(ScriptEntity) private readonly scripts: Repository<ScriptEntity>) {}',
    'const { rows } = await client.query("SELECT 1");',
  ])('are found by this check if they go around PrimaryDatabase: %s', (line) =>
    expect(waysAround(line)).toHaveLength(1),
  );
});

describe('the parsers of our statements', () => {
  const parse = (oid: number, text: string): unknown => OWN_TYPES.getTypeParser(oid)(text);

  it.each([
    [16, 't', true],
    [16, 'f', false],
    [20, '9223372036854775807', '9223372036854775807'],
    [23, '-7', -7],
    [25, 'text', 'text'],
    [114, '{"a":[1]}', { a: [1] }],
    [1700, '12.5', 12.5],
    [3802, 'null', null],
  ])('read type %i from %s', (oid, text, value) => expect(parse(oid, text)).toEqual(value));

  it.each([
    ['timestamptz', 1184],
    ['timestamp', 1114],
    ['date', 1082],
    ['interval', 1186],
    ['double precision', 701],
    ['real', 700],
    ['bytea', 17],
    ['text[]', 1009],
  ])('refuse %s, whose text a setting of the server changes', (_name, oid) => {
    expect(() => parse(oid, 'any')).toThrow(/cast it/);
    expect(OWN_TYPES_OR_TEXT.getTypeParser(oid)('any')).toBe('any');
  });

  it('get times as ISO 8601 in UTC, which a Date can read', () => {
    expect(isoTime('d.at')).toContain("AT TIME ZONE 'UTC'");
    expect(new Date('2026-11-28T12:00:00.123456Z').toISOString()).toBe('2026-11-28T12:00:00.123Z');
  });
});
