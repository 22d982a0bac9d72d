/**
 * Signals that a terminal, a shell or a service manager may send to all processes of a host together. A sandbox process
 * ignores them once its program has started: the parent gives runs time to end, and then ends the process. If one of
 * them ends a process before that, the start has not failed.
 */
export const HOST_SIGNALS = [
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
] as const satisfies readonly NodeJS.Signals[];
