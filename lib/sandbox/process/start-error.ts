import { SandboxStartError } from '../sandbox.errors.js';
import { placeProblem } from './child-place.js';

/** The message of a run for which no process could be started. A tenant may read it. */
export const NO_PROCESS =
  'No sandbox process could be started. Check that isolated-vm is installed and built for this version of Node.js.';

/**
 * How many characters of a process's error output are kept. The beginning names the cause; the end shows what happened
 * last.
 */
const HEAD = 1_000;
const TAIL = 600;

/**
 * The error with the process's error output and any problem with the place of its program. It is only for the host's
 * log, because it may name files of the host.
 */
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
