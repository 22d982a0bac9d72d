/**
 * Signals that a terminal, a shell or a service manager sends to all processes of the host. This process ignores them:
 * the parent gives runs time to end, and then ends this process; if the parent is gone, `watchParent` ends it. SIGUSR1
 * would open a debugger.
 */
const IGNORED = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const;

if (process.platform !== 'win32') for (const signal of IGNORED) process.on(signal, () => {});
