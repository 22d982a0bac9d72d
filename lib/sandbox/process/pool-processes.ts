import type { SandboxProcess } from './sandbox-process.js';

type State = SandboxProcess['state'];

/** The processes of the pool, counted by state. Lets callers wait until a state changes. */
export class PoolProcesses extends Set<SandboxProcess> {
  private waiters: (() => void)[] = [];

  count(state: State): number {
    let count = 0;
    for (const process of this) if (process.state === state) count++;
    return count;
  }

  /** Processes that take runs, now or soon. */
  get live(): number {
    return this.count('starting') + this.count('idle') + this.count('busy');
  }

  /** Busy processes whose run computes. */
  get computing(): number {
    return this.count('busy') - this.awaitingBindings;
  }

  /** Busy processes whose run can do nothing but wait for bindings. */
  get awaitingBindings(): number {
    let count = 0;
    for (const process of this) if (process.state === 'busy' && process.isWaiting) count++;
    return count;
  }

  /** Busy processes whose run computes and has called bindings. */
  get resumed(): number {
    let count = 0;
    for (const { calls, isWaiting, state } of this) if (state === 'busy' && calls > 0 && !isWaiting) count++;
    return count;
  }

  /** Runs that wait in a process behind another one. */
  get ahead(): number {
    let ahead = 0;
    for (const { runsAhead } of this) ahead += runsAhead;
    return ahead;
  }

  states(): Record<Exclude<State, 'ended'>, number> {
    const states = { starting: 0, idle: 0, busy: 0, draining: 0 };
    for (const { state } of this) if (state !== 'ended') states[state]++;
    return states;
  }

  rssMb(): number {
    let rssMb = 0;
    for (const { status, memoryMb } of this) rssMb += status.read()?.residentMb ?? memoryMb;
    return rssMb;
  }

  /** Resolves when a process has changed its state. */
  change(): Promise<void> {
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  notifyChange(): void {
    if (this.waiters.length === 0) return;
    const waiters = this.waiters;
    this.waiters = [];
    for (const resolve of waiters) resolve();
  }
}
