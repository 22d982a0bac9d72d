import { existsSync } from 'node:fs';
import { isChild, otherVersion } from '../../common/own-file.js';
import { VERSION } from '../../common/version.js';
import { CHILD_ENTRY } from './child-entry.js';

/**
 * Where Yarn keeps packages without a node_modules folder. A process finds them by a loader that reads archives with
 * WebAssembly and the project's files: both are closed to the sandbox.
 */
const PLUG_N_PLAY = /\.zip[\\/]|[\\/]\.yarn[\\/]unplugged[\\/]/;

/** Why no process can be started from where the program of the child is, or undefined. */
export function placeProblem(child = CHILD_ENTRY): string | undefined {
  if (PLUG_N_PLAY.test(child)) {
    return (
      "This package was installed by Yarn with Plug'n'Play, where sandbox processes find no packages: set nodeLinker: node-modules " +
      'in .yarnrc.yml and run "yarn install".'
    );
  }
  const named = child !== CHILD_ENTRY;
  if (!existsSync(child)) return named ? `sandbox.childPath = ${child} is not there. ${NAME_IT}` : missing();
  if (named && !isChild(child)) {
    return `sandbox.childPath = ${child} is not the program of the sandbox. ${NAME_IT}`;
  }
  const other = otherVersion(child);
  if (other === undefined) return undefined;
  return (
    `The application was bundled with nestjs-scripts-event ${VERSION}, and ${child} is of version ${other}: install ` +
    `nestjs-scripts-event@${VERSION} beside the bundle, or leave the package out of the bundle.`
  );
}

const NAME_IT = 'Name dist/lib/sandbox/child/main.js of an installed nestjs-scripts-event.';

const missing = (): string =>
  `The program of the sandbox is not at ${CHILD_ENTRY}. Either its files were taken away while the application ran, or ` +
  'this package was bundled, and is not installed in a node_modules folder above the bundle. ' +
  "Add 'nestjs-scripts-event' and 'isolated-vm' to the bundler's externals, with @nestjs/*, typeorm and every other package " +
  'that both use, and deploy them in node_modules; or install both there, or name the installed program in ' +
  'sandbox.childPath (EVENT_SANDBOX_CHILD_PATH).';
