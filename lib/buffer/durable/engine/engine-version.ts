import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EngineUnsupportedError } from './engine.errors.js';

/**
 * The versions of graphile-worker that the durable buffer is tested with, one for each supported minor version. The
 * buffer writes to the engine's private tables and changes its fetch, so other minor versions must be tested first.
 */
export const TESTED_ENGINES = ['0.17.3', '0.18.0'] as const;

const inWords = TESTED_ENGINES.join(' and ');

/**
 * Checks the installed version. A newer patch of a tested version is reported with one log line, and works unless its
 * tables or its fetch differ, which other checks detect. Without a version, as in a bundle, only these checks decide.
 *
 * @throws EngineUnsupportedError for another minor version, and for a patch older than the tested one
 */
export function checkEngineVersion(
  version: string | undefined,
  installCommand: string,
  warn: (line: string) => void,
): void {
  if (version === undefined || (TESTED_ENGINES as readonly string[]).includes(version)) return;
  const [minor, patch] = parts(version);
  const tested = TESTED_ENGINES.find((one) => parts(one)[0] === minor);
  if (tested === undefined || patch < parts(tested)[1])
    throw new EngineUnsupportedError(installCommand, `graphile-worker ${version}`, inWords);
  warn(
    `graphile-worker ${version} is newer than the versions this release was tested with, ${inWords}. Test the durable buffer before you rely on it, or install ${tested}.`,
  );
}

/** `0.18` and the patch number. */
function parts(version: string): [minor: string, patch: number] {
  const [major = '', minor = '', patch = ''] = version.split('.');
  return [`${major}.${minor}`, Number.parseInt(patch, 10)];
}

/** The version of the installed package; `undefined` if it can't be determined, as in a bundle. */
export function installedEngineVersion(): string | undefined {
  try {
    let folder = dirname(require.resolve('graphile-worker'));
    for (;;) {
      const manifest = manifestIn(folder);
      if (manifest?.name === 'graphile-worker') return manifest.version;
      if (dirname(folder) === folder) return undefined;
      folder = dirname(folder);
    }
  } catch {
    return undefined;
  }
}

function manifestIn(folder: string): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string };
  } catch {
    return undefined;
  }
}
