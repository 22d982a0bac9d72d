import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { VERSION } from './version.js';

/** The name of this package, as users install it. */
const PACKAGE = 'nestjs-scripts-event';

const NO_DESCRIPTOR: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);

/** Paths within the package of the files that are started or read by path. */
const PLACES = {
  child: ['dist', 'lib', 'sandbox', 'child', 'main.js'],
  typeStripper: ['dist', 'lib', 'scripts', 'typescript', 'type-stripper.worker.js'],
  page: ['dist', 'lib', 'admin', 'page', 'page.json'],
};

/**
 * The path of a file of this package: in the running package, or in a `node_modules` folder above the bundle that the
 * package is part of. If neither has it, the path where it should be.
 */
export function ownFile(name: keyof typeof PLACES): string {
  const here = folderOfThisFile();
  const built = join(here ?? dirname(mainFile()), '..', '..', '..', ...PLACES[name]);
  if (here !== undefined && existsSync(built)) return built;
  const found = [here, dirname(mainFile())].flatMap((from) =>
    from === undefined ? [] : installedFrom(from),
  );
  return found[0] === undefined ? built : join(found[0], ...PLACES[name]);
}

/**
 * The child's program that an option names, with links resolved, because its packages are looked up from its real
 * place.
 */
export function childAt(path: string): string {
  const absolute = resolve(path);
  return existsSync(absolute) ? realpathSync(absolute) : absolute;
}

/** The program that removes types, from the same package as the child's program. */
export const typeStripperBeside = (child: string): string => join(packageOf(child), ...PLACES.typeStripper);

/** Whether a file is the child's program of an installed package with this name. */
export function isChild(path: string): boolean {
  return path === join(packageOf(path), ...PLACES.child) && readManifest(path).name === PACKAGE;
}

/** The version of the package that the child's program belongs to, if it differs from the running one. */
export function otherVersion(child: string): string | undefined {
  const { name, version } = readManifest(child);
  return name === PACKAGE && version !== VERSION ? String(version) : undefined;
}

const packageOf = (child: string): string => resolve(child, ...PLACES.child.map(() => '..'));

function readManifest(child: string): { name?: unknown; version?: unknown } {
  try {
    return JSON.parse(readFileSync(join(packageOf(child), 'package.json'), 'utf8')) as {
      name?: unknown;
      version?: unknown;
    };
  } catch (error) {
    // Without a free file descriptor, nothing is known about the file.
    if (NO_DESCRIPTOR.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    // No package.json above it: the file belongs to no package.
    return {};
  }
}

/**
 * The folder of this file. Undefined in a bundle: an ES module has no `__dirname`, and a bundler may set a relative
 * one.
 */
function folderOfThisFile(): string | undefined {
  return typeof __dirname === 'string' && isAbsolute(__dirname) ? __dirname : undefined;
}

const mainFile = (): string => resolve(process.argv[1] ?? 'main.js');

function installedFrom(folder: string): string[] {
  try {
    return [dirname(createRequire(join(folder, 'bundle.js')).resolve(`${PACKAGE}/package.json`))];
  } catch {
    // The package is not installed above this folder.
    return [];
  }
}
