import type { DataSource } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { toStorableJson, toStorableText } from '../../common/json.js';
import { DEFAULT_PAGE_LIMIT, isUuid, type Page, pageOf, type PageRequest } from '../../common/page.js';
import { DEAD_LETTER_STATUSES, type DeadLetterAttempt, type DeadLetterStatus } from '../../entities/index.js';
import { likenessOf } from '../../execution/alike.js';
import type { TenantNews } from '../../nodes/tenant-news.js';
import { DeadLetterConditions } from './dead-letter.conditions.js';
import {
  type AlertRequest,
  type RetryRequest,
  DeadLetterQueueRepository,
  DISCARDABLE_STATUSES,
  type Lease,
  type PurgeableStatus,
  REPLAYABLE_STATUSES,
} from './dead-letter-queue.repository.js';
import {
  claimedOf,
  type ClaimRow,
  countOf,
  countsOf,
  type CountsRow,
  loopRounds,
  rowOf,
  statsOf,
  type StatsRow,
} from './dead-letter.rows.js';
import { insertLetters, insertLoops } from './dead-letter-inserts.sql.js';
import { ORPHAN_WINDOW, SCRIPT_WINDOW } from './dead-letter.sql.js';
import { DeadLetterTable } from './dead-letter.table.js';
import { type TenantsSeen, TenantRotation } from '../../common/tenant-rotation.js';
import { ScriptRotation, type Seen } from './script-rotation.js';
import type {
  AlertOutcome,
  ClaimedAlert,
  ClaimedDeadLetter,
  DeadLetterCounts,
  DeadLetterEntry,
  DeadLetterFilter,
  DeadLetterSelector,
  DeadLetterStats,
  DeadLetterSummary,
  NewDeadLetter,
  RetryMark,
} from '../dead-letter.types.js';

interface AlertRow extends TenantsSeen {
  id: string | null;
  tenant_id: string | null;
  script_name: string | null;
}

const ORPHAN_NOTE = 'The script was deleted.';

/** Dead letters in PostgreSQL. */
export class TypeOrmDeadLetterQueueRepository extends DeadLetterQueueRepository {
  private readonly claims = new ScriptRotation();
  private readonly orphans = new ScriptRotation();
  private readonly table: DeadLetterTable;
  private readonly alertTurns = new TenantRotation();

  /** @param news is told which tenants' dead letters have changed */
  constructor(
    dataSource: DataSource,
    private readonly news?: Pick<TenantNews, 'tell'>,
  ) {
    super();
    this.table = new DeadLetterTable(dataSource);
  }

  async add(deadLetters: readonly NewDeadLetter[]): Promise<void> {
    if (deadLetters.length === 0) return;
    const loops = loopRounds(deadLetters.filter(({ reason }) => reason === 'loop'));
    const others = deadLetters.filter(({ reason }) => reason !== 'loop');
    if (others.length > 0) await this.table.insert(insertLetters, others.map(rowOf));
    for (const round of loops) await this.table.insert(insertLoops, round.map(rowOf));
    this.changed(deadLetters.map(({ tenantId }) => tenantId));
  }

  async has(tenantId: string, scriptId: string, eventId: string): Promise<boolean> {
    return (await this.table.query(this.sql.has, [tenantId, scriptId, eventId])).length > 0;
  }

  async countPending(scriptIds: readonly string[], most: number): Promise<Map<string, number>> {
    const rows = await this.table.query<{ id: string; count: number }>(this.sql.countPending, [
      scriptIds,
      most,
    ]);
    return new Map(rows.map(({ id, count }) => [id, count]));
  }

  async getPendingRetries({
    limit,
    leaseMs,
    owner,
    besides = [],
  }: RetryRequest): Promise<ClaimedDeadLetter[]> {
    await this.table.query(this.sql.recoverExpired);
    const token = `${owner}#${uuid()}`;
    for (const round = this.claims.round(); ;) {
      const rows = await this.table.query<ClaimRow & Seen>(this.sql.claim, [
        limit,
        token,
        leaseMs,
        round.after,
        besides,
      ]);
      const more = round.saw(rows[0], SCRIPT_WINDOW);
      const claimed = rows.filter((row) => row.id !== null);
      if (claimed.length === 0 && more) continue;
      const entries = claimed.map((row) => claimedOf(row, token));
      this.changed(entries.map(({ tenantId }) => tenantId));
      return entries;
    }
  }

