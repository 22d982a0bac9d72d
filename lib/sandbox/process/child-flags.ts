import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { devNull } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { SandboxStartError } from '../sandbox.errors.js';
import { CHILD_ENTRY } from './child-entry.js';
import { placeProblem } from './child-place.js';
import { nodeBinary } from './node-binary.js';
import type { NodeBinary } from './node-binary.js';

/** Heap of the child's own code in megabytes; isolates have limits of their own. */
const CHILD_HEAP_MB = 128;
const LAST_WITH_WASM_FLAG = 22;
/** The packages that the child loads. */
const PACKAGES = ['isolated-vm', 'lru-cache'];
/**
 * The child's environment. It contains nothing of the host's environment, so there is no secret to read. Time zone and
 * language are the same on every machine, because dates and texts in scripts depend on them.
 */
export const CHILD_ENVIRONMENT = { TZ: 'UTC', LC_ALL: 'en_US.UTF-8', LANG: 'en_US.UTF-8' };
/** The loader of isolated-vm's prebuilt binaries (6 and later) reads this file to tell musl from glibc. */
const LOADER_ASKS = '/etc/alpine-release';

/**
 * The flags of Node.js for a sandbox process.
 *
 * - `--no-node-snapshot`: isolated-vm needs it on Node.js 20 and later. The host itself needs no flag
 * - `--no-expose-wasm`: WebAssembly compiles outside the limits of an isolate. The prelude removes it on all versions;
 *   later versions of V8 don't know the flag and refuse to start with it
 * - the permission model, where Node.js has it: the child can read no file outside its own packages, write no file and
 *   start no program, even if a script has broken out of its isolate. More flags cover what the model does not: no code
 *   from strings in the child's own realm (isolates have their own rule), no `node:sqlite`, which opens files by
 *   itself, and no place for traces and snapshots of the heap. `child/sealed.ts` closes the rest
 */
export function childFlags(
  permissions: boolean,
  node = nodeBinary(undefined),
  child = CHILD_ENTRY,
): string[] {
  const flags = [
    '--no-node-snapshot',
    `--max-old-space-size=${CHILD_HEAP_MB}`,
    '--no-warnings',
    ...(node.major <= LAST_WITH_WASM_FLAG ? ['--no-expose-wasm'] : []),
  ];
  return permissions ? [...flags, ...permissionFlags(node, child)] : flags;
}

/** The paths that a child may read, by the path of its program. */
const readable = new Map<string, string[]>();

function permissionFlags({ flags }: NodeBinary, child: string): string[] {
  const model = ['--permission', '--experimental-permission'].find((flag) => flags.has(flag));
  // Node.js 20.0 to 20.11 and 21 lack `--allow-addons`: their model allows every addon or none.
  if (model === undefined || !flags.has('--allow-addons')) return [];
  const folders = readable.get(child) ?? readableFolders(child);
  readable.set(child, folders);
  return [
    model,
    '--allow-addons',
    '--allow-worker',
    '--disallow-code-generation-from-strings',
    // The null device discards what is written to it, and no folder can be made below it.
    `--trace-event-file-pattern=${devNull}`,
    `--diagnostic-dir=${join(devNull, 'none')}`,
    ...(flags.has('--experimental-sqlite') ? ['--no-experimental-sqlite'] : []),
    ...folders.map((path) => `--allow-fs-read=${path}`),
  ];
}

/**
 * What the child may read: the package itself and the `node_modules` folders with its dependencies. The folders are
 * listed with links resolved, because files are read there, and also unresolved, because the look-up of a package reads
 * the links (pnpm, workspaces, `npm link`).
 */
function readableFolders(child: string): string[] {
  const problem = placeProblem(child);
  if (problem !== undefined) throw new SandboxStartError(problem);
  const { resolve } = createRequire(child);
  const entry = realpathSync(child);
  const library = dirname(dirname(dirname(entry)));
  const manifest = join(dirname(dirname(library)), 'package.json');
  const resolved = [entry, ...PACKAGES.map((name) => installed(name, resolve.paths(name) ?? []))].flatMap(
    enclosingNodeModules,
  );
  const named = PACKAGES.flatMap((name) => resolve.paths(name) ?? []).filter((path) => existsSync(path));
  const paths = [join(library, sep), manifest, LOADER_ASKS, ...resolved, ...named.map((path) => path + sep)];
  const wild = paths.find((path) => path.includes('*'));
  if (wild === undefined) return [...new Set(paths)];
  throw new SandboxStartError(
    `The sandbox can't start from ${wild}: Node.js treats the "*" as a wildcard when it restricts file access to ` +
      'this path. Install the application in a folder without "*" in its name, or set permissions: false on ScriptSandbox, ' +
      'which lets its processes read every file.',
  );
}

/**
 * The path of a package's manifest, with links resolved. `require.resolve` would open the manifest: without a free file
 * descriptor it finds no package, and Node.js remembers that for as long as the process lives.
 *
 * @param folders the `node_modules` folders in which Node.js looks
 * @throws SandboxStartError with the command that installs the package, if it is missing
 */
function installed(name: string, folders: readonly string[]): string {
  const found = folders.map((folder) => join(folder, name, 'package.json')).find((path) => existsSync(path));
  if (found !== undefined) return realpathSync(found);
  throw new SandboxStartError(
    `The sandbox needs the package ${name}, which is not installed. Run "npm install ${name}".`,
  );
}

function enclosingNodeModules(path: string): string[] {
  const end = path.lastIndexOf(`${sep}node_modules${sep}`);
  return end < 0 ? [] : [path.slice(0, end) + `${sep}node_modules${sep}`];
}
