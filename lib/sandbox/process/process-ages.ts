import type { SandboxProcess } from './sandbox-process.js';

/** The share of `maxAgeMs` that a process may reach at least. */
const LEAST_SHARE = 0.75;
/** The part of the golden ratio after the point: its multiples, without their whole parts, are spread evenly. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Says which processes are too old. A process ages from its first run or check of a source, because none of its earlier
 * time helps a script that breaks out. So a process that has seen no script is never too old.
 *
 * Each process has an age of its own, between three quarters of `maxAgeMs` and all of it. The ages of processes that
 * follow each other are far apart, so that processes which began to work at the same moment are not replaced at the
 * same moment. The first age is random, so that the processes of several applications aren't either.
 */
export class ProcessAges {
  private readonly timers = new Map<SandboxProcess, NodeJS.Timeout>();
  private readonly old = new WeakSet<SandboxProcess>();
  private place = Math.random();

  /** @param onOld called once for each process, when it has become too old */
  constructor(
    private readonly maxAgeMs: number,
    private readonly onOld: (process: SandboxProcess) => void,
  ) {}

  /** Call it before the first run or check of a process. */
  begins(process: SandboxProcess): void {
    this.place = (this.place + GOLDEN) % 1;
    const ageMs = this.maxAgeMs * (LEAST_SHARE + (1 - LEAST_SHARE) * this.place);
    const timer = setTimeout(() => {
      this.old.add(process);
      this.onOld(process);
    }, ageMs);
    this.timers.set(process, timer.unref());
  }

  /** Whether the process may begin no further run or check. */
  isOld(process: SandboxProcess): boolean {
    return this.old.has(process);
  }

  /** Call it when a process has ended. */
  ended(process: SandboxProcess): void {
    clearTimeout(this.timers.get(process));
    this.timers.delete(process);
  }
}
