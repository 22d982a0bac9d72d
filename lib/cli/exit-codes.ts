/** Exit codes, documented in the help and in docs/command-line.md. */
export const EXIT = {
  completed: 0,
  scriptFailed: 1,
  /** An invalid option, a missing file, or a sandbox that doesn't start. */
  environment: 2,
  /** The filter does not let the event through: the script did not run. */
  filtered: 3,
  /** Ctrl-C, by the convention of shells. */
  interrupted: 130,
} as const;
