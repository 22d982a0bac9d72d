import { Injectable } from '@nestjs/common';
import { PrintableLogger } from '../common/printable-logger.js';
import type { Page, PageRequest } from '../common/page.js';
import { DeadLetterNotFoundError, DeadLetterStateError } from './dead-letter.errors.js';
import { checkFilter } from './dead-letter.query.js';
import {
  checkBy,
  checkFields,
  checkNote,
  checkPage,
  checkTenant,
  checkWhole,
  checkYesOrNo,
} from '../options/query-checks.js';
import {
  DeadLetterQueueRepository,
  DISCARDABLE_STATUSES,
  PURGEABLE_STATUSES,
  type PurgeableStatus,
  REPLAYABLE_STATUSES,
} from './store/dead-letter-queue.repository.js';
import type {
  DeadLetterCounts,
  DeadLetterEntry,
  DeadLetterFilter,
  DeadLetterStats,
  DeadLetterSummary,
} from './dead-letter.types.js';

/** Who acts, and on how many. */
export interface ManyOptions {
  /** Who asks for it; kept with each entry. 1 to 200 characters. */
  by: string;
  /** Most entries that are touched, the oldest first: 1 to 10,000, default 1,000. */
  limit?: number;
  /** Count only, touch nothing. Default false. */
  dryRun?: boolean;
  /** `matched` is counted no further than this: 1 to 1,000,000. Default all, which takes long where there are many. */
  countUpTo?: number;
}

/** What an act on many did, or would do. */
export interface ManyResult {
  dryRun: boolean;
  /** Entries the act concerned when it began, without the limit; no more than `countUpTo`. */
  matched: number;
  /** Entries it changed; 0 in a dry run. */
  changed: number;
}

/** What to delete by age. */
export interface PurgeRequest {
  /** Default `resolved` and `discarded`. */
  statuses?: readonly PurgeableStatus[];
  /** Only entries that have not changed for this many milliseconds. */
  olderThanMs: number;
  /** Who asks for it; logged. */
  by: string;
  /** Rows deleted by one statement: 1 to 10,000, default 1,000. Small batches keep locks short. */
  batchSize?: number;
}

const DEFAULT_LIMIT = 1_000;
const MAX_LIMIT = 10_000;
/** Open entries of a kind that {@link DeadLetterService.counts} counts. */
const COUNTED = 1_000;
/** Pending entries among which it looks for held ones, the newest: nothing but them tells a held one apart. */
const HELD_WINDOW = 10_000;
const MOST_COUNTED = 1_000_000;
const MANY: readonly string[] = ['by', 'limit', 'dryRun', 'countUpTo'];

/**
 * What people do with dead letters: look, replay, discard, purge. For one tenant; another tenant's dead letters are not
 * found. Each act leaves who and when in the entry's history.
 *
 * All methods throw {@link InvalidQueryError}, which names the field, for input that cannot be.
 *
 * @publicApi
 */
@Injectable()
export class DeadLetterService {
  private readonly logger = new PrintableLogger(DeadLetterService.name);

  constructor(private readonly repository: DeadLetterQueueRepository) {}

  /** One entry with payload and history. @throws DeadLetterNotFoundError */
  async get(tenantId: string, id: string): Promise<DeadLetterEntry> {
    checkTenant(tenantId);
    const found = await this.repository.get(tenantId, id);
    if (!found) throw new DeadLetterNotFoundError(id);
    return found;
  }

  /** A page of entries, newest first, without payloads and histories. */
  async list(
    tenantId: string,
    filter: DeadLetterFilter = {},
    page: PageRequest = {},
  ): Promise<Page<DeadLetterSummary>> {
    checkTenant(tenantId);
    checkFilter(filter);
    checkPage(page);
    return await this.repository.list(tenantId, filter, page);
  }

  async count(tenantId: string, filter: DeadLetterFilter = {}): Promise<number> {
    checkTenant(tenantId);
    checkFilter(filter);
    return await this.repository.count(tenantId, filter);
  }

  async stats(tenantId: string): Promise<DeadLetterStats> {
    checkTenant(tenantId);
    return await this.repository.stats(tenantId);
  }

  /** How many are open, each counted no further than 1,000: as fast for a tenant that has millions. */
  async counts(tenantId: string): Promise<DeadLetterCounts> {
    checkTenant(tenantId);
    return await this.repository.boundedCounts(tenantId, COUNTED, HELD_WINDOW);
  }

  /**
   * Makes one entry due at once, with one retry more if it has none left. It runs with the next tick of a retry worker,
   * when its script is active.
   *
   * Possible for `pending`, `exhausted` and `discarded` entries. A `resolved` one has done its work: doing it again is
   * `ExecutionService.replay`, on purpose.
   * @throws DeadLetterNotFoundError, DeadLetterStateError
   */
  async replay(tenantId: string, id: string, options: { by: string }): Promise<void> {
    checkFields('the options', options, ['by']);
    checkBy(options.by);
    await this.get(tenantId, id);
    const changed = await this.repository.replay(tenantId, { id }, options.by);
    if (changed.length > 0) return;
    const { status } = await this.get(tenantId, id);
    throw new DeadLetterStateError(id, status, 'replayed', REPLAY_ADVICE[status]);
  }

