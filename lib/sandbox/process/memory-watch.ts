import { readFileSync } from 'node:fs';

/** Megabytes of resident memory of a process, or undefined where the system does not say. Reads no disk. */
export function residentMb(pid: number): number | undefined {
  try {
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return match ? Number(match[1]) / 1024 : undefined;
  } catch {
    return undefined;
  }
}

/** A process whose memory is watched while it runs a script. */
export interface Watched {
  readonly pid: number | undefined;
  /** Milliseconds since its run began; undefined when none runs. */
  readonly runningMs: number | undefined;
  memoryMb: number;
  overMemory(): void;
}

/** A script can fill a hundred megabytes in this time; the isolate's own limit stops most of them earlier. */
const INTERVAL_MS = 50;

/**
 * Looks at the memory of the processes that run a script, because the limit of an isolate is a guideline only.
 * Works where the system has `/proc`; elsewhere the limits of V8 and the deadline remain.
 */
export class MemoryWatch {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly processes: () => Iterable<Watched>,
    private readonly limitMb: number,
  ) {}

  start(): void {
    this.timer ??= setInterval(() => this.look(), INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private look(): void {
    for (const watched of this.processes()) {
      // Most runs end between two looks and cost nothing.
      if (watched.pid === undefined || !((watched.runningMs ?? 0) > INTERVAL_MS / 2)) continue;
      watched.memoryMb = residentMb(watched.pid) ?? watched.memoryMb;
      if (watched.memoryMb > this.limitMb) watched.overMemory();
    }
  }
}
