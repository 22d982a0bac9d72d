import { afterSockets } from '../../common/after-sockets.js';
import type { StatusFile } from './status-file.js';

/** A process whose memory is watched while it runs a script. */
export interface Watched {
  readonly status: StatusFile;
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
      if (!((watched.runningMs ?? 0) > INTERVAL_MS / 2)) continue;
      watched.runsLong();
      const status = watched.status.read();
      if (status?.isStopped) watched.noteStopped(INTERVAL_MS);
      watched.memoryMb = status?.residentMb ?? watched.memoryMb;
      if (watched.memoryMb > this.limitMb) watched.overMemory();
    }
  }
}
