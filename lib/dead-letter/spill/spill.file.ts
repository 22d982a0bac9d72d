import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { headerLine, lineOf, type SpilledRecord } from './spill.format.js';

/** Name of a complete file. While a file is being written, its name ends with {@link UNFINISHED}. */
export const SPILL_FILE = /^scripts-event-.+\.jsonl$/;
export const UNFINISHED = '.part';

/**
 * A spill file, written by a stop. It is created with the first record and gets its final name only when it is
 * complete.
 *
 * Written synchronously and in order, because the process is about to end: when {@link add} returns true, the operating
 * system has the record.
 */
export class SpillFile {
  private descriptor: number | undefined;
  private bytes = 0;
  private failure: unknown;
  /** Kept for the file, in case the application has no free file descriptor when it stops. */
  private reserved: number | undefined;
  /** Path of the file. */
  readonly path: string;

  constructor(
    folder: string,
    private readonly maxBytes: number,
  ) {
    const time = new Date().toISOString().replace(/[:.]/g, '-');
    this.path = join(folder, `scripts-event-${time}-${randomUUID().slice(0, 8)}.jsonl`);
    try {
      this.reserved = openSync(devNull, 'r');
    } catch {
      // None is free now; perhaps one is at the stop.
    }
  }

  /**
   * The folder's own error, if a record was not written because of it; `undefined` if only the size limit was reached,
   * or nothing failed.
   */
  get error(): unknown {
    return this.failure;
  }

  /** False if there is no room in the file, or it can't be written. */
  add(record: SpilledRecord): boolean {
    if (this.failure !== undefined) return false;
    const line = Buffer.from(lineOf(record));
    if (this.bytes + line.length > this.maxBytes) return false;
    try {
      this.descriptor ??= this.open();
      this.write(this.descriptor, line);
      return true;
    } catch (error) {
      this.failure = error;
      this.dropUnfinishedLine();
      return false;
    }
  }

  /**
   * Gives the file its final name.
   *
   * @throws what the file system throws; the records then remain under the unfinished name
   */
  finish(): void {
    this.releaseReserved();
    if (this.descriptor === undefined) return;
    fsyncSync(this.descriptor);
    closeSync(this.descriptor);
    this.descriptor = undefined;
    renameSync(this.path + UNFINISHED, this.path);
  }

  /**
   * The file has tenants' data: only this user may read it, and it is never an existing file that somebody else has put
   * there.
   */
  private open(): number {
    this.releaseReserved();
    const descriptor = openSync(this.path + UNFINISHED, 'wx', 0o600);
    try {
      this.write(descriptor, Buffer.from(headerLine()));
      return descriptor;
    } catch (error) {
      closeSync(descriptor);
      rmSync(this.path + UNFINISHED, { force: true });
      throw error;
    }
  }

  /** A disk that is full may have had room for a part of the line. The next start would take the file as damaged. */
  private dropUnfinishedLine(): void {
    try {
      if (this.descriptor !== undefined) ftruncateSync(this.descriptor, this.bytes);
    } catch {
      // The next start says that the line is damaged.
    }
  }

  private releaseReserved(): void {
    if (this.reserved !== undefined) closeSync(this.reserved);
    this.reserved = undefined;
  }

  private write(descriptor: number, text: Buffer): void {
    for (let written = 0; written < text.length;) written += writeSync(descriptor, text, written);
    this.bytes += text.length;
  }
}
