import { LRUCache } from 'lru-cache';
import { DatabaseAwayError, isOutage } from '../common/database-failure.js';
import { Outage } from '../common/outage.js';
import { PrintableLogger } from '../common/printable-logger.js';
import { within } from '../common/within.js';
import { ScriptStorageAwayError, ScriptVersionNotFoundError } from './script.errors.js';
import type { ScriptRepository } from './script.repository.js';
import { formatDuration } from '../common/duration-text.js';

/** UTF-16 takes 2 bytes for a character. */
const BYTES_PER_CHARACTER = 2;
const ENTRY_BYTES = 200;
const DEFAULT_BYTES = 64 * 1024 * 1024;
/** How many sources one query reads, and within how many bytes each begins. */
const BATCH = { sources: 500, bytes: 4 * 1024 * 1024 };
/** Longest wait for a source, in milliseconds. A silently cut connection must not hold a worker. */
const READ_TIMEOUT_MS = 5_000;

/** One version of a script. */
export interface VersionId {
  scriptId: string;
  version: number;
}

/** The methods of the repository that are used. */
type StoredSources = Pick<ScriptRepository, 'sourceOf' | 'sourcesOf'>;

const keyOf = ({ scriptId, version }: VersionId): string => `${scriptId}/${version}`;
const sizeOf = (source: string): number => source.length * BYTES_PER_CHARACTER + ENTRY_BYTES;

/**
 * Sources in memory, by script and version. A version never changes, so nothing here gets out of date.
 *
 * {@link load} reads the sources of all active scripts, up to the memory limit, so that these scripts run while the
 * database is unavailable. Other sources are read when their scripts run. Several runs that need the same missing
 * source read it once.
 */
export class ScriptSources {
  private readonly logger = new PrintableLogger(ScriptSources.name);
  private readonly cache: LRUCache<string, string, VersionId>;
  /** The versions to load, by script. A newer version replaces an older one. */
  private readonly wanted = new Map<string, number>();
  private told = false;
  private readonly outage = new Outage(this.logger, {
    begins: 'Scripts whose source is not in memory are waiting because the database is unavailable',
    ends: 'Script sources are loaded again.',
    fails: 'Loading script sources fails',
  });
  private asking = false;
  private failure: unknown;

  /** @param maxBytes memory for sources, `index.maxSourceBytes` */
  constructor(
    private readonly repository: StoredSources,
    private readonly maxBytes = DEFAULT_BYTES,
  ) {
    this.cache = new LRUCache<string, string, VersionId>({
      maxSize: maxBytes,
      sizeCalculation: sizeOf,
      // A source that was evicted while it was read is still returned to its caller.
      ignoreFetchAbort: true,
      fetchMethod: async (_key, _stale, { context: { scriptId, version } }) => {
        const source = await repository.sourceOf(scriptId, version);
        if (source === null) throw new ScriptVersionNotFoundError(scriptId, version);
        return source;
      },
    });
  }

  /**
   * The source of a version, from memory if it is there, otherwise from the database.
   *
   * @throws {ScriptVersionNotFoundError} when the script was deleted, or never had such a version
   * @throws {ScriptStorageAwayError} when it is not in memory and the database is unavailable
   */
  async get(scriptId: string, version: number): Promise<string> {
    const id = { scriptId, version };
    return this.known(scriptId, version) ?? (await this.read(id));
  }

  /** The source of a version, if it is in memory. */
  known(scriptId: string, version: number): string | undefined {
    return this.cache.get(keyOf({ scriptId, version }));
  }

  /**
   * Loads sources into memory until the limit is reached, including those that an earlier call could not read. Rejects
   * if the database is unavailable; the next call continues.
   */
  async load(versions: Iterable<VersionId>): Promise<void> {
    for (const { scriptId, version } of versions) this.wanted.set(scriptId, version);
    while (this.wanted.size > 0) {
      const missing: VersionId[] = [];
      for (const id of take(this.wanted, BATCH.sources))
        if (this.cache.has(keyOf(id))) this.wanted.delete(id.scriptId);
        else missing.push(id);
      const found = missing.length === 0 ? [] : await this.repository.sourcesOf(missing, BATCH.bytes);
      // Sources that a full batch left out are asked for again. If none is found, the versions no longer exist.
      for (const { scriptId, version } of found.length > 0 ? found : missing)
        if (this.wanted.get(scriptId) === version) this.wanted.delete(scriptId);
      for (const { source, ...id } of found) {
        if (this.cache.calculatedSize + sizeOf(source) > this.maxBytes) return this.tellOfBudget();
        this.cache.set(keyOf(id), source);
      }
    }
  }

  private async read(id: VersionId): Promise<string> {
    const probing = this.outage.isOn;
    // A run that waits for a connection occupies a worker, so only one run waits while the database is unavailable.
    if (probing && this.asking) throw new ScriptStorageAwayError(this.failure);
    this.asking = probing;
    try {
      const source = await this.fetch(id);
      this.outage.worked();
      return source;
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.failure = error;
      this.outage.failed(error);
      throw new ScriptStorageAwayError(error);
    } finally {
      if (probing) this.asking = false;
    }
  }

  private async fetch(id: VersionId): Promise<string> {
    const reading = this.cache.fetch(keyOf(id), { context: id });
    if ((await within(reading, READ_TIMEOUT_MS)) === 'timeout')
      throw new DatabaseAwayError(`a source was not read within ${formatDuration(READ_TIMEOUT_MS)}`);
    const source = await reading;
    if (source === undefined) throw new ScriptVersionNotFoundError(id.scriptId, id.version);
    return source;
  }

  /** Logged once: which sources don't fit changes with each script. */
  private tellOfBudget(): void {
    this.wanted.clear();
    if (this.told) return;
    this.told = true;
    this.logger.warn(
      `The sources of the active scripts exceed index.maxSourceBytes (${this.maxBytes}). The remaining sources are loaded when ` +
        'their scripts run, and those scripts wait while the database is unavailable.',
    );
  }
}

function* take(wanted: ReadonlyMap<string, number>, count: number): Generator<VersionId> {
  for (const [scriptId, version] of wanted) {
    if (count-- <= 0) return;
    yield { scriptId, version };
  }
}
