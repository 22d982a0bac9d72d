import { isUuid } from '../common/page.js';

/** A script that was made, changed or deleted. */
export interface ChangedScript {
  scriptId: string;
  tenantId: string;
}

/** What the trigger on the table of scripts says: the id, a space, and the tenant. Undefined for anything else. */
export function changedScript(text: string): ChangedScript | undefined {
  const space = text.indexOf(' ');
  const scriptId = space === -1 ? text : text.slice(0, space);
  return isUuid(scriptId) ? { scriptId, tenantId: space === -1 ? '' : text.slice(space + 1) } : undefined;
}
