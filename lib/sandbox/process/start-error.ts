import { SandboxStartError } from '../sandbox.errors.js';
import { placeProblem } from './child-place.js';

/** What a run says that no process could be started for; a tenant may read it. */
export const NO_PROCESS =
  'No sandbox process could be started. Check that isolated-vm is installed and built for this version of Node.js.';

/** Characters that are kept of what a process said: its beginning names the cause, its end says where it came to. */
const HEAD = 1_000;
const TAIL = 600;

/** With what the process said, and what is wrong with its place: for the host's log, as it may name files of the host. */
export function startErrorOf(stderr: string, child?: string, cause?: unknown): SandboxStartError {
  const parts = [NO_PROCESS, headAndTail(stderr.trim()), placeProblem(child) ?? ''];
  return new SandboxStartError(parts.filter((part) => part !== '').join(' '), {
    retryable: true,
    cause,
    wording: 'lines',
  });
}

const headAndTail = (text: string): string =>
  text.length <= HEAD + TAIL ? text : `${text.slice(0, HEAD)}\n…\n${text.slice(-TAIL)}`;
