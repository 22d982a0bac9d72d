import type { ScriptEntity, ScriptStatus } from '../entities/index.js';
import { ScriptStatusError } from './script.errors.js';

/** What changes a script's status. */
export type StatusAction = 'activate' | 'pause' | 'disable' | 'archive' | 'restore';

/**
 * The statuses and the ways between them. Only an active script runs.
 *
 * ```
 * draft ──activate──► active ──pause────► paused
 *                      ▲ │                  │
 *                      │ └──disable─► disabled
 *                      └────activate────────┘
 *
 *       any of these ──archive──► archived ──restore──► paused
 * ```
 *
 * A person pauses a script: it receives no events until it is activated. The package disables one that does harm, and a
 * person may: it listens on, and what comes for it is kept until it is active again. Both give a reason. A restored
 * script is paused, so that bringing it back does not make it run.
 */
const ACTIONS: Record<StatusAction, { from: readonly ScriptStatus[]; to: ScriptStatus }> = {
  activate: { from: ['draft', 'paused', 'disabled'], to: 'active' },
  pause: { from: ['active'], to: 'paused' },
  disable: { from: ['active'], to: 'disabled' },
  archive: { from: ['draft', 'active', 'paused', 'disabled'], to: 'archived' },
  restore: { from: ['archived'], to: 'paused' },
};

/**
 * The status after an action. What it has already is refused too: then the caller's picture of the script is old.
 *
 * @throws {ScriptStatusError} naming both statuses and what is possible
 */
export function statusAfter(
  { id, status }: Pick<ScriptEntity, 'id' | 'status'>,
  action: StatusAction,
): ScriptStatus {
  const { from, to } = ACTIONS[action];
  if (from.includes(status)) return to;
  const possible = Object.entries(ACTIONS).filter(([, other]) => other.from.includes(status));
  throw new ScriptStatusError(id, status, to, action, [...possible.map(([name]) => name), 'delete']);
}
