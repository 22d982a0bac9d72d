import type { ScriptService } from 'nestjs-scripts-event';
import { readManifest } from './script-manifest.js';

/** Gives a tenant without scripts those of `sample-app/scripts`. Returns how many it made. */
export async function seedScripts(scripts: ScriptService, tenantId: string): Promise<number> {
  if ((await scripts.count(tenantId)) > 0) return 0;
  const manifest = await readManifest();
  for (const script of manifest) await scripts.create(tenantId, { ...script, active: true }, 'sample');
  return manifest.length;
}
