import { constants, createReadStream } from 'node:fs';
import { access, lstat, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PrintableLogger } from '../../common/printable-logger.js';
import { WriteRefusedError } from '../../common/batching-writer.errors.js';
import { messageOf } from '../../common/errors.js';
import type { NewExecution } from '../../execution/execution.repository.js';
import type { ExecutionWriter } from '../../execution/execution.writer.js';
import type { NewDeadLetter } from '../dead-letter.types.js';
import type { DeadLetterWriter } from '../dead-letter.writer.js';
import { SpillFolderError } from './spill.errors.js';
import { SPILL_FILE, SpillFile, UNFINISHED } from './spill.file.js';
import { headerProblem, recordOf, type SpilledRecord } from './spill.format.js';

/** Folder and maximum size of the spill file. */
export interface SpillOptions {
  folder: string;
  maxBytes: number;
}

/** How many records a stop could not store. */
export interface Spilled {
  deadLetters: number;
  executions: number;
  /** The file that they are in; null if there are none. */
  path: string | null;
}

/** How many records the writers get at a time. */
const CHUNK = 100;
/**
 * If nobody has written to an unfinished file for this many milliseconds, its process was killed: a stop takes less.
 */
const ABANDONED_MS = 60_000;
const UNREADABLE = '.unreadable';

/** What happened to the records of a file. */
interface Taken {
  stored: number;
  damaged: number;
  refused: number;
  /** The application stops, or storage is unavailable: the file is kept for the next start. */
  interrupted: boolean;
}

/**
 * Keeps what a stop cannot store, because the database is unavailable, in a file for the next start of the application.
 *
 * ```
 * stop:   x.jsonl.part ── all written ──► x.jsonl
 * start:  x.jsonl (or a .part that nobody writes any more) ── all stored ──► deleted
 *                                                          └─ damaged ────► x.jsonl.unreadable
 * ```
 *
 * A file is deleted only after its records are stored, and each is stored under the id it was made with: a start that
 * ends half-way, or two processes that read the same folder, store nothing twice.
 */
export class Spill {
  private readonly logger = new PrintableLogger(Spill.name);
  private readonly file: SpillFile;
  private readonly counts = { deadLetters: 0, executions: 0 };
  private later: NodeJS.Timeout | undefined;
  private taking: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(
    private readonly options: SpillOptions,
    private readonly deadLetters: DeadLetterWriter,
    private readonly executions: ExecutionWriter,
  ) {
    this.file = new SpillFile(options.folder, options.maxBytes);
  }

  /** @throws SpillFolderError */
  async checkFolder(): Promise<void> {
    const { folder } = this.options;
    const entry = await stat(folder).catch((error: unknown) => {
      throw new SpillFolderError(folder, `can't be read (${messageOf(error)})`, error);
    });
    if (!entry.isDirectory()) throw new SpillFolderError(folder, 'is not a folder');
    const rights = constants.R_OK | constants.W_OK | constants.X_OK;
    await access(folder, rights).catch((error: unknown) => {
      throw new SpillFolderError(folder, `can't be written to (${messageOf(error)})`, error);
    });
  }

  /** Starts to store what earlier stops have left. Returns immediately and never throws. */
  takeUp(): void {
    this.taking = this.taking.then(() => this.takeUpAll());
  }

  /** From now on, records of the writers for which there is no room or no time go into the file. */
  open(): void {
    this.stopping = true;
    clearTimeout(this.later);
    this.deadLetters.rescueWith((deadLetter) => this.add({ deadLetter }, 'deadLetters'));
    this.executions.rescueWith((execution) => this.add({ execution }, 'executions'));
  }

  /** Finishes the file. Never throws. */
  finish(): Spilled {
    const { deadLetters, executions } = this.counts;
    if (this.file.error !== undefined)
      this.logger.error(
        `The spill file in storage.spillPath could not be written: ${messageOf(this.file.error)}`,
      );
    if (deadLetters + executions === 0) return { ...this.counts, path: null };
    try {
      this.file.finish();
      return { ...this.counts, path: this.file.path };
    } catch (error) {
      this.logger.error(
        `The spill file could not be completed; the next start tries to read it: ${messageOf(error)}`,
      );
      return { ...this.counts, path: this.file.path + UNFINISHED };
    }
  }

  private add(record: SpilledRecord, kind: keyof Spill['counts']): boolean {
    const added = this.file.add(record);
    if (added) this.counts[kind] += 1;
    return added;
  }