  async renewLeases(leases: readonly Lease[], leaseMs: number): Promise<string[]> {
    return await this.table.ids(this.sql.renew, [...columnsOf(leases), leaseMs]);
  }

  async stillHeld(leases: readonly Lease[]): Promise<string[]> {
    return await this.table.ids(this.sql.leased, columnsOf(leases));
  }

  async markRetried(id: string, token: string, mark: RetryMark): Promise<boolean> {
    const failed = mark.status !== 'resolved';
    const attempt = { ...mark.attempt, message: toStorableText(mark.attempt.message) };
    const rows = await this.table.query<{ tenant_id: string }>(this.sql.mark, [
      id,
      token,
      mark.status,
      mark.countedRetries,
      mark.status === 'pending' ? mark.delayMs : null,
      failed ? attempt.message : null,
      failed ? attempt.kind : null,
      JSON.stringify(attempt),
      attempt.by ?? 'retry-worker',
      mark.errorLine ?? null,
      failed ? likenessOf(mark.attempt.message) : null,
    ]);
    this.changed(rows.map((row) => row.tenant_id));
    return rows.length > 0;
  }

  async release(id: string, token: string, delayMs?: number): Promise<boolean> {
    return (await this.table.query(this.sql.release, [id, token, delayMs ?? null])).length > 0;
  }

  async discardOrphans(): Promise<number> {
    const round = this.orphans.round();
    const rows = await this.table.query<Seen>(this.sql.discardOrphans, [ORPHAN_NOTE, round.after]);
    round.saw(rows[0], ORPHAN_WINDOW);
    return countOf(rows);
  }

  async claimAlerts({ limit, leaseMs, owner, intervalMs }: AlertRequest): Promise<ClaimedAlert[]> {
    const token = `${owner}#${uuid()}`;
    const rows = await this.alertTurns.claim(limit, (most, after) =>
      this.table.query<AlertRow>(this.sql.claimAlerts, [most, token, leaseMs, after, intervalMs]),
    );
    if (rows.length === 0) return [];
    const names = new Map(rows.map((row) => [String(row.id), row.script_name]));
    const found = await this.table.entities('d.id = ANY ($1::uuid[]) ORDER BY d.id', [[...names.keys()]]);
    return found.map((deadLetter) => ({
      token,
      deadLetter,
      scriptName: names.get(deadLetter.id) ?? null,
    }));
  }

  async settleAlert(
    { id, token }: Lease,
    outcome: AlertOutcome,
    history: Omit<DeadLetterAttempt, 'at'>[],
  ): Promise<void> {
    const common = [id, token, toStorableJson(JSON.stringify(history))];
    if (outcome.done) await this.table.query(this.sql.alerted, common);
    else await this.table.query(this.sql.alertLater, [...common, outcome.delayMs]);
  }

  async countByStatus(): Promise<Record<DeadLetterStatus, number>> {
    const counts = Object.fromEntries(DEAD_LETTER_STATUSES.map((status) => [status, 0]));
    const rows = await this.table.query<{ status: DeadLetterStatus; count: number }>(this.sql.countByStatus);
    for (const { status, count } of rows) counts[status] = count;
    return counts as Record<DeadLetterStatus, number>;
  }

  async oldestDueMs(): Promise<number> {
    const [row] = await this.table.query<{ ms: number }>(this.sql.oldestDue);
    return row?.ms ?? 0;
  }

  async get(tenantId: string, id: string): Promise<DeadLetterEntry | null> {
    if (!isUuid(id)) return null;
    return (await this.table.entities('d.tenant_id = $1 AND d.id = $2', [tenantId, id]))[0] ?? null;
  }

  async list(
    tenantId: string,
    filter: DeadLetterFilter,
    page: PageRequest,
  ): Promise<Page<DeadLetterSummary>> {
    const limit = page.limit ?? DEFAULT_PAGE_LIMIT;
    const conditions = await this.table.matching(tenantId, filter);
    if (page.cursor !== undefined) conditions.and(`d.id < ${conditions.parameter(page.cursor)}`);
    return pageOf(await this.table.summaries(conditions, limit + 1), limit);
  }

  async getForScript(
    tenantId: string,
    scriptId: string,
    page: PageRequest,
  ): Promise<Page<DeadLetterSummary>> {
    return await this.list(tenantId, { scriptId }, page);
  }

