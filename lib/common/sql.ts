/** The largest `integer` of PostgreSQL. */
export const MAX_INTEGER = 2 ** 31 - 1;

/** Columns and their types in PostgreSQL. */
export type SqlColumns = Readonly<Record<string, string>>;

/** Columns that an insert computes from its input instead of copying them. */
export interface DerivedColumns {
  /** Fields of the input that are not columns of the table. */
  inputs: SqlColumns;
  /** Column → SQL expression; a field of the input is `r.name`. */
  values: Readonly<Record<string, string>>;
}

/**
 * The statement that inserts any number of rows from one parameter, a JSON list of objects with these columns. Rows
 * whose id or another key already exists are left alone, so that a batch can be sent again if its answer was lost.
 * `jsonb` columns are given as JSON text.
 *
 * For a table that is written at a high rate, {@link insertLists} costs PostgreSQL less.
 *
 * @param conflict SQL that says what happens to a row that already exists; `d` is the table
 */
export function insertRecordset(
  table: string,
  columns: SqlColumns,
  derived?: DerivedColumns,
  conflict = 'ON CONFLICT DO NOTHING',
): string {
  const copied = Object.entries(columns);
  const names = [...copied.map(([name]) => name), ...Object.keys(derived?.values ?? {})];
  const values = copied.map(([name, type]) => (type === 'jsonb' ? `r.${name}::jsonb` : `r.${name}`));
  const inputs = [...copied, ...Object.entries(derived?.inputs ?? {})];
  const shape = inputs.map(([name, type]) => `${name} ${type === 'jsonb' ? 'text' : type}`);
  return `INSERT INTO ${table} AS d (${names.join(', ')})
    SELECT ${[...values, ...Object.values(derived?.values ?? {})].join(', ')}
    FROM json_to_recordset($1::json) AS r (${shape.join(', ')})
    ${conflict}`;
}

/** The values of one row. A column without a value, or with a number that is not finite, is null. */
export type SqlRow = Readonly<Record<string, string | number | null | undefined>>;

/**
 * Inserts any number of rows from one parameter for each column, a list of the values of all rows. Rows whose id or
 * another key already exists are left alone, so that a batch can be sent again if its answer was lost. `jsonb` columns
 * are given as JSON text. Columns in which no row has a value are left out, so they must be null by default.
 *
 * Measured on PostgreSQL 18 with 36 columns, of which 22 have values, and 100 rows: 24 µs of PostgreSQL's processor time
 * for each row instead of the 34 of {@link insertRecordset}, which builds a hash table for each row.
 */
export function insertLists(
  table: string,
  columns: SqlColumns,
  rows: readonly SqlRow[],
): { sql: string; parameters: string[] } {
  const used = Object.keys(columns).filter((name) => rows.some((row) => isValue(row[name])));
  const lists = used.map((name, index) => `$${index + 1}::${columns[name]}[]`);
  return {
    sql: `INSERT INTO ${table} AS d (${used.join(', ')}) SELECT * FROM unnest(${lists.join(', ')}) ON CONFLICT DO NOTHING`,
    parameters: used.map((name) => listOf(rows.map((row) => row[name]))),
  };
}

const isValue = (value: SqlRow[string]): value is string | number => value !== null && value !== undefined;

/** The text of a list for PostgreSQL. */
const listOf = (values: readonly SqlRow[string][]): string => `{${values.map(itemOf).join(',')}}`;

function itemOf(value: SqlRow[string]): string {
  if (!isValue(value)) return 'NULL';
  // As in JSON. A sum over a stored NaN would be NaN for ever.
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'NULL';
  // Two plain replacements take half the time of one with a regular expression.
  const escaped = value.includes('\\') ? value.replaceAll('\\', '\\\\') : value;
  return `"${escaped.replaceAll('"', '\\"')}"`;
}