  private async takeUpAll(): Promise<void> {
    try {
      let fresh = false;
      for (const name of (await readdir(this.options.folder)).toSorted()) {
        if (this.stopping) return;
        if (SPILL_FILE.test(name)) await this.takeUpOne(name);
        else if (SPILL_FILE.test(name.replace(UNFINISHED, '')))
          fresh = !(await this.takeUpUnfinished(name)) || fresh;
      }
      // A process is still writing the file, or was killed a moment ago.
      if (fresh && !this.stopping) this.later = setTimeout(() => this.takeUp(), ABANDONED_MS).unref();
    } catch (error) {
      this.logger.error(
        `Spill files could not be imported; they are kept for the next start: ${messageOf(error)}`,
      );
    }
  }

  /** Stores the records of an unfinished file. False if a process may still be writing it. */
  private async takeUpUnfinished(name: string): Promise<boolean> {
    const { mtimeMs } = await lstat(join(this.options.folder, name));
    if (Date.now() - mtimeMs < ABANDONED_MS) return false;
    await this.takeUpOne(name);
    return true;
  }

  private async takeUpOne(name: string): Promise<void> {
    const path = join(this.options.folder, name);
    const problem = await this.problemWith(path);
    if (problem !== undefined) return this.putAside(path, problem);
    const { stored, damaged, refused, interrupted } = await this.store(path, name.endsWith(UNFINISHED));
    if (interrupted) return;
    const summary = `Imported ${stored} records of an earlier stop`;
    if (damaged + refused > 0)
      return this.putAside(path, `${summary}; ${damaged} lines are damaged and ${refused} were rejected`);
    await rm(path, { force: true });
    this.logger.log(`${summary} from ${path}.`);
  }

  /** Refuses a file that somebody else may have put there: its records would run as events of any tenant. */
  private async problemWith(path: string): Promise<string | undefined> {
    const file = await lstat(path);
    if (!file.isFile()) return 'it is not a file';
    const owner = process.getuid?.();
    if (owner !== undefined && file.uid !== owner) return 'it belongs to another user';
    if (owner !== undefined && (file.mode & 0o022) !== 0) return 'other users can write to it';
    for await (const line of linesOf(path)) return headerProblem(line);
    return 'it is empty';
  }

  private async store(path: string, unfinished: boolean): Promise<Taken> {
    const taken: Taken = { stored: 0, damaged: 0, refused: 0, interrupted: false };
    let chunk: SpilledRecord[] = [];
    let damagedBefore = false;
    let first = true;
    for await (const line of linesOf(path)) {
      if (first) {
        first = false;
        continue;
      }
      // If the process was killed, the last line may be incomplete; the log of that process names the record.
      if (damagedBefore) taken.damaged += 1;
      const record = recordOf(line);
      damagedBefore = record === undefined;
      if (record) chunk.push(record);
      if (chunk.length < CHUNK) continue;
      await this.storeChunk(chunk, taken);
      chunk = [];
      if (taken.interrupted) return taken;
    }
    if (damagedBefore && unfinished)
      this.logger.warn(`The last line of ${path} is incomplete and was skipped.`);
    else if (damagedBefore) taken.damaged += 1;
    await this.storeChunk(chunk, taken);
    return taken;
  }

  private async storeChunk(chunk: readonly SpilledRecord[], taken: Taken): Promise<void> {
    for (const record of chunk) {
      const writer = 'deadLetter' in record ? this.deadLetters : this.executions;
      const { tenantId } = recordIn(record);
      if (writer.isFullFor(tenantId)) await writer.whenReady(tenantId);
    }
    const adding = chunk.map((record) =>
      'deadLetter' in record
        ? this.deadLetters.add(record.deadLetter)
        : this.executions.add(record.execution),
    );
    for (const result of await Promise.allSettled(adding)) {
      if (result.status === 'fulfilled') taken.stored += 1;
      else if (result.reason instanceof WriteRefusedError) taken.refused += 1;
      else taken.interrupted = true;
    }
  }

  private async putAside(path: string, why: string): Promise<void> {
    await rename(path, path + UNREADABLE);
    this.logger.error(
      `Spill file ${path} could not be imported completely (${why}); it was renamed to ${path}${UNREADABLE}.`,
    );
  }
}

const recordIn = (record: SpilledRecord): NewDeadLetter | NewExecution =>
  'deadLetter' in record ? record.deadLetter : record.execution;

const linesOf = (path: string): AsyncIterable<string> =>
  createInterface({ input: createReadStream(path), crlfDelay: Infinity });