  async count(tenantId: string, filter: DeadLetterFilter): Promise<number> {
    return await this.table.count(await this.table.matching(tenantId, filter));
  }

  async countWaiting(tenantId: string, scriptId: string): Promise<{ held: number; retries: number }> {
    return await this.table.countWaiting(
      await this.table.matching(tenantId, { scriptId, status: 'pending' }),
    );
  }

  async stats(tenantId: string): Promise<DeadLetterStats> {
    return statsOf(await this.table.look<StatsRow>(this.sql.stats, [tenantId]));
  }

  async boundedCounts(tenantId: string, most: number, window: number): Promise<DeadLetterCounts> {
    const rows = await this.table.look<CountsRow>(this.sql.boundedCounts, [tenantId, most + 1, window]);
    return countsOf(rows[0], most);
  }

  async replay(tenantId: string, selector: DeadLetterSelector, by: string): Promise<string[]> {
    const conditions = (await this.selected(tenantId, selector)).statusIn(REPLAYABLE_STATUSES);
    const script = 'id' in selector ? undefined : oneScript(selector.filter, conditions);
    conditions.and(this.sql.scriptExists(script));
    const limit = conditions.parameter('id' in selector ? 1 : selector.limit);
    const sql = this.sql.replay(conditions.sql, conditions.parameter(by), limit, script);
    return await this.changing(tenantId, sql, conditions.parameters);
  }

  async countReplayable(tenantId: string, filter: DeadLetterFilter, most?: number): Promise<number> {
    const conditions = (await this.table.matching(tenantId, filter)).statusIn(REPLAYABLE_STATUSES);
    return await this.table.count(conditions.and(this.sql.scriptExists(oneScript(filter, conditions))), most);
  }

  async discard(tenantId: string, selector: DeadLetterSelector, by: string, note: string): Promise<string[]> {
    const conditions = (await this.selected(tenantId, selector)).statusIn(DISCARDABLE_STATUSES);
    const limit = conditions.parameter('id' in selector ? 1 : selector.limit);
    const parameters = [conditions.parameter(by), limit, conditions.parameter(note)] as const;
    const script = 'id' in selector ? undefined : oneScript(selector.filter, conditions);
    const sql = this.sql.discard(conditions.sql, ...parameters, script);
    return await this.changing(tenantId, sql, conditions.parameters);
  }

  async countDiscardable(tenantId: string, filter: DeadLetterFilter, most?: number): Promise<number> {
    const conditions = await this.table.matching(tenantId, filter);
    return await this.table.count(conditions.statusIn(DISCARDABLE_STATUSES), most);
  }

  async delete(tenantId: string, id: string): Promise<boolean> {
    return isUuid(id) && (await this.table.query(this.sql.delete, [tenantId, id])).length > 0;
  }

  async purge(
    tenantId: string | undefined,
    statuses: readonly PurgeableStatus[],
    olderThanMs: number,
    limit: number,
  ): Promise<number> {
    return countOf(await this.table.query(this.sql.purge, [tenantId ?? null, statuses, olderThanMs, limit]));
  }

  private get sql(): DeadLetterTable['sql'] {
    return this.table.sql;
  }

  private async selected(tenantId: string, selector: DeadLetterSelector): Promise<DeadLetterConditions> {
    if (!('id' in selector)) return await this.table.matching(tenantId, selector.filter);
    const conditions = new DeadLetterConditions(tenantId);
    return conditions.and(`d.id = ${conditions.parameter(selector.id)}`);
  }

  private async changing(tenantId: string, sql: string, parameters: readonly unknown[]): Promise<string[]> {
    const ids = await this.table.change(sql, parameters);
    this.changed([tenantId]);
    return ids;
  }

  private changed(tenantIds: readonly string[]): void {
    for (const tenantId of tenantIds) this.news?.tell(tenantId, 'deadLetters');
  }
}

const columnsOf = (leases: readonly Lease[]): [ids: string[], tokens: string[]] => [
  leases.map(({ id }) => id),
  leases.map(({ token }) => token),
];

/** The parameter for the script if only its part changes; undefined if whole dead letters change. */
const oneScript = ({ scriptId }: DeadLetterFilter, conditions: DeadLetterConditions): string | undefined =>
  scriptId === undefined ? undefined : conditions.parameter(scriptId);
