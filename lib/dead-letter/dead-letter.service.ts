import { Injectable } from '@nestjs/common';
import { PrintableLogger } from '../common/printable-logger.js';
import { lineAbout } from '../common/log-line.js';
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

/** Options of the methods that change many dead letters. */
export interface ManyOptions {
  /** Who asks for it; recorded with each dead letter. 1 to 200 characters. */
  by: string;
  /** How many dead letters to change at most, the oldest first: 1 to 10,000, default 1,000. */
  limit?: number;
  /** Whether to count only, without changing anything. Default false. */
  dryRun?: boolean;
  /**
   * Count `matched` only up to this number: 1 to 1,000,000. Default: all of them, which takes long if there are many.
   */
  countUpTo?: number;
}

/** What a method for many dead letters did, or would do. */
export interface ManyResult {
  dryRun: boolean;
  /** How many dead letters matched when it began, regardless of the limit; counted up to `countUpTo`. */
  matched: number;
  /** How many dead letters it changed; 0 in a dry run. */
  changed: number;
}

/** Which dead letters to delete by age. */
export interface PurgeRequest {
  /** Default `resolved` and `discarded`. */
  statuses?: readonly PurgeableStatus[];
  /** Only dead letters that have not changed for this many milliseconds. */
  olderThanMs: number;
  /** Who asks for it; logged. */
  by: string;
  /** How many rows one statement deletes: 1 to 10,000, default 1,000. Small batches keep locks short. */
  batchSize?: number;
}

const DEFAULT_LIMIT = 1_000;
const MAX_LIMIT = 10_000;
/** How far {@link DeadLetterService.counts} counts open dead letters of one kind. */
const COUNTED = 1_000;
/** How many of the newest pending dead letters are searched for held ones, which no index can find. */
const HELD_WINDOW = 10_000;
const MOST_COUNTED = 1_000_000;
const MANY: readonly string[] = ['by', 'limit', 'dryRun', 'countUpTo'];

/**
 * Lists, replays, discards and purges dead letters. Every method but one works on one tenant's dead letters; those of
 * another tenant are not found. The history of each dead letter records who did what and when.
 *
 * For invalid arguments, all methods throw an {@link InvalidQueryError} that names the field.
 *
 * @publicApi
 */
@Injectable()
export class DeadLetterService {
  private readonly logger = new PrintableLogger(DeadLetterService.name);

  /** @internal */
  constructor(private readonly repository: DeadLetterQueueRepository) {}

  /** One dead letter with its payload and history. @throws DeadLetterNotFoundError */
  async get(tenantId: string, id: string): Promise<DeadLetterEntry> {
    checkTenant(tenantId);
    const found = await this.repository.get(tenantId, id);
    if (!found) throw new DeadLetterNotFoundError(id);
    return found;
  }

  /** A page of dead letters, newest first, without payloads and histories. */
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

  /** Counts of open dead letters, each up to 1,000, so that the call is fast even for a tenant with millions. */
  async counts(tenantId: string): Promise<DeadLetterCounts> {
    checkTenant(tenantId);
    return await this.repository.boundedCounts(tenantId, COUNTED, HELD_WINDOW);
  }

  /**
   * Makes one dead letter due immediately, with one more retry if it has none left. The retry worker runs it at its
   * next tick if the script is active.
   *
   * Allowed for `pending`, `exhausted` and `discarded` dead letters. A `resolved` one has completed; to run it again on
   * purpose, use `ExecutionService.replay`.
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
   * {@link replay} for all matching dead letters: the `exhausted` ones, unless the filter names other statuses. Dead
   * letters of deleted scripts are skipped and not counted.
   *
   * @throws QueryTooSlowError if they can't be counted in 5 seconds, {@link ChangeTooSlowError} if they can't be
   * changed in 10; in both cases nothing has changed
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
   * Closes one dead letter. It stays, as `discarded` with the note, until it is purged; a replay makes it pending
   * again. Allowed for `pending` and `exhausted` dead letters.
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

  /**
   * {@link discard} for all matching dead letters: the `exhausted` ones, unless the filter names other statuses.
   *
   * @throws the errors of {@link replayMany}
   */
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
   * Deletes a tenant's dead letters by age, in batches, and returns how many. Never deletes a pending or retrying one,
   * or an exhausted one before its alert.
   */
  async purge(tenantId: string, request: PurgeRequest): Promise<number> {
    checkTenant(tenantId);
    return await this.deleteOld(tenantId, request);
  }

  /** {@link purge} for all tenants: for operators, not for a tenant's own screen. */
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
    const details = { by, statuses, olderThanMs, deleted };
    this.logger.log(
      lineAbout({ tenantId }, ({ ofTenant }) => `${deleted} dead letters${ofTenant} were purged.`, details),
    );
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
