/**
 * Signals that whoever runs the host sends to all of its processes: a terminal, a shell, a service manager. The parent
 * takes its time to let runs end, and ends this process when it has no more use for it; and if the parent is gone, the
 * watch over it does. SIGUSR1 would open a debugger.
 */
const IGNORED = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const;

if (process.platform !== 'win32') for (const signal of IGNORED) process.on(signal, () => {});
