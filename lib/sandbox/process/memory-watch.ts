import { readFileSync } from 'node:fs';

/** What the system reports about a process. */
interface ProcessStatus {
  residentMb: number;
  /** Whether a signal or a debugger has stopped it. */
  isStopped: boolean;
}

/** Undefined where the system reports nothing. Reads no disk. */
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

/** Resident memory of a process in megabytes, or undefined where the system doesn't report it. */
export const residentMb = (pid: number): number | undefined => statusOf(pid)?.residentMb;

/** A process whose memory is watched while it runs a script. */
export interface Watched {
  readonly pid: number | undefined;
  /** Milliseconds since its run began; undefined if none is running. */
  readonly runningMs: number | undefined;
  memoryMb: number;
  overMemory(): void;
  /** Its run has taken some tens of milliseconds; called again and again. */
  runsLong(): void;
  /** The process has been stopped for some milliseconds. */
  noteStopped(ms: number): void;
}

/** A script can fill a hundred megabytes in this time; the isolate's own limit stops most of them earlier. */
const INTERVAL_MS = 50;

/**
 * Watches the memory of processes that run a script, because the limit of an isolate is only a guideline, and whether
 * they are stopped. Needs `/proc`; elsewhere V8's limits and the deadline remain.
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
