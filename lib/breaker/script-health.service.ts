import { Injectable } from '@nestjs/common';
import type { Page, PageRequest } from '../common/page.js';
import {
  checkBy,
  checkFields,
  checkOneOf,
  checkPage,
  checkTenant,
  checkWhole,
} from '../options/query-checks.js';
import { DeadLetterQueueRepository } from '../dead-letter/store/dead-letter-queue.repository.js';
import type { DeadLetterFilter } from '../dead-letter/dead-letter.types.js';
import { RetryWorker } from '../dead-letter/retry/retry.worker.js';
import { MetricsRecorder } from '../metrics/metrics.recorder.js';
import { ScriptChangedError, ScriptNotFoundError } from '../scripts/script.errors.js';
import type { ScriptCondition } from '../scripts/script.types.js';
import { ScriptService } from '../scripts/script.service.js';
import { ScriptHealthyError } from './script-health.errors.js';
import { ScriptHealthRepository } from './script-health.repository.js';
import type {
  ResumeOptions,
  Resumption,
  ScriptBlame,
  ScriptHealth,
  ScriptHealthState,
} from './script-health.types.js';

/** How many dead letters one statement changes, so that locks are short. */
const BATCH = 1_000;
/**
 * A dead letter may be this much older than the first failure that counts, because two writers store them in batches of
 * their own.
 */
const WRITER_SLACK_MS = 60_000;

const UNWELL = ['degraded', 'disabled'] as const;
const REPLAYS: readonly string[] = ['held', 'failed', 'none'] satisfies ResumeOptions['replay'][];

/**
 * The health of scripts, and how to resume those that were stopped. For one tenant at a time; another tenant's scripts
 * are not found.
 *
 * @publicApi
 */
@Injectable()
export class ScriptHealthService {
  /** @internal */
  constructor(
    private readonly repository: ScriptHealthRepository,
    private readonly scripts: ScriptService,
    private readonly deadLetters: DeadLetterQueueRepository,
    private readonly retries: RetryWorker,
    private readonly metrics: MetricsRecorder,
  ) {}

  /** The health of a script. @throws ScriptNotFoundError */
  async get(tenantId: string, scriptId: string): Promise<ScriptHealth> {
    checkTenant(tenantId);
    const found = await this.repository.get(tenantId, scriptId);
    if (!found) throw new ScriptNotFoundError(scriptId);
    return found;
  }

  /** Scripts that are degraded or disabled, the newest first. @throws InvalidQueryError */
  async list(
    tenantId: string,
    filter: { state?: Exclude<ScriptHealthState, 'healthy'> } = {},
    page: PageRequest = {},
  ): Promise<Page<ScriptHealth>> {
    checkTenant(tenantId);
    checkFields('the filter', filter, ['state']);
    checkPage(page);
    const { state } = filter;
    if (state !== undefined) checkOneOf('state', state, UNWELL);
    return this.repository.list(tenantId, state === undefined ? UNWELL : [state], page);
  }

  /** The scripts that have ended sandbox processes, worst first. @param limit 1 to 1,000, default 50 */
  async blame(tenantId: string, limit = 50): Promise<ScriptBlame[]> {
    checkTenant(tenantId);
    checkWhole('limit', limit, 1, 1_000);
    return this.repository.blame(tenantId, limit);
  }

  /**
   * Resumes a degraded or disabled script with no failures counted, and decides what happens to the events that were
   * kept or failed meanwhile. They run immediately, the oldest first, taking turns with the retries of other scripts.
   *
   * @throws ScriptNotFoundError
   * @throws ScriptHealthyError if the script is neither degraded nor disabled
   * @throws InvalidQueryError for an unknown `replay`
   * @throws ScriptChangedError for a `baseRevision` that is no longer the current one
   */
  async resume(tenantId: string, scriptId: string, options: ResumeOptions): Promise<Resumption> {
    checkFields('the options', options, ['by', 'replay', 'baseRevision']);
    const { by, replay = 'held', ...condition } = options;
    checkBy(by);
    checkOneOf('replay', replay, REPLAYS);
    const { state } = await this.get(tenantId, scriptId);
    if (state === 'healthy') throw new ScriptHealthyError(scriptId);
    await this.refuseChanged(tenantId, scriptId, condition);
    const since = await this.repository.troubleSince(tenantId, scriptId);

    const held: DeadLetterFilter = { scriptId, reason: 'held', status: 'pending' };
    // Done before the script is active, because a retry worker could run these events after that.
    const discarded = replay === 'none' ? await this.discard(tenantId, held, by) : 0;
    const waiting = await this.deadLetters.countWaiting(tenantId, scriptId);
    const script = await this.scripts.activate(tenantId, scriptId, by, condition);
    this.metrics.breakerMoved('resumed');
    const again = replay === 'failed' ? await this.replay(tenantId, scriptId, since, by) : 0;
    this.retries.poke();
    return {
      script,
      ...waiting,
      exhausted: again,
      replayed: waiting.held + waiting.retries + again,
      discarded,
    };
  }

  /** Checked before anything is discarded. The activation checks again with the script locked. */
  private async refuseChanged(tenantId: string, scriptId: string, condition: ScriptCondition): Promise<void> {
    const { baseRevision } = condition;
    if (baseRevision === undefined) return;
    const { revision } = await this.scripts.get(tenantId, scriptId);
    if (revision !== baseRevision) throw new ScriptChangedError(scriptId, revision);
  }

  private async discard(tenantId: string, filter: DeadLetterFilter, by: string): Promise<number> {
    const note = 'The script was resumed without its held events.';
    return inBatches(() => this.deadLetters.discard(tenantId, { filter, limit: BATCH }, by, note));
  }

  private async replay(tenantId: string, scriptId: string, since: Date | null, by: string): Promise<number> {
    const from = since === null ? undefined : new Date(since.getTime() - WRITER_SLACK_MS);
    const filter: DeadLetterFilter = { scriptId, status: 'exhausted', from };
    return inBatches(() => this.deadLetters.replay(tenantId, { filter, limit: BATCH }, by));
  }
}

async function inBatches(change: () => Promise<string[]>): Promise<number> {
  let changed = 0;
  for (let batch = BATCH; batch === BATCH; changed += batch) batch = (await change()).length;
  return changed;
}
