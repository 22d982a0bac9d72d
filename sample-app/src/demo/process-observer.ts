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
   * so idle ones may die first.
   */
  async killBusyOne(): Promise<{ busy: number; idle: number[] }> {
    const idle: number[] = [];
    await waitUntil('a script runs', () => this.sandbox.stats().processes.busy > 0 || undefined);
    for (const pid of this.running) {
      process.kill(pid, 'SIGKILL');
      await waitUntil(`process ${pid} has ended`, () => !this.running.has(pid) || undefined);
      if (this.endedInRun.has(pid)) return { busy: pid, idle };
      idle.push(pid);
    }
    throw new Error('No process was in the middle of a run.');
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
