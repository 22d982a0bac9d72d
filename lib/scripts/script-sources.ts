import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ScriptVersionNotFoundError } from './script.errors.js';
import { ScriptRepository } from './script.repository.js';

/** Some 300 of the largest sources; most are a hundred times smaller. UTF-16 takes 2 bytes for a character. */
const MAX_BYTES = 64 * 1024 * 1024;
const BYTES_PER_CHARACTER = 2;
const ENTRY_BYTES = 200;

interface VersionId {
  scriptId: string;
  version: number;
}

/**
 * Sources in memory, by script and version. A version never changes, so what is here never grows old.
 * Several runs that miss the same source at once read it once.
 */
@Injectable()
export class ScriptSources {
  private readonly cache: LRUCache<string, string, VersionId>;

  constructor(repository: ScriptRepository) {
    this.cache = new LRUCache<string, string, VersionId>({
      maxSize: MAX_BYTES,
      sizeCalculation: (source) => source.length * BYTES_PER_CHARACTER + ENTRY_BYTES,
      // A source that was pushed out while it was read is still what its caller waits for.
      ignoreFetchAbort: true,
      fetchMethod: async (_key, _stale, { context: { scriptId, version } }) => {
        const source = await repository.sourceOf(scriptId, version);
        if (source === null) throw new ScriptVersionNotFoundError(scriptId, version);
        return source;
      },
    });
  }

  /**
   * The source of a version; from the database only when it is not in memory.
   *
   * @throws {ScriptVersionNotFoundError} when the script was deleted, or never had such a version
   */
  async get(scriptId: string, version: number): Promise<string> {
    const source = await this.cache.fetch(`${scriptId}/${version}`, { context: { scriptId, version } });
    if (source === undefined) throw new ScriptVersionNotFoundError(scriptId, version);
    return source;
  }
}
