import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** This package, as its users install it. */
const PACKAGE = 'nestjs-scripts-event';

/**
 * A program of this package that runs in a process or thread of its own.
 *
 * @param beside where it lies when this package runs as it was built
 * @param inPackage where it lies in the package: looked for in the `node_modules` above a bundle that this package was made
 * part of. Without one the answer is `beside`, where nothing is
 */
export function ownFile(beside: string, inPackage: string): string {
  if (existsSync(beside)) return beside;
  try {
    const manifest = createRequire(join(dirname(beside), 'bundle.js')).resolve(`${PACKAGE}/package.json`);
    return join(dirname(manifest), inPackage);
  } catch {
    return beside;
  }
}
