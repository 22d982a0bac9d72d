import type { ScriptEntity, ScriptStatus } from '../entities/index.js';
import type { ExecutionNotRun } from './execution.types.js';

/**
 * Why a script that isn't active did not run.
 *
 * @param stored null if it was deleted
 */
export const notRunAs = (stored: ScriptEntity | null): ExecutionNotRun => ({
  status: 'not-run',
  reason: stored ? (NOT_RUN_AS[stored.status] ?? 'paused') : 'deleted',
});

const NOT_RUN_AS: Partial<Record<ScriptStatus, ExecutionNotRun['reason']>> = {
  archived: 'deleted',
  disabled: 'disabled',
};
