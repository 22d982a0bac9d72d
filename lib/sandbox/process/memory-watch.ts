import { readFileSync } from 'node:fs';

/** What the system says of a process. */
interface ProcessStatus {
  residentMb: number;
  /** Stopped by a signal or a debugger. */
  isStopped: boolean;
}

/** Undefined where the system does not say. Reads no disk. */
function statusOf(pid: number): ProcessStatus | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'latin1');
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(text);
    return resident
      ? { residentMb: Number(resident[1]) / 1024, isStopped: /^State:\s+[Tt]/m.test(text) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Megabytes of resident memory of a process, or undefined where the system does not say. */
export const residentMb = (pid: number): number | undefined => statusOf(pid)?.residentMb;

/** A process whose memory is watched while it runs a script. */
export interface Watched {
  readonly pid: number | undefined;
  /** Milliseconds since its run began; undefined when none runs. */
  readonly runningMs: number | undefined;
  memoryMb: number;
  overMemory(): void;
  /** Its run has gone on for some tens of milliseconds; told again and again. */
  runsLong(): void;
  /** It is stopped, and was so for some milliseconds. */
  noteStopped(ms: number): void;
}

/** A script can fill a hundred megabytes in this time; the isolate's own limit stops most of them earlier. */
const INTERVAL_MS = 50;

/**
 * Looks at the memory of the processes that run a script, because the limit of an isolate is a guideline only, and whether
 * they go on.
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
      // Most runs end between two checks and cost nothing.
      if (watched.pid === undefined || !((watched.runningMs ?? 0) > INTERVAL_MS / 2)) continue;
      watched.runsLong();
      const status = statusOf(watched.pid);
      if (status?.isStopped) watched.noteStopped(INTERVAL_MS);
      watched.memoryMb = status?.residentMb ?? watched.memoryMb;
      if (watched.memoryMb > this.limitMb) watched.overMemory();
    }
  }
}
