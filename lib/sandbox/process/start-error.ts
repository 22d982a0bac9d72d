import { SandboxStartError } from '../sandbox.errors.js';
import { placeProblem } from './child-place.js';

/** The message of a run for which no process could be started. A tenant may read it. */
export const NO_PROCESS = 'No sandbox process could be started.';

const BUILD = 'Check that isolated-vm is installed and built for this version of Node.js.';
/** What to change if the system refuses something, by what it says. */
const LACKS: readonly (readonly [said: RegExp, advice: string])[] = [
  [/\bE[MN]FILE\b/, 'Raise the limit of open files (ulimit -n).'],
  [
    /\bEAGAIN\b|Resource temporarily unavailable|uv_thread_create|ERR_WORKER_INIT_FAILED/,
    'Raise the limit of processes and threads (ulimit -u, or pids of the container).',
  ],
  [/\bENOMEM\b/, 'Give the machine or container more memory.'],
  [/Failed to reserve virtual memory/, 'Raise the limit of address space (ulimit -v).'],
];

/**
 * How many characters of a process's error output are kept. The beginning names the cause; the end shows what happened
 * last.
 */
const HEAD = 1_000;
const TAIL = 600;

/**
 * The error with what to change, the process's error output and any problem with the place of its program. It is only for the host's
 * log, because it may name files of the host.
 */
export function startErrorOf(stderr: string, child?: string, cause?: unknown): SandboxStartError {
  const advice = LACKS.find(([said]) => said.test(stderr))?.[1];
  const problem = advice === undefined ? problemOf(child) : undefined;
  const parts = [NO_PROCESS, advice ?? BUILD, headAndTail(stderr.trim()), problem ?? ''];
  return new SandboxStartError(parts.filter((part) => part !== '').join(' '), {
    retryable: true,
    cause,
    wording: 'lines',
  });
}

function problemOf(child?: string): string | undefined {
  try {
    return placeProblem(child);
  } catch {
    // Without a free file descriptor, nothing is known about the place.
    return undefined;
  }
}

const headAndTail = (text: string): string =>
  text.length <= HEAD + TAIL ? text : `${text.slice(0, HEAD)}\n…\n${text.slice(-TAIL)}`;
