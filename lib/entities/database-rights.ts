import { MissingRightsError } from './schema-check.errors.js';
import type { Statements } from './primary-database.js';

/** The rights that our statements need. Tables and sequences are quoted paths. */
export interface NeededRights {
  /** Names of the schemas. */
  schemas: readonly string[];
  /** Path → privileges. */
  tables: Readonly<Record<string, readonly Privilege[]>>;
  sequences: readonly string[];
}

/** A privilege on a table. */
export type Privilege = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

/** All privileges that this package needs on a table of its own. */
export const ALL: readonly Privilege[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

/** $1 schemas */
const SCHEMAS_SQL = `SELECT 'USAGE on schema ' || s.name AS missing FROM unnest($1::text[]) AS s (name)
    JOIN pg_namespace n ON n.nspname = s.name WHERE NOT has_schema_privilege(n.oid, 'USAGE')`;

/** $1 tables with $2 their privileges, $3 sequences. Missing objects are reported elsewhere. */
const OBJECTS_SQL = `
  SELECT t.privilege || ' on table ' || t.path AS missing FROM unnest($1::text[], $2::text[]) AS t (path, privilege)
    WHERE has_table_privilege(to_regclass(t.path), t.privilege) IS FALSE
  UNION ALL
  SELECT DISTINCT 'a row level security policy for this user on table ' || t.path FROM unnest($1::text[]) AS t (path)
    JOIN pg_class c ON c.oid = to_regclass(t.path)
   WHERE row_security_active(c.oid) AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid
     AND EXISTS (SELECT FROM unnest(p.polroles) AS r (oid) WHERE r.oid = 0 OR pg_has_role(r.oid, 'USAGE')))
  UNION ALL
  SELECT 'USAGE on sequence ' || q.path FROM unnest($3::text[]) AS q (path)
    WHERE has_sequence_privilege(to_regclass(q.path), 'USAGE') IS FALSE`;

/**
 * Checks at the start whether the database user has the rights that the statements of this package need, so that a
 * missing right shows before the first event.
 *
 * @throws {MissingRightsError} naming each right that is missing
 */
export async function checkRights(statements: Statements, needed: NeededRights): Promise<void> {
  const wanted = Object.entries(needed.tables).flatMap(([path, privileges]) =>
    privileges.map((privilege) => [path, privilege] as const),
  );
  // In a schema without USAGE, names can't be looked up.
  await refuseMissing(statements, SCHEMAS_SQL, [needed.schemas]);
  await refuseMissing(statements, OBJECTS_SQL, [
    wanted.map(([path]) => path),
    wanted.map(([, privilege]) => privilege),
    needed.sequences,
  ]);
}

async function refuseMissing(statements: Statements, sql: string, parameters: unknown[]): Promise<void> {
  const rows = await statements.query<{ missing: string }>(sql, parameters);
  if (rows.length > 0) throw new MissingRightsError(rows.map(({ missing }) => missing));
}
