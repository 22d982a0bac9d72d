import { isUuid } from '../common/page.js';

/** A script that was created, changed or deleted. */
export interface ChangedScript {
  scriptId: string;
  tenantId: string;
}

/**
 * Reads the notification of the trigger on the table of scripts: the id, a space, and the tenant. Returns undefined for
 * any other text.
 */
export function changedScript(text: string): ChangedScript | undefined {
  const space = text.indexOf(' ');
  const scriptId = space === -1 ? text : text.slice(0, space);
  return isUuid(scriptId) ? { scriptId, tenantId: space === -1 ? '' : text.slice(space + 1) } : undefined;
}
