import { closeSync, openSync, readSync } from 'node:fs';

/** What the system reports about a process. */
export interface ProcessStatus {
  residentMb: number;
  /** Whether a signal or a debugger has stopped it. */
  isStopped: boolean;
  threads: number;
}

/** Longer than any status: a machine with thousands of processors has some kilobytes. */
const STATUS_BYTES = 16 * 1024;
/** All reads are synchronous, and the text is decoded at once. */
const buffer = Buffer.allocUnsafe(STATUS_BYTES);

/**
 * What Linux says in `/proc` about one process. The file stays open, so that the process is watched even when the host
 * has no free file descriptor, and so that it is never another process with the same id.
 */
export class StatusFile {
  private descriptor: number | undefined;
  private isClosed = false;

  constructor(private readonly pid: number | undefined) {
    this.open();
  }

  /** Undefined if the process has ended, and where the system reports nothing. Doesn't wait for a disk. */
  read(): ProcessStatus | undefined {
    // The host may have had no free file descriptor when the process started.
    if (this.descriptor === undefined) this.open();
    if (this.descriptor === undefined) return undefined;
    try {
      return statusIn(buffer.toString('latin1', 0, readSync(this.descriptor, buffer, 0, STATUS_BYTES, 0)));
    } catch {
      return undefined;
    }
  }

  /** Call it when the process has ended. */
  close(): void {
    this.isClosed = true;
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  private open(): void {
    if (this.pid === undefined || this.isClosed || process.platform !== 'linux') return;
    try {
      this.descriptor = openSync(`/proc/${this.pid}/status`, 'r');
    } catch {
      // No descriptor is free, there is no `/proc`, or the process has ended.
    }
  }
}

function statusIn(text: string): ProcessStatus | undefined {
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(text);
  if (!resident) return undefined;
  return {
    residentMb: Number(resident[1]) / 1024,
    isStopped: /^State:\s+[Tt]/m.test(text),
    threads: Number(/^Threads:\s+(\d+)$/m.exec(text)?.[1] ?? Number.NaN),
  };
}