  /**
   * {@link replay} for all entries that match, `exhausted` ones unless the filter names other statuses. Entries of a
   * script that is gone are passed over and not counted.
   */
  async replayMany(tenantId: string, filter: DeadLetterFilter, options: ManyOptions): Promise<ManyResult> {
    checkMany(tenantId, filter, options, REPLAYABLE_STATUSES, MANY);
    const chosen = { ...filter, status: filter.status ?? 'exhausted' } as const;
    const matched = await this.repository.countReplayable(tenantId, chosen, options.countUpTo);
    if (options.dryRun) return { dryRun: true, matched, changed: 0 };
    const selector = { filter: chosen, limit: options.limit ?? DEFAULT_LIMIT };
    const changed = await this.repository.replay(tenantId, selector, options.by);
    return { dryRun: false, matched, changed: changed.length };
  }

  /**
   * Gives one entry up. It stays, as `discarded` with the note, until it is purged; a replay brings it back.
   * Possible for `pending` and `exhausted` entries.
   * @throws DeadLetterNotFoundError, DeadLetterStateError
   */
  async discard(tenantId: string, id: string, options: { by: string; note: string }): Promise<void> {
    checkFields('the options', options, ['by', 'note']);
    checkBy(options.by);
    checkNote(options.note);
    await this.get(tenantId, id);
    const changed = await this.repository.discard(tenantId, { id }, options.by, options.note);
    if (changed.length > 0) return;
    const { status } = await this.get(tenantId, id);
    throw new DeadLetterStateError(id, status, 'discarded', DISCARD_ADVICE[status]);
  }

  /** {@link discard} for all entries that match, `exhausted` ones unless the filter names other statuses. */
  async discardMany(
    tenantId: string,
    filter: DeadLetterFilter,
    options: ManyOptions & { note: string },
  ): Promise<ManyResult> {
    checkMany(tenantId, filter, options, DISCARDABLE_STATUSES, [...MANY, 'note']);
    checkNote(options.note);
    const chosen = { ...filter, status: filter.status ?? 'exhausted' } as const;
    const matched = await this.repository.countDiscardable(tenantId, chosen, options.countUpTo);
    if (options.dryRun) return { dryRun: true, matched, changed: 0 };
    const selector = { filter: chosen, limit: options.limit ?? DEFAULT_LIMIT };
    const changed = await this.repository.discard(tenantId, selector, options.by, options.note);
    return { dryRun: false, matched, changed: changed.length };
  }

  /**
   * Deletes a tenant's entries by age, in batches; never what is pending or retrying, and an exhausted one only after
   * its alert. Returns how many.
   */
  async purge(tenantId: string, request: PurgeRequest): Promise<number> {
    checkTenant(tenantId);
    return await this.deleteOld(tenantId, request);
  }

  /** {@link purge} over all tenants: for the operator's retention, not for a tenant's own screen. */
  async purgeAllTenants(request: PurgeRequest): Promise<number> {
    return await this.deleteOld(undefined, request);
  }

  private async deleteOld(tenantId: string | undefined, request: PurgeRequest): Promise<number> {
    checkFields('the request', request, ['statuses', 'olderThanMs', 'by', 'batchSize']);
    const { statuses = ['resolved', 'discarded'], olderThanMs, by, batchSize = DEFAULT_LIMIT } = request;
    checkBy(by);
    checkFilter({ status: statuses }, PURGEABLE_STATUSES);
    checkWhole('olderThanMs', olderThanMs, 0, Number.MAX_SAFE_INTEGER);
    checkWhole('batchSize', batchSize, 1, MAX_LIMIT);
    let deleted = 0;
    for (let batch = batchSize; batch === batchSize; deleted += batch) {
      batch = await this.repository.purge(tenantId, statuses, olderThanMs, batchSize);
    }
    this.logger.log({
      message: 'dead letters purged',
      by,
      tenantId: tenantId ?? null,
      statuses,
      olderThanMs,
      deleted,
    });
    return deleted;
  }
}

function checkMany(
  tenantId: string,
  filter: DeadLetterFilter,
  options: Partial<ManyOptions> | undefined,
  statuses: Parameters<typeof checkFilter>[1],
  known: readonly string[],
): void {
  checkFields('the options', options ?? {}, known);
  const { by, limit = DEFAULT_LIMIT, dryRun, countUpTo } = options ?? {};
  if (countUpTo !== undefined) checkWhole('countUpTo', countUpTo, 1, MOST_COUNTED);
  if (dryRun !== undefined) checkYesOrNo('dryRun', dryRun);
  checkTenant(tenantId);
  checkBy(by);
  checkFilter(filter, statuses);
  checkWhole('limit', limit, 1, MAX_LIMIT);
}

const SCRIPT_GONE = 'its script was deleted';
const RUNS_NOW = 'a retry worker is running it; try again when the run has ended';

const CHANGED = 'it changed in the meantime; try again';

const REPLAY_ADVICE: Record<DeadLetterEntry['status'], string> = {
  resolved: 'it has already completed; to run it again, call ExecutionService.replay with its execution id',
  retrying: RUNS_NOW,
  discarded: SCRIPT_GONE,
  exhausted: SCRIPT_GONE,
  pending: SCRIPT_GONE,
};

const DISCARD_ADVICE: Record<DeadLetterEntry['status'], string> = {
  resolved: 'it has already completed',
  discarded: 'it is already discarded',
  retrying: RUNS_NOW,
  pending: CHANGED,
  exhausted: CHANGED,
};
