import { SandboxStartError } from '../sandbox.errors.js';

/** What a run says that no process could be started for; a tenant may read it. */
export const NO_PROCESS =
  'No sandbox process could be started; is isolated-vm installed and built for this version of Node.js?';

/** Characters of what a process said that are kept. */
const KEPT = 1_000;

/** With what the process said: for the host's log, as it may name files of the host. */
export const startErrorOf = (stderr: string): SandboxStartError =>
  new SandboxStartError(`${NO_PROCESS} ${stderr.trim().slice(-KEPT)}`.trim(), { retryable: true });
