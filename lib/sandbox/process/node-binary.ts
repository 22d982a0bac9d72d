import { spawnSync } from 'node:child_process';
import { messageOf } from '../../common/errors.js';
import { SandboxStartError } from '../sandbox.errors.js';

/** The Node.js binary that sandbox processes run on. */
export interface NodeBinary {
  path: string;
  major: number;
  /** The flags of `ASKED_FOR` that it knows. */
  flags: ReadonlySet<string>;
}

/** Flags that not every version has. */
const ASKED_FOR = ['--permission', '--experimental-permission', '--allow-addons', '--experimental-sqlite'];
/** The oldest supported version, as in `engines` of package.json. */
const OLDEST = { major: 20, minor: 19 };
/** Time for a binary to answer. Loading it from a slow disk takes some seconds at most. */
const ANSWER_MS = 20_000;
const QUESTION = `JSON.stringify([
  process.versions.bun ? 'Bun' : process.versions.node,
  ${JSON.stringify(ASKED_FOR)}.filter((flag) => process.allowedNodeEnvironmentFlags.has(flag)),
])`;

const NEEDED = `Node.js ${OLDEST.major}.${OLDEST.minor} or later`;
const known = new Map<string, NodeBinary>();

/**
 * Returns the version and flags of a binary. Runs the binary once to ask for them, unless it is this process's own.
 *
 * @throws SandboxStartError if the binary is not Node.js {@link OLDEST} or later
 */
export function nodeBinary(nodePath: string | undefined): NodeBinary {
  if (nodePath === undefined || nodePath === process.execPath) return ownBinary();
  const found = known.get(nodePath) ?? ask(nodePath);
  known.set(nodePath, found);
  return found;
}

function ownBinary(): NodeBinary {
  const version = 'bun' in process.versions ? 'Bun' : process.versions.node;
  const major = supportedMajor(version);
  if (major === undefined) {
    throw new SandboxStartError(
      `This application runs on ${inWords(version)}, but scripts need ${NEEDED}. Set sandbox.nodePath ` +
        `(EVENT_SANDBOX_NODE_PATH) to a binary of ${NEEDED} for which isolated-vm is installed.`,
    );
  }
  return {
    path: process.execPath,
    major,
    flags: new Set(ASKED_FOR.filter((flag) => process.allowedNodeEnvironmentFlags.has(flag))),
  };
}

function ask(path: string): NodeBinary {
  const { stdout, stderr, error } = spawnSync(path, ['-p', QUESTION], {
    env: {},
    encoding: 'utf8',
    timeout: ANSWER_MS,
    windowsHide: true,
  });
  try {
    if (error) throw error;
    const [version, flags] = JSON.parse(stdout) as [string, string[]];
    const major = supportedMajor(version);
    if (major === undefined) throw new Error(`it is ${inWords(version)}`);
    return { path, major, flags: new Set(flags) };
  } catch (cause) {
    const why = `${messageOf(cause)} ${stderr ?? ''}`.trim().slice(0, 500);
    throw new SandboxStartError(`sandbox.nodePath = ${path} is not a binary of ${NEEDED}: ${why}`, { cause });
  }
}

/** The major version, or undefined for a version before {@link OLDEST} or another runtime. */
function supportedMajor(version: string): number | undefined {
  const [major = 0, minor = 0] = version.split('.', 2).map(Number);
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor) ? major : undefined;
}

const inWords = (version: string): string => (version === 'Bun' ? version : `Node.js ${version}`);
