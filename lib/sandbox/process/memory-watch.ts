import { readFileSync } from 'node:fs';
import { afterSockets } from '../../common/after-sockets.js';

/** What the system reports about a process. */
interface ProcessStatus {
  residentMb: number;
  /** Whether a signal or a debugger has stopped it. */
  isStopped: boolean;
}

/** Undefined where the system reports nothing. Reading `/proc` doesn't wait for a disk. */
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
  /** Called repeatedly once its run has taken some tens of milliseconds. */
  runsLong(): void;
  /** The process has been stopped for some milliseconds. */
  noteStopped(ms: number): void;
}

/**
 * Milliseconds between two looks. A script can fill a hundred megabytes meanwhile; the isolate's own limit stops most
 * such scripts earlier.
 */
const INTERVAL_MS = 50;

/**
 * Watches processes that run a script: their memory, because the limit of an isolate is only a guideline, and whether
 * something has stopped them. What has arrived from a process is read first, so that its run is still the one in
 * progress. Needs `/proc`; on other systems, only V8's limits and the deadline stop a script.
 */
export class MemoryWatch {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly processes: () => Iterable<Watched>,
    private readonly limitMb: number,
  ) {}

  start(): void {
    this.timer ??= setInterval(() => afterSockets(() => this.look()), INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private look(): void {
    for (const watched of this.processes()) {
      // Most runs end between two looks and cost nothing.
      if (watched.pid === undefined || !((watched.runningMs ?? 0) > INTERVAL_MS / 2)) continue;
      watched.runsLong();
      const status = statusOf(watched.pid);
      if (status?.isStopped) watched.noteStopped(INTERVAL_MS);
      watched.memoryMb = status?.residentMb ?? watched.memoryMb;
      if (watched.memoryMb > this.limitMb) watched.overMemory();
    }
  }
}
