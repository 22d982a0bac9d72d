import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { headerLine, lineOf, type SpilledRecord } from './spill.format.js';

/** Name of a file that is whole, and what its name ends in while it is written. */
export const SPILL_FILE = /^scripts-event-.+\.jsonl$/;
export const UNFINISHED = '.part';

/**
 * A file that a stop writes. It is made with the first record, and has its own name only when it is whole.
 *
 * Written at once and in order, as the process is about to end: true means that the record is with the operating system.
 */
export class SpillFile {
  private descriptor: number | undefined;
  private bytes = 0;
  private failure: unknown;
  /** Where it is. */
  readonly path: string;

  constructor(
    folder: string,
    private readonly maxBytes: number,
  ) {
    const time = new Date().toISOString().replace(/[:.]/g, '-');
    this.path = join(folder, `scripts-event-${time}-${randomUUID().slice(0, 8)}.jsonl`);
  }

  /** Why a record was not taken: the folder's own error; `undefined` when only the size was reached, or nothing failed. */
  get error(): unknown {
    return this.failure;
  }

  /** False when the file has no room, or cannot be written. */
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
      return false;
    }
  }

  /** Gives it its name. @throws what the file system throws; the records are under the unfinished name then */
  finish(): void {
    if (this.descriptor === undefined) return;
    fsyncSync(this.descriptor);
    closeSync(this.descriptor);
    this.descriptor = undefined;
    renameSync(this.path + UNFINISHED, this.path);
  }

  /** Tenants' data: for this user only, and never into a file that somebody else has put there. */
  private open(): number {
    const descriptor = openSync(this.path + UNFINISHED, 'wx', 0o600);
    this.write(descriptor, Buffer.from(headerLine()));
    return descriptor;
  }

  private write(descriptor: number, text: Buffer): void {
    for (let written = 0; written < text.length;) written += writeSync(descriptor, text, written);
    this.bytes += text.length;
  }
}
