import {
  DatabaseAwayError,
  databaseFailureOf,
  isCollision,
  MOST_COLLISIONS,
  sqlStateOf,
} from '../common/database-failure.js';
import { inOwnContext } from '../common/own-context.js';
import { within } from '../common/within.js';
import type { MetricsRecorder } from '../metrics/metrics.recorder.js';
import type { TenantNews } from '../nodes/tenant-news.js';
import { ScriptStorageAwayError } from '../scripts/script.errors.js';
import type { RunCommit, RunCommits, RunVerdict } from './run-commits.js';
import { formatDuration } from '../common/duration-text.js';

/** Limits of one transaction, so that it doesn't lock the stores of its tenants for long. */
const MOST_RUNS = 100;
const MOST_BYTES = 4 * 1024 * 1024;
/** Rows that are read to decide about the runs: keys that they touch, and keys that they have listed. */
const MOST_COST = 5_000;
/**
 * How long a run waits for its transaction while the database is unavailable, in milliseconds. After that it runs
 * again later.
 */
const AWAY_MS = 5_000;
/** The longest transaction, in milliseconds, so that a dead connection doesn't block the runs. */
const COMMIT_MS = 15_000;
/** SQLSTATEs of a statement that waited too long: the store of one tenant may be locked. */
const WAITED: ReadonlySet<string> = new Set(['57014', '55P03']);
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** The database refuses the content of a run, so sending it again would not help. */
export interface RunRefused {
  readonly status: 'unstorable';
  readonly cause: unknown;
}

interface Entry {
  readonly run: RunCommit;
  readonly until: number;
  readonly resolve: (verdict: RunVerdict | RunRefused) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Commits runs that change their store in groups: runs that complete during a transaction are committed together in
 * the next one. So a hundred runs that increment one key change its row once.
 */
export class RunCommitter {
  private waiting: Entry[] = [];
  private busy = false;
  /** What the runs of each tenant have cost since runs began to wait. */
  private readonly costs = new Map<string, number>();

  constructor(
    private readonly commits: RunCommits,
    private readonly metrics: Pick<MetricsRecorder, 'redelivered'>,
    private readonly news: Pick<TenantNews, 'tell'>,
    private readonly awayMs = AWAY_MS,
  ) {}

  /**
   * Resolves when the run is stored, or will certainly not be stored.
   *
   * @throws ScriptStorageAwayError if the database is unavailable for seconds. Then the run may have been stored; the
   * next run for the same event finds that out.
   */
  commit(run: RunCommit): Promise<RunVerdict | RunRefused> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ run, until: performance.now() + this.awayMs, resolve, reject });
      if (this.busy) return;
      this.busy = true;
      // In a context of its own, because a transaction has runs of many callers.
      void inOwnContext(() => this.work());
    });
  }

  private async work(): Promise<void> {
    // Runs that complete in the same turn of the event loop share the first transaction.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.store(this.take());
    this.costs.clear();
    this.busy = false;
  }

  /**
   * The next group: tenants in turn, those first whose runs have cost the least since runs began to wait. So a tenant
   * whose runs are expensive to commit delays only its own runs.
   */
  private take(): Entry[] {
    const queues = tenantsOf(this.waiting);
    const turns = [...queues.keys()].toSorted((one, other) => this.costOf(one) - this.costOf(other));
    const taken = new Set<Entry>();
    let [bytes, cost] = [0, 0];
    for (let tenants = turns, place = 0; tenants.length > 0; place++) {
      tenants = tenants.filter((tenantId) => {
        const entry = queues.get(tenantId)![place];
        if (!entry) return false;
        const more = { bytes: entry.run.changes.bytes, cost: costOf(entry.run) };
        const fits =
          taken.size < MOST_RUNS && bytes + more.bytes <= MOST_BYTES && cost + more.cost <= MOST_COST;
        if (!fits && taken.size > 0) return false;
        bytes += more.bytes;
        cost += more.cost;
        this.costs.set(tenantId, this.costOf(tenantId) + more.cost);
        return taken.add(entry);
      });
    }
    this.waiting = this.waiting.filter((entry) => !taken.has(entry));
    return [...taken];
  }

  private costOf(tenantId: string): number {
    return this.costs.get(tenantId) ?? 0;
  }

  /** Never rejects. */
  private async store(batch: readonly Entry[]): Promise<void> {
    for (let failures = 0; ; failures++) {
      try {
        const verdicts = await this.committed(batch.map(({ run }) => run));
        for (const [at, entry] of batch.entries()) this.answer(entry, verdicts[at]!);
        return;
      } catch (error) {
        if (isCollision(error) && failures < MOST_COLLISIONS) continue;
        if (databaseFailureOf(error) === 'data') return this.alone(batch, error);
        const groups = WAITED.has(sqlStateOf(error) ?? '') ? [...tenantsOf(batch).values()] : [];
        if (groups.length > 1) {
          for (const group of groups) await this.store(group);
          return;
        }
        if (batch.some(({ until }) => performance.now() >= until)) {
          for (const { reject } of batch) reject(new ScriptStorageAwayError(error));
          return;
        }
        await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures));
      }
    }
  }

  private async committed(runs: readonly RunCommit[]): Promise<RunVerdict[]> {
    const committing = this.commits.commit(runs);
    if ((await within(committing, COMMIT_MS)) === 'done') return committing;
    throw new DatabaseAwayError(`a transaction did not finish within ${formatDuration(COMMIT_MS)}`);
  }

  /** One run can't be stored; commits the others without it. */
  private async alone(batch: readonly Entry[], cause: unknown): Promise<void> {
    const [first, ...others] = batch;
    if (others.length === 0) return first?.resolve({ status: 'unstorable', cause });
    for (const entry of batch) await this.store([entry]);
  }

  private answer({ run: { record }, resolve }: Entry, verdict: RunVerdict): void {
    if (verdict.status === 'repeated') this.metrics.redelivered('repeated', 1);
    if (verdict.status === 'accepted') this.news.tell(record.tenantId, 'executions');
    resolve(verdict);
  }
}

/** Entries by tenant, in their order. */
function tenantsOf(entries: readonly Entry[]): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const { tenantId } = entry.run.changes;
    const own = groups.get(tenantId);
    if (own) own.push(entry);
    else groups.set(tenantId, [entry]);
  }
  return groups;
}

const costOf = ({ changes: { keys, ranges } }: RunCommit): number =>
  ranges.reduce((sum, { count }) => sum + count, keys.length);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
