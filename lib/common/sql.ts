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
 * Measured on PostgreSQL 18 with 25 columns and 10 to 100 rows: as fast as `unnest` with one list per column, and with
 * a fifth less processor time in Node than one parameter per value, whose text also differs for each number of rows.
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
