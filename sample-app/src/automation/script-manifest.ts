import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** One script of `sample-app/scripts/manifest.json`, with its source. */
export interface ManifestScript {
  name: string;
  description?: string;
  eventTypes: string[];
  filters?: Record<string, unknown>;
  limits?: { timeoutMs?: number; memoryMb?: number };
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
  readFile(join(scriptsFolder(), file), 'utf8');

/** The folder lies beside the sources, and not beside what they are compiled to. */
function scriptsFolder(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, 'sample-app', 'scripts');
    if (existsSync(candidate)) return candidate;
  }
  throw new Error(`There is no folder sample-app/scripts above ${__dirname}.`);
}
