import type { ScriptEntity, ScriptStatus } from '../entities/index.js';
import { ScriptStatusError } from './script.errors.js';

/** Actions that change a script's status. */
export type StatusAction = 'activate' | 'pause' | 'disable' | 'archive' | 'restore';

/**
 * The statuses and the transitions between them. Only an active script runs.
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
 * A person pauses a script: it receives no events until it is activated. The package disables a harmful script, and so
 * can a person: it keeps listening, and its events are kept until it is active again. Both can have a reason. A
 * restored script is paused, so that restoring doesn't make it run.
 */
const ACTIONS: Record<StatusAction, { from: readonly ScriptStatus[]; to: ScriptStatus }> = {
  activate: { from: ['draft', 'paused', 'disabled'], to: 'active' },
  pause: { from: ['active'], to: 'paused' },
  disable: { from: ['active'], to: 'disabled' },
  archive: { from: ['draft', 'active', 'paused', 'disabled'], to: 'archived' },
  restore: { from: ['archived'], to: 'paused' },
};

/**
 * The status after an action. An action that wouldn't change the status is refused too, because the caller then has an
 * outdated view of the script.
 *
 * @throws {ScriptStatusError} naming both statuses and the possible actions
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
