import type { ScriptService } from 'nestjs-scripts-event';
import { readManifest } from './script-manifest.js';

/** Creates the scripts of `sample-app/scripts` for a tenant that has none. Returns how many it has created. */
export async function seedScripts(scripts: ScriptService, tenantId: string): Promise<number> {
  if ((await scripts.count(tenantId)) > 0) return 0;
  const manifest = await readManifest();
  for (const script of manifest) await scripts.create(tenantId, { ...script, active: true }, 'sample');
  return manifest.length;
}
