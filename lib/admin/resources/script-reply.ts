import type { ScriptEntity } from '../../entities/index.js';
import type { ScriptService } from '../../scripts/script.service.js';
import { Reply } from '../http/reply.js';

/** The path parameter of all routes for one script. */
export const SCRIPT_ID = { id: 'ID of the script.' };
/** The header of all responses with a script. */
export const SCRIPT_ETAG = { ETag: 'Revision of the script, for If-Match.' };

export const scriptIdOf = ({ id }: Readonly<Record<string, string>>): string => id ?? '';

/** A script with the source of its current version. */
export async function scriptReply(
  scripts: ScriptService,
  script: ScriptEntity,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const { tenantId, id, version, revision } = script;
  const { source, language } = await scripts.getVersion(tenantId, id, version);
  return new Reply({ ...script, source, language }, { ETag: `"${revision}"`, ...headers });
}
