import { HOST_SIGNALS } from '../host-signals.js';

// If the parent is gone, `watchParent` ends this process. SIGUSR1 would open a debugger.
if (process.platform !== 'win32') for (const signal of HOST_SIGNALS) process.on(signal, () => {});
