import { HOST_SIGNALS } from '../../../lib/sandbox/host-signals.js';
import { PoolProcesses } from '../../../lib/sandbox/process/pool-processes.js';
import { PoolSize } from '../../../lib/sandbox/process/pool-size.js';
import { RunQueue } from '../../../lib/sandbox/process/run-queue.js';
import type { SandboxEvent } from '../../../lib/sandbox/sandbox-events.js';
import { SandboxStartError } from '../../../lib/sandbox/sandbox.errors.js';
import { ProcessLimits } from '../../../lib/sandbox/sandbox.limits.js';

describe('starts that fail because of a signal', () => {
  /** The types of the events after ten processes in a row have been ended by the signal while they started. */
  const eventsAfter = (signal: NodeJS.Signals): string[] => {
    const events: SandboxEvent[] = [];
    const size = new PoolSize({
      limits: new ProcessLimits(),
      starter: { startError: () => new SandboxStartError('The process ended.') } as never,
      processes: new PoolProcesses(),
      queue: new RunQueue(),
      listener: undefined as never,
      emit: (event) => events.push(event),
    });
    for (let n = 0; n < 10; n++)
      size.onExit({ process: undefined as never, reason: 'start-failed', code: null, signal, stderr: '' });
    return events.map(({ type }) => type);
  };

  it.each(HOST_SIGNALS)('are no crash loop if the signal may go to all processes of a host: %s', (signal) => {
    expect(eventsAfter(signal)).toEqual([]);
  });

  it.each(['SIGKILL', 'SIGSEGV', 'SIGABRT'] as const)('are a crash loop for %s', (signal) => {
    expect(eventsAfter(signal)).toContain('crash-loop');
  });
});
