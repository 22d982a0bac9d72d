import type { JsonObject, ScheduleFields } from 'nestjs-scripts-event';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../common/project-folder.js';

/** One script of `sample-app/scripts/manifest.json`, with its source. */
export interface ManifestScript {
  name: string;
  description?: string;
  eventTypes?: string[];
  schedules?: ScheduleFields[];
  filters?: JsonObject;
  limits?: { timeoutMs?: number; memoryMb?: number };
  bindings?: string[];
  source: string;
}

/** The scripts that come with the sample, in the manifest's order. */
export async function readManifest(): Promise<ManifestScript[]> {
  const manifest = JSON.parse(await readSampleScript('manifest.json')) as (Omit<ManifestScript, 'source'> & {
    file: string;
  })[];
  return Promise.all(
    manifest.map(async ({ file, ...script }) => ({ ...script, source: await readSampleScript(file) })),
  );
}

/** The text of one file of `sample-app/scripts`. */
export const readSampleScript = (file: string): Promise<string> =>
  readFile(join(projectFolder(), 'sample-app', 'scripts', file), 'utf8');
