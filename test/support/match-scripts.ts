import type { IndexedScript, ScriptIndex } from '../../lib/scripts/script-index.js';

/** The tenant's scripts that listen to a type, and those of them whose filter matches the payload. */
export function matchScripts(
  index: ScriptIndex,
  eventType: string,
  tenantId: string,
  payload: unknown,
): { listening: number; matched: readonly IndexedScript[] } {
  const inquiry = index.ask(eventType, tenantId, () => payload);
  inquiry?.advance();
  return { listening: inquiry?.size ?? 0, matched: inquiry?.matched ?? [] };
}
