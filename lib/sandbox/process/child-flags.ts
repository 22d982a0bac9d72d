import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { CHILD_ENTRY } from './child-entry.js';

/** Megabytes of heap of the child's own code; isolates have limits of their own. */
const CHILD_HEAP_MB = 128;
/** What the child loads besides itself. */
const PACKAGES = ['isolated-vm', 'lru-cache'];

/**
 * How a sandbox process is started.
 *
 * - `--no-node-snapshot`: isolated-vm needs it on Node.js 20 and later; given here, the host needs no flag
 * - `--no-expose-wasm`: WebAssembly compiles outside the limits of an isolate
 * - the permission model, where Node.js has it: no file outside the child's own packages can be read, none written, no
 *   program started, even by code that has broken out of its isolate
 */
export function childFlags(permissions: boolean): string[] {
  const flags = [
    '--no-node-snapshot',
    `--max-old-space-size=${CHILD_HEAP_MB}`,
    '--no-expose-wasm',
    '--no-warnings',
  ];
  return permissions ? [...flags, ...permissionFlags()] : flags;
}

let found: string[] | undefined;

function permissionFlags(): string[] {
  return (found ??= findPermissionFlags());
}

function findPermissionFlags(): string[] {
  const model = ['--permission', '--experimental-permission'].find((flag) =>
    process.allowedNodeEnvironmentFlags.has(flag),
  );
  // Without `--allow-addons` the model of Node.js 20.0 to 20.11 and 21 lets every addon in, or none.
  if (model === undefined || !process.allowedNodeEnvironmentFlags.has('--allow-addons')) return [];
  return [
    model,
    '--allow-addons',
    '--allow-worker',
    ...readableFolders().map((path) => `--allow-fs-read=${path}`),
  ];
}

/** The package itself and the `node_modules` folders its dependencies are in, links resolved. */
function readableFolders(): string[] {
  const resolve = createRequire(CHILD_ENTRY).resolve;
  const entry = realpathSync(CHILD_ENTRY);
  const library = dirname(dirname(dirname(entry)));
  const manifest = join(dirname(dirname(library)), 'package.json');
  const folders = [entry, ...PACKAGES.map((name) => realpathSync(resolve(name)))].flatMap(
    enclosingNodeModules,
  );
  return [...new Set([join(library, sep), manifest, ...folders])];
}

function enclosingNodeModules(path: string): string[] {
  const end = path.lastIndexOf(`${sep}node_modules${sep}`);
  return end < 0 ? [] : [path.slice(0, end) + `${sep}node_modules${sep}`];
}
