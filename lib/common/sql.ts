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
 * Inserts any number of rows from one parameter for each column: a list of the values of all rows, or the value itself
 * if all rows have the same. `jsonb` columns are given as JSON text. Columns in which no row has a value are left out, so
 * they must be null by default; fields that expressions of `more` name must be among its `inputs`, or have a value in
 * each row.
 *
 * Measured on PostgreSQL 18 with 36 columns, of which 22 have values, and 100 rows: 24 µs of PostgreSQL's processor time
 * for each row instead of the 34 of `json_to_recordset`, which builds a hash table for each row. With 300 rows that have
 * the same values in 14 of 23 columns, it takes 21 µs instead of 27 with a list for each column.
 */
export function insertLists(
  table: string,
  columns: SqlColumns,
  rows: readonly SqlRow[],
  { inputs = {}, values = {}, conflict = 'ON CONFLICT DO NOTHING' }: InsertMore = {},
): { sql: string; parameters: (string | null)[] } {
  const used = Object.keys(columns).filter((name) => rows.some((row) => isValue(row[name])));
  const given = [...used, ...Object.keys(inputs)];
  const types = { ...columns, ...inputs };
  const listed = given.filter((name) => !rows.every((row) => row[name] === rows[0]![name]));
  // Of several rows that are all the same, only a list says how many they are.
  if (listed.length === 0 && rows.length > 1) listed.push(given[0]!);
  const same = given.filter((name) => !listed.includes(name));
  const parameter = (index: number, name: string): string => `$${index + 1}::${itemTypeOf(types[name])}`;
  const lists = listed.map((name, index) => `${parameter(index, name)}[]`);
  const single = same.map((name, index) => `${parameter(listed.length + index, name)} AS ${name}`);
  const source = lists.length > 0 ? `FROM unnest(${lists.join(', ')}) AS l (${listed.join(', ')})` : '';
  return {
    sql: `INSERT INTO ${table} AS d (${[...used, ...Object.keys(values)].join(', ')})
      SELECT ${[...used.map((name) => copied(name, types[name])), ...Object.values(values)].join(', ')}
      FROM (SELECT ${[...listed, ...single].join(', ')} ${source}) AS r ${conflict}`,
    parameters: [
      ...listed.map((name) => listOf(rows.map((row) => row[name]))),
      ...same.map((name) => textOf(rows[0]![name])),
    ],
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

/** The text of a value for PostgreSQL. */
function textOf(value: SqlRow[string]): string | null {
  if (!isValue(value)) return null;
  // As in JSON. A sum over a stored NaN would be NaN for ever.
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null;
  return typeof value === 'object' ? listOf(value) : value;
}

/** The text of a value within a list. */
function itemOf(value: SqlRow[string]): string {
  const text = textOf(value);
  if (text === null) return 'NULL';
  if (typeof value === 'number') return text;
  // Two plain replacements take half the time of one with a regular expression.
  const escaped = text.includes('\\') ? text.replaceAll('\\', '\\\\') : text;
  return `"${escaped.replaceAll('"', '\\"')}"`;
}
