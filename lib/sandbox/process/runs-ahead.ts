import type { ProcessLimits } from '../sandbox.limits.js';
import type { ProcessSharing } from './process-sharing.js';
import type { AloneScripts } from './alone-scripts.js';
import type { CallingScripts } from './calling-scripts.js';
import type { HeavyTenants } from './heavy-tenants.js';
import type { Placement } from './placement.js';
import type { PoolProcesses } from './pool-processes.js';
import type { ProcessAges } from './process-ages.js';
import type { ExchangeEnds } from './run-exchange.js';
import type { QueuedRun, RunQueue } from './run-queue.js';
import type { SandboxProcess } from './sandbox-process.js';

/** The parts of the pool that decide which runs are sent ahead. */
interface Pool {
  limits: ProcessLimits;
  processes: PoolProcesses;
  queue: RunQueue;
  placement: Placement;
  sharing: ProcessSharing;
  heavy: HeavyTenants;
  calling: CallingScripts;
  alone: AloneScripts;
  ages: ProcessAges;
  /** Takes a run out of the queue, and returns what to do at its end. */
  endsOf: (entry: QueuedRun) => ExchangeEnds;
}

/**
 * Sends waiting runs ahead into busy processes that have their homes. When the current run ends, the next run that is
 * ahead begins without a message from the parent.
 */
export class RunsAhead {
  constructor(private readonly pool: Pool) {}

  /** Sends one run ahead in each process before a second one in any. */
  give(): void {
    const { placement, processes, queue } = this.pool;
    for (let place = 0; place < placement.mostAhead; place++) {
      for (const process of processes) {
        if (queue.size === 0) return;
        if (process.runsAhead <= place) this.giveIn(process);
      }
    }
  }

  private giveIn(process: SandboxProcess): void {
    const { sharing, ages, alone, calling, endsOf, heavy, limits, placement } = this.pool;
    const { currentRun, runsAhead } = process;
    if (!currentRun || process.runs + runsAhead >= limits.maxRuns || process.hasManyLimits) return;
    if (ages.isOld(process)) return;
    const callsBefore = calling.callsOf(currentRun);
    // Behind a run of a heavy tenant, it would often be taken back.
    if (heavy.has(currentRun.tenantId)) return;
    // Behind a run whose script calls bindings, more than one would often be taken back.
    if (process.calls < callsBefore || (runsAhead > 0 && callsBefore > 0)) return;
    const entry = placement.ahead(
      (one) => this.takes(process, one),
      ({ run }) => run.home === currentRun.home,
      { lightOnly: sharing.isLightOnly },
    );
    if (entry) process.runAhead(entry.run, alone.homeOf(entry.run), endsOf(entry));
  }

  /**
   * Whether a process takes a run ahead. A run of another script than the current one is taken only if its script
   * called no bindings in its last run, because `ProcessSharing.isRestKept` looks at current runs only; and only while no
   * processes are kept for other tenants. A run of a heavy tenant is never taken, because `ProcessSharing.isLightOnly` also
   * looks at current runs only.
   */
  private takes(process: SandboxProcess, { run }: QueuedRun): boolean {
    const { sharing, alone, calling, heavy } = this.pool;
    const home = alone.homeOf(run);
    if (heavy.has(run.tenantId) || !process.takesAhead(run, home)) return false;
    return process.isOfCurrentScript(run, home) || (calling.callsOf(run) === 0 && !sharing.isRestKept);
  }
}
