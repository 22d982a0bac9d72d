import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxEvent, ScriptSandbox } from 'nestjs-scripts-event/sandbox';
import { waitUntil } from './wait.js';

/** Knows the sandbox processes and can kill one. */
export class ProcessObserver {
  /** Every process that was started. */
  readonly started: number[] = [];
  private readonly running = new Set<number>();
  private readonly endedInRun = new Set<number>();

  constructor(private readonly sandbox: ScriptSandbox) {
    sandbox.subscribe((event) => this.note(event));
  }

  /**
   * Kills processes with SIGKILL until one of them was in the middle of a run. From outside, nobody can see which process runs
   * a script, so idle ones may die first. All processes are stopped before, so that no run ends in the meantime.
   */
  async killBusyOne(): Promise<{ busy: number; idle: number[] }> {
    const frozen = await waitUntil('a script runs', () => this.freezeInRun());
    const idle: number[] = [];
    try {
      for (const pid of frozen) {
        process.kill(pid, 'SIGKILL');
        await waitUntil(`process ${pid} has ended`, () => !this.running.has(pid) || undefined);
        if (this.endedInRun.has(pid)) return { busy: pid, idle };
        idle.push(pid);
      }
    } finally {
      this.signal(frozen, 'SIGCONT');
    }
    throw new Error('No process was in the middle of a run.');
  }

  /** Stops all processes with SIGSTOP. If none of them was in the middle of a run, lets all go on and returns undefined. */
  private async freezeInRun(): Promise<number[] | undefined> {
    if (this.sandbox.stats().processes.busy === 0) return undefined;
    const frozen = [...this.running];
    this.signal(frozen, 'SIGSTOP');
    // By then, this process has been told of all runs that had ended before.
    await delay(100);
    if (this.sandbox.stats().processes.busy > 0) return frozen;
    this.signal(frozen, 'SIGCONT');
    return undefined;
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
    if (event.type === 'process-killed') this.endedInRun.add(event.pid);
    if (event.type === 'process-ended') {
      if (event.reason === 'crashed') this.endedInRun.add(event.pid);
      this.running.delete(event.pid);
    }
  }
}
