/** The largest `integer` of PostgreSQL. */
export const MAX_INTEGER = 2 ** 31 - 1;

/** Columns and their types in PostgreSQL. */
export type SqlColumns = Readonly<Record<string, string>>;

/** The values of one row. A column without a value, or with a number that is not finite, is null. */
export type SqlRow = Readonly<Record<string, string | number | readonly string[] | null | undefined>>;

/** What an insert does beyond copying the values of its rows. */
export interface InsertMore {
  /** Fields of the rows that are not columns of the table. */
  inputs?: SqlColumns;
  /** Columns that are computed. Column → SQL expression; a field of a row is `r.name`. */
  values?: Readonly<Record<string, string>>;
  /**
   * SQL that says what happens to a row that already exists; `d` is the table. Default `ON CONFLICT DO NOTHING`, so that
   * a batch can be sent again if its answer was lost.
   */
  conflict?: string;
}

/**
 * Inserts any number of rows from one parameter for each column, a list of the values of all rows. `jsonb` columns are
 * given as JSON text. Columns in which no row has a value are left out, so they must be null by default; fields that
 * expressions of `more` name must be among its `inputs`, or have a value in each row.
 *
 * Measured on PostgreSQL 18 with 36 columns, of which 22 have values, and 100 rows: 24 µs of PostgreSQL's processor time
 * for each row instead of the 34 of `json_to_recordset`, which builds a hash table for each row.
 */
export function insertLists(
  table: string,
  columns: SqlColumns,
  rows: readonly SqlRow[],
  { inputs = {}, values = {}, conflict = 'ON CONFLICT DO NOTHING' }: InsertMore = {},
): { sql: string; parameters: string[] } {
  const used = Object.keys(columns).filter((name) => rows.some((row) => isValue(row[name])));
  const given = [...used, ...Object.keys(inputs)];
  const types = { ...columns, ...inputs };
  const lists = given.map((name, index) => `$${index + 1}::${itemTypeOf(types[name])}[]`);
  return {
    sql: `INSERT INTO ${table} AS d (${[...used, ...Object.keys(values)].join(', ')})
      SELECT ${[...used.map((name) => copied(name, types[name])), ...Object.values(values)].join(', ')}
      FROM unnest(${lists.join(', ')}) AS r (${given.join(', ')}) ${conflict}`,
    parameters: given.map((name) => listOf(rows.map((row) => row[name]))),
  };
}

const isList = (type = ''): boolean => type.endsWith('[]');

/** PostgreSQL has no lists of lists: `unnest` would make one list of them. So a list travels as its text. */
const itemTypeOf = (type = 'text'): string => (isList(type) ? 'text' : type);
const copied = (name: string, type?: string): string => (isList(type) ? `r.${name}::${type}` : `r.${name}`);

const isValue = (value: SqlRow[string]): value is string | number | readonly string[] =>
  value !== null && value !== undefined;

/** The text of a list for PostgreSQL. */
const listOf = (values: readonly SqlRow[string][]): string => `{${values.map(itemOf).join(',')}}`;

function itemOf(value: SqlRow[string]): string {
  if (!isValue(value)) return 'NULL';
  // As in JSON. A sum over a stored NaN would be NaN for ever.
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'NULL';
  if (typeof value === 'object') return itemOf(listOf(value));
  // Two plain replacements take half the time of one with a regular expression.
  const escaped = value.includes('\\') ? value.replaceAll('\\', '\\\\') : value;
  return `"${escaped.replaceAll('"', '\\"')}"`;
}
