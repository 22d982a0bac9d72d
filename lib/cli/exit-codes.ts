/** What the process ends with; documented in the help and in docs/command-line.md. */
export const EXIT = {
  completed: 0,
  scriptFailed: 1,
  /** A wrong option, a missing file, a sandbox that does not start. */
  environment: 2,
  /** The filter does not let the event through: the script did not run. */
  filtered: 3,
  /** Ctrl-C, as shells count it. */
  interrupted: 130,
} as const;
