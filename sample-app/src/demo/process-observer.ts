import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxEvent, ScriptSandbox } from 'nestjs-scripts-event/sandbox';
import { waitUntil } from './wait.js';

/** Knows the sandbox's child processes, and can kill one. */
export class ProcessObserver {
  /** Every process there has been. */
  readonly started: number[] = [];
  private readonly running = new Set<number>();
  private readonly endedInRun = new Set<number>();

  constructor(private readonly sandbox: ScriptSandbox) {
    sandbox.subscribe((event) => this.note(event));
  }

  /**
   * Kills processes with SIGKILL until one of them was in the middle of a run. Nobody can see from outside which one is,
   * so idle ones may die first; all stand still meanwhile, so that the run does not end before its turn has come.
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

  /** Stops all processes for the time being. Nothing when none of them was in the middle of a run: all go on then. */
  private async freezeInRun(): Promise<number[] | undefined> {
    if (this.sandbox.stats().processes.busy === 0) return undefined;
    const frozen = [...this.running];
    this.signal(frozen, 'SIGSTOP');
    // What had ended before is told by then.
    await delay(100);
    if (this.sandbox.stats().processes.busy > 0) return frozen;
    this.signal(frozen, 'SIGCONT');
    return undefined;
  }

  private signal(pids: readonly number[], signal: NodeJS.Signals): void {
    for (const pid of pids) if (this.running.has(pid)) process.kill(pid, signal);
  }

  /** Ids of processes that still exist, by the operating system's word. */
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
