import { TypeScriptSupportError, TypeScriptStartError } from '../script.errors.js';

/** Codes with which the system refuses a thread, a file descriptor or memory. */
const REFUSED: ReadonlySet<string> = new Set([
  'ERR_WORKER_INIT_FAILED',
  'ERR_WORKER_OUT_OF_MEMORY',
  'EAGAIN',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
]);

/** Why the thread that removes types did not start: amaro is missing, or the system refuses what the thread needs. */
export function startFailure(cause: unknown): TypeScriptSupportError | TypeScriptStartError {
  const { code } = (cause ?? {}) as { code?: unknown };
  if (typeof code === 'string' && REFUSED.has(code)) return new TypeScriptStartError(code, cause);
  return new TypeScriptSupportError(cause);
}
