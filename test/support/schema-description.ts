import type { DataSource } from 'typeorm';

const RELATIONS = `
  SELECT c.oid::int, c.relname AS name, c.relkind AS kind FROM pg_class c
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'S') AND c.relname NOT LIKE 'migrations%'
  ORDER BY c.relkind DESC, c.relname`;
const COLUMNS = `
  SELECT attname || ' ' || format_type(atttypid, atttypmod)
    || CASE WHEN attcollation = '"C"'::regcollation THEN ' COLLATE "C"' ELSE '' END || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
    || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid, true), '') AS line
  FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;
// PostgreSQL 18 also lists NOT NULL (n) as a constraint; the column's line has it already.
const CONSTRAINTS = `
  SELECT 'CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(oid, true) AS line
  FROM pg_constraint WHERE conrelid = $1 AND contype <> 'n' ORDER BY contype DESC, conname COLLATE "C"`;
const INDEXES = `
  SELECT pg_get_indexdef(i.indexrelid, 0, true) AS line FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
  WHERE i.indrelid = $1 AND NOT i.indisprimary ORDER BY c.relname COLLATE "C"`;
const TRIGGERS = `
  SELECT pg_get_triggerdef(oid, true) AS line FROM pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal
  ORDER BY tgname COLLATE "C"`;
const FUNCTIONS = `
  SELECT rtrim(pg_get_functiondef(oid), E'\n') AS line FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
  ORDER BY proname COLLATE "C"`;

/**
 * The schema of the connection as SQL text, read from the catalog: the same for the same schema, whatever its name and
 * however it came about. TypeORM's table of migrations is left out.
 */
export async function describeSchema(dataSource: DataSource): Promise<string> {
  const lines = async (sql: string, parameters?: unknown[]): Promise<string[]> =>
    (await dataSource.query<{ line: string }[]>(sql, parameters)).map((row) => row.line);
  const parts: string[] = [];
  for (const relation of await dataSource.query<{ oid: number; name: string; kind: string }[]>(RELATIONS)) {
    if (relation.kind === 'S') {
      parts.push(`CREATE SEQUENCE ${relation.name};`);
      continue;
    }
    const body = [...(await lines(COLUMNS, [relation.oid])), ...(await lines(CONSTRAINTS, [relation.oid]))];
    parts.push(`CREATE TABLE ${relation.name} (\n  ${body.join(',\n  ')}\n);`);
    const after = [...(await lines(INDEXES, [relation.oid])), ...(await lines(TRIGGERS, [relation.oid]))];
    if (after.length > 0) parts.push(after.map((line) => `${line};`).join('\n'));
  }
  parts.push(...(await lines(FUNCTIONS)).map((definition) => `${definition};`));
  const [{ schema }] = await dataSource.query<[{ schema: string }]>('SELECT current_schema() AS schema');
  return `${parts.join('\n\n').replaceAll(`${schema}.`, '')}\n`;
}
