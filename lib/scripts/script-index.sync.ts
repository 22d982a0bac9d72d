import { PrintableLogger } from '../common/printable-logger.js';
import { Clock } from '../common/clock.js';
import { messageOf } from '../common/errors.js';
import { Outage } from '../common/outage.js';
import { readAhead } from '../common/read-ahead.js';
import { inOwnContext } from '../common/own-context.js';
import { Slices } from '../common/slices.js';
import { within } from '../common/within.js';
import type { NodeChannel, NodeChannelListener } from '../nodes/node-channel.js';
import { ActiveScripts, type ScriptPlace } from './active-scripts.js';
import { changedScript } from '../nodes/changed-script.js';
import { partOf } from './script-digests.js';
import { type ActiveScript, ScriptIndex } from './script-index.js';
import type { ScriptSources, VersionId } from './script-sources.js';

/** How many scripts one query reads: some 8 MB of the largest filters. */
const PAGE = 500;
/**
 * About how many revisions one query reads, and of how many parts at most. More are read if scripts are new to the
 * index.
 */
const REVISIONS = 10_000;
const PARTS = 32;
/** How many milliseconds the index may hold the event loop at a time. */
const SLICE_MS = 10;
const STOP_TIMEOUT_MS = 5_000;

/** How the index learns of changes that other processes made. */
export interface ScriptIndexSyncOptions {
  /**
   * How often the database is asked for changes, in milliseconds. Without `listen`, the index can be out of date for
   * this long.
   */
  pollIntervalMs: number;
  /** Whether to learn of changes immediately, on a connection of its own. */
  listen: boolean;
}

/** How fresh the index is. */
export interface IndexFreshness {
  /**
   * When the index was last known to match the database, in milliseconds since the epoch; null before the first load.
   */
  syncedAt: number | null;
  /** Whether changes of other processes arrive immediately. */
  listening: boolean;
  /** Why the last read from the database failed; null if it succeeded. */
  error: string | null;
}

/**
 * Keeps the script index in step with the database.
 *
 * - A change by this process: {@link refresh} reads the script again before the caller's promise resolves.
 * - A change by another process: `NOTIFY` names the script, which is read again.
 * - A missed notification: every poll compares a digest of all revisions with the index's own. If they differ, it
 *   compares the digests of parts, then the revisions in those that differ, and reads what differs.
 *
 * All reads go through one queue, so that an older result never overwrites a newer one. While the database is
 * unavailable the index stays as it is, and routing continues.
 */
export class ScriptIndexSync {
  private readonly logger = new PrintableLogger(ScriptIndexSync.name);
  private readonly reading = new Outage(this.logger, {
    begins: 'Scripts stay as last loaded because the database is unavailable',
    ends: 'Scripts are loaded from the database again.',
    fails: 'Loading the scripts fails',
  });
  private readonly hearing = new Outage(this.logger, {
    begins: 'Script changes are found only by polling',
    ends: 'Script changes are received immediately again.',
    fails: 'Listening for script changes fails',
  });
  private readonly announced = new Set<string>();
  private queue: Promise<unknown> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private stopListening: (() => Promise<void>) | undefined;
  private state: 'new' | 'running' | 'stopped' = 'new';
  private readonly fresh: IndexFreshness = { syncedAt: null, listening: false, error: null };

  constructor(
    private readonly index: ScriptIndex,
    private readonly scripts: ActiveScripts,
    private readonly channel: Pick<NodeChannel, 'open'>,
    private readonly options: ScriptIndexSyncOptions,
    private readonly clock: Clock,
    /** Loads the sources of the scripts in the index; without it, they are not loaded. */
    private readonly sources?: Pick<ScriptSources, 'load'>,
  ) {}

  get freshness(): Readonly<IndexFreshness> {
    return { ...this.fresh };
  }

