import { SandboxStartError } from '../sandbox.errors.js';

/** What a run says that no process could be started for; a tenant may read it. */
export const NO_PROCESS =
  'No sandbox process could be started; is isolated-vm installed and built for this version of Node.js?';

/** Characters that are kept of what a process said: its beginning names the cause, its end says where it came to. */
const HEAD = 1_000;
const TAIL = 600;

/** With what the process said: for the host's log, as it may name files of the host. */
export const startErrorOf = (stderr: string): SandboxStartError =>
  new SandboxStartError(`${NO_PROCESS} ${headAndTail(stderr.trim())}`.trim(), { retryable: true });

const headAndTail = (text: string): string =>
  text.length <= HEAD + TAIL ? text : `${text.slice(0, HEAD)}\n…\n${text.slice(-TAIL)}`;
