import { existsSync } from 'node:fs';
import { isChild, otherVersion } from '../../common/own-file.js';
import { VERSION } from '../../common/version.js';
import { CHILD_ENTRY } from './child-entry.js';

/**
 * Paths at which Yarn keeps packages without a node_modules folder. Only Yarn's loader finds packages there. It needs
 * WebAssembly and the project's files, and a sandbox process has neither.
 */
const PLUG_N_PLAY = /\.zip[\\/]|[\\/]\.yarn[\\/]unplugged[\\/]/;

/** Why no process can start the child's program from its place; undefined if the place is right. */
export function placeProblem(child = CHILD_ENTRY): string | undefined {
  if (PLUG_N_PLAY.test(child)) {
    return (
      "This package was installed by Yarn with Plug'n'Play, where sandbox processes can't find packages. Set nodeLinker: node-modules " +
      'in .yarnrc.yml and run "yarn install".'
    );
  }
  const named = child !== CHILD_ENTRY;
  if (!existsSync(child))
    return named ? `sandbox.childPath = ${child} does not exist. ${NAME_IT}` : missing();
  if (named && !isChild(child)) {
    return `sandbox.childPath = ${child} is not the program of the sandbox. ${NAME_IT}`;
  }
  const other = otherVersion(child);
  if (other === undefined) return undefined;
  return (
    `The application was bundled with nestjs-scripts-event ${VERSION}, but ${child} has version ${other}. Install ` +
    `nestjs-scripts-event@${VERSION} beside the bundle, or exclude the package from the bundle.`
  );
}

const NAME_IT = 'Set it to dist/lib/sandbox/child/main.js of an installed nestjs-scripts-event.';

const missing = (): string =>
  `The program of the sandbox is missing at ${CHILD_ENTRY}. Either its files were removed while the application ran, or ` +
  'this package was bundled and is not installed in a node_modules folder above the bundle. ' +
  "Add 'nestjs-scripts-event' and 'isolated-vm' to the bundler's externals, with @nestjs/*, typeorm and every other package " +
  'that both use, and deploy them in node_modules; or install both there, or set the path of the installed program in ' +
  'sandbox.childPath (EVENT_SANDBOX_CHILD_PATH).';
