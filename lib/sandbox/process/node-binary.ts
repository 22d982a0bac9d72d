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
/** Time for a binary to answer. Loading it from a slow disk takes some seconds at most. */
const ANSWER_MS = 20_000;
const QUESTION = `JSON.stringify([
  process.versions.bun ? 0 : parseInt(process.versions.node, 10),
  ${JSON.stringify(ASKED_FOR)}.filter((flag) => process.allowedNodeEnvironmentFlags.has(flag)),
])`;

const known = new Map<string, NodeBinary>();

/**
 * Returns the version and flags of a binary. Runs the binary once to ask for them, unless it is this process's own.
 *
 * @throws SandboxStartError if this process is not Node.js and no binary is named, or the named one is not Node.js 20
 * or later
 */
export function nodeBinary(nodePath: string | undefined): NodeBinary {
  if (nodePath === undefined || nodePath === process.execPath) return ownBinary();
  const found = known.get(nodePath) ?? ask(nodePath);
  known.set(nodePath, found);
  return found;
}

function ownBinary(): NodeBinary {
  if ('bun' in process.versions) {
    throw new SandboxStartError(
      'This application runs on Bun, but scripts need Node.js. Set sandbox.nodePath (EVENT_SANDBOX_NODE_PATH) to a ' +
        'Node.js binary of version 20.19, 22 or 24, for which isolated-vm is installed.',
    );
  }
  return {
    path: process.execPath,
    major: Number.parseInt(process.versions.node, 10),
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
    const [major, flags] = JSON.parse(stdout) as [number, string[]];
    if (major < 20) throw new Error(major === 0 ? 'it is Bun' : `it is version ${major}`);
    return { path, major, flags: new Set(flags) };
  } catch (cause) {
    const why = `${messageOf(cause)} ${stderr ?? ''}`.trim().slice(0, 500);
    throw new SandboxStartError(
      `sandbox.nodePath = ${path} is not a Node.js binary of version 20.19, 22 or 24: ${why}`,
      { cause },
    );
  }
}
