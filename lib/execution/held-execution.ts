import type { ScriptEntity, ScriptStatus } from '../entities/index.js';
import type { HeldExecution } from './execution.types.js';

/** Why a script that is not active did not run. @param stored null when it is gone */
export const heldAs = (stored: ScriptEntity | null): HeldExecution => ({
  status: 'held',
  reason: stored ? (HELD_AS[stored.status] ?? 'paused') : 'deleted',
});

const HELD_AS: Partial<Record<ScriptStatus, HeldExecution['reason']>> = {
  archived: 'deleted',
  disabled: 'disabled',
};
