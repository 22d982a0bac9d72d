import type { ScriptStatus } from '../entities/index.js';
import type { Statements } from '../entities/primary-database.js';
import { TooManyScriptsError } from './script.errors.js';

const LISTENING: readonly ScriptStatus[] = ['active', 'disabled'];

/** Whether a change of status adds a script to those that listen. */
export const beginsToListen = (before: ScriptStatus | null, after: ScriptStatus | undefined): boolean =>
  after !== undefined && LISTENING.includes(after) && (before === null || !LISTENING.includes(before));

/**
 * Acquires the tenant's lock until the transaction ends, so that of two simultaneous changes the second one counts the
 * first one's script. The lock is acquired before a script is written and after its row is locked. Deadlocks are
 * impossible: the lock's owner waits for no row of another script, except one with the same name, whose writer either
 * doesn't need the lock or has it.
 *
 * @param scripts path of the table
 * @throws {TooManyScriptsError} when `limit` scripts of the tenant listen already
 */
export async function refuseTooManyScripts(
  statements: Statements,
  scripts: string,
  tenantId: string,
  limit: number,
): Promise<void> {
  await statements.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `${scripts} listening ${tenantId}`,
  ]);
  const [row] = await statements.query<{ full: boolean }>(
    `SELECT count(*) >= $3::int AS full FROM (
       SELECT 1 FROM ${scripts} WHERE tenant_id = $1 AND status = ANY ($2::text[]) LIMIT $3::int
     ) AS listening`,
    [tenantId, LISTENING, limit],
  );
  if (row?.full) throw new TooManyScriptsError(tenantId, limit);
}
