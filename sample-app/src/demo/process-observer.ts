import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxEvent, ScriptSandbox } from 'nestjs-scripts-event/sandbox';
import { waitUntil } from './wait.js';

/** Time until all that a process has sent before it was stopped is read. */
const TOLD_WITHIN_MS = 20;

/** Knows the sandbox processes and can kill one. */
export class ProcessObserver {
  /** Every process that was started. */
  readonly started: number[] = [];
  private readonly running = new Set<number>();
  /** Processes that ended while a script ran in them. */
  private readonly crashed = new Set<number>();
  private readonly onEnd = new Map<number, () => void>();

  constructor(private readonly sandbox: ScriptSandbox) {
    sandbox.subscribe((event) => this.note(event));
  }

  /**
   * Kills processes with SIGKILL until one of them was in the middle of a run. From outside, nobody can see which process runs
   * a script, so idle ones may die first. All processes are stopped before, so that no run ends in the meantime.
   *
   * A run whose process stood still for 100 ms is given to another process without blame. If the kills take that long, they
   * are tried again.
   */
  async killBusyOne(): Promise<{ busy: number; others: number[] }> {
    const others: number[] = [];
    for (;;) {
      const frozen = await waitUntil('a script runs', () => this.freezeInRun());
      try {
        for (const pid of frozen) {
          await this.kill(pid);
          if (this.crashed.has(pid)) return { busy: pid, others };
          others.push(pid);
        }
      } finally {
        this.signal(frozen, 'SIGCONT');
      }
    }
  }

  /** Stops all processes with SIGSTOP. If none of them was in the middle of a run, lets all go on and returns undefined. */
  private async freezeInRun(): Promise<number[] | undefined> {
    if (this.sandbox.stats().processes.busy === 0) return undefined;
    const frozen = [...this.running];
    this.signal(frozen, 'SIGSTOP');
    // By then, this process has been told of all runs that had ended before.
    await delay(TOLD_WITHIN_MS);
    if (this.sandbox.stats().processes.busy > 0) return frozen;
    this.signal(frozen, 'SIGCONT');
    return undefined;
  }

  private kill(pid: number): Promise<void> {
    if (!this.running.has(pid)) return Promise.resolve();
    return new Promise((resolve) => {
      this.onEnd.set(pid, resolve);
      process.kill(pid, 'SIGKILL');
    });
  }

  private signal(pids: readonly number[], signal: NodeJS.Signals): void {
    for (const pid of pids) if (this.running.has(pid)) process.kill(pid, signal);
  }

  /** Ids of the processes that still exist, according to the operating system. */
  alive(): number[] {
    return this.started.filter((pid) => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    });
  }

  private note(event: SandboxEvent): void {
    if (event.type === 'process-started') {
      this.started.push(event.pid);
      this.running.add(event.pid);
    }
    if (event.type === 'process-ended') {
      if (event.reason === 'crashed') this.crashed.add(event.pid);
      this.running.delete(event.pid);
      this.onEnd.get(event.pid)?.();
    }
  }
}