  /** Loads the index and starts to follow changes. Rejects if the scripts can't be read. A second call does nothing. */
  async start(): Promise<void> {
    if (this.state !== 'new') return;
    this.state = 'running';
    // Listen before loading, so that changes in between are noticed and read again.
    if (this.options.listen) this.stopListening = this.channel.open(this.listener());
    try {
      await this.enqueue(() => this.load());
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.schedulePoll();
  }

  /**
   * Stops following changes and leaves no timer and no connection behind; the index stays as it is. Waits no longer
   * than `timeoutMs` for the database. A second call does nothing.
   */
  async stop(timeoutMs = STOP_TIMEOUT_MS): Promise<void> {
    this.state = 'stopped';
    clearTimeout(this.timer);
    const { stopListening } = this;
    this.stopListening = undefined;
    // A statement that hangs must not delay the stop of the application.
    await within(Promise.all([stopListening?.(), this.queue]), timeoutMs);
    this.fresh.listening = false;
  }

  /**
   * Reads a script again after a committed change. Never rejects: the change is stored, and a later poll finds what
   * can't be read now.
   */
  async refresh(scriptId: string): Promise<void> {
    if (this.state === 'stopped') return;
    await this.enqueue(() => this.reread([scriptId])).catch((error: unknown) => this.failed(error));
  }

  /** Compares the index with the database now and reads what differs. Never rejects. */
  async poll(): Promise<void> {
    if (this.state === 'stopped') return;
    await this.enqueue(() => this.compare()).catch((error: unknown) => this.failed(error));
  }

  private listener(): NodeChannelListener {
    return {
      heard: (text: string): void => {
        const scriptId = changedScript(text)?.scriptId;
        // The channel carries other kinds of messages too.
        if (scriptId === undefined) return;
        // Changes that arrive while the queue works are read together.
        if (this.announced.size === 0)
          void this.enqueue(() => this.rereadAnnounced()).catch((error) => this.failed(error));
        this.announced.add(scriptId);
      },
      connected: (): void => {
        this.fresh.listening = true;
        this.hearing.worked();
        void this.poll();
      },
      disconnected: (error: unknown): void => {
        this.hearing.failed(error);
        this.fresh.listening = false;
      },
    };
  }

  private schedulePoll(): void {
    if (this.state !== 'running') return;
    this.timer = setTimeout(
      () => void this.poll().then(() => this.schedulePoll()),
      this.options.pollIntervalMs,
    );
  }

  private async load(): Promise<void> {
    const startedAt = this.clock.now();
    const slices = new Slices(SLICE_MS);
    // The sources of one page load while the scripts of the next page are put into the index.
    let sources = Promise.resolve();
    for await (const rows of pages((after) => this.scripts.page(after, PAGE))) {
      for (const row of rows) {
        this.index.put(row);
        await slices.next();
      }
      await sources;
      sources = this.loadSources(rows.map(({ id }) => id));
      sources.catch(() => undefined);
    }
    await sources;
    this.fresh.syncedAt = startedAt;
  }

  private async compare(): Promise<void> {
    const startedAt = this.clock.now();
    if ((await this.scripts.digest()) !== this.index.digests.toString()) await this.rereadDiffering();
    // Loads the sources that earlier calls could not read.
    await this.loadSources([]);
    this.reading.worked();
    Object.assign(this.fresh, { syncedAt: startedAt, error: null });
  }

  private async rereadDiffering(): Promise<void> {
    const parts = this.index.digests.differing(await this.scripts.digests());
    for (let from = 0, to = 0; from < parts.length; from = to) {
      let known = 0;
      do known += this.index.digests.of(parts[to++] as number).size;
      while (to < parts.length && to - from < PARTS && known < REVISIONS);
      await this.reread(await this.differing(parts.slice(from, to), known));
    }
  }

  /**
   * Scripts of some parts that differ from the database or no longer exist there.
   *
   * @param known how many scripts the index has in these parts
   */
  private async differing(parts: readonly number[], known: number): Promise<string[]> {
    const rows = await this.scripts.revisions(parts);
    const slices = new Slices(SLICE_MS);
    const differing: string[] = [];
    let found = 0;
    for (const { id, revision } of rows) {
      const here = this.index.revisionOf(id);
      if (here !== undefined) found += 1;
      if (here !== revision) differing.push(id);
      await slices.next();
    }
    if (found === known) return differing;
    const there = new Set(rows.map(({ id }) => id));
    const looked = new Set(parts);
    for (const id of this.index.ids()) {
      if (looked.has(partOf(id)) && !there.has(id)) differing.push(id);
      await slices.next();
    }
    return differing;
  }

  private async rereadAnnounced(): Promise<void> {
    const ids = [...this.announced];
    this.announced.clear();
    await this.reread(ids);
  }

  private async reread(ids: readonly string[]): Promise<void> {
    const slices = new Slices(SLICE_MS);
    for await (const { asked, rows } of this.inPages(ids)) {
      for (const id of asked) {
        const row = rows.get(id);
        if (row) this.index.put(row);
        else this.index.remove(id);
        await slices.next();
      }
      await this.loadSources(asked);
    }
  }

  private inPages(ids: readonly string[]): AsyncGenerator<ReadScripts> {
    const read = async (from: number): Promise<ReadScripts> => {
      const asked = ids.slice(from, from + PAGE);
      return { asked, rows: new Map((await this.scripts.byIds(asked)).map((row) => [row.id, row])) };
    };
    let next = 0;
    return readAhead(() => {
      const from = next;
      next += PAGE;
      return from < ids.length ? read(from) : undefined;
    });
  }

  private async loadSources(ids: Iterable<string>): Promise<void> {
    await this.sources?.load(this.versionsOf(ids));
  }

  /** The versions of the scripts that run. */
  private *versionsOf(ids: Iterable<string>): Generator<VersionId> {
    for (const scriptId of ids) {
      const script = this.index.get(scriptId);
      if (script) yield { scriptId, version: script.version };
    }
  }

  private failed(error: unknown): void {
    if (this.state === 'stopped') return;
    this.reading.failed(error);
    this.fresh.error = messageOf(error);
  }

  private enqueue<T>(work: () => Promise<T>): Promise<T> {
    const read = () => (this.state === 'stopped' ? Promise.reject(new Error('stopped')) : work());
    const done = inOwnContext(() => this.queue.then(read));
    this.queue = done.catch(() => undefined);
    return done;
  }
}

/** The scripts that were asked for, as they are in the database. A script without a row doesn't listen. */
interface ReadScripts {
  readonly asked: readonly string[];
  readonly rows: ReadonlyMap<string, ActiveScript>;
}

/** Reads page after page. */
function pages(read: (after: ScriptPlace | null) => Promise<ActiveScript[]>): AsyncGenerator<ActiveScript[]> {
  return readAhead((before?: ActiveScript[]) => {
    if (before === undefined) return read(null);
    const last = before.at(-1);
    return last && before.length === PAGE ? read(last) : undefined;
  });
}
