import type { DataSource } from 'typeorm';
import type { CauseLink } from '../common/event-cause.js';
import { firstIdAt } from '../common/first-id-at.js';
import { isoTime } from '../common/sql-types.js';
import { DeadLetterEntity, ExecutionEntity, ScriptEntity } from '../entities/index.js';
import { EntityRows } from '../entities/entity-rows.js';
import { PrimaryDatabase } from '../entities/primary-database.js';
import { ownTablePath, tablePath } from '../entities/table-path.js';
import type { DeadLetterSummary } from '../dead-letter/dead-letter.types.js';
import { DEAD_LETTER_SUMMARY } from '../dead-letter/store/dead-letter.rows.js';
import { withoutNumbers } from '../execution/alike.js';
import { STATISTICS_TABLE } from '../execution/statistics.sql.js';
import { COMPLETION, EXECUTION_SUMMARY } from '../execution/typeorm-execution.repository.js';
import type { ExecutionSummary } from '../execution/execution.repository.js';
import { ActivityRepository } from './activity.repository.js';
import { activitySql, type ActivitySql, MOST_COUNTED, MOST_FAILURES, MOST_GROUPS } from './activity.sql.js';
import type {
  FailureGroup,
  FailureGroups,
  Statistics,
  StatisticsBucket,
  TenantActivity,
  TenantPage,
} from './activity.types.js';

type Times<T, Fields extends keyof T> = Omit<T, Fields> & Record<Fields, string>;
type GroupRow = Times<FailureGroup, 'firstAt' | 'lastAt'> & { seen: number };
type BucketRow = Times<StatisticsBucket, 'at'>;

/** Summarises executions and dead letters in PostgreSQL. */
export class TypeOrmActivityRepository extends ActivityRepository {
  private readonly primary: PrimaryDatabase;
  private readonly executions = new EntityRows(ExecutionEntity);
  private readonly letters = new EntityRows(DeadLetterEntity);
  private statements: ActivitySql | undefined;

  constructor(private readonly dataSource: DataSource) {
    super();
    this.primary = new PrimaryDatabase(dataSource);
  }

  async failures(
    tenantId: string,
    from: Date,
    scriptId?: string,
    limit = MOST_GROUPS,
  ): Promise<FailureGroups> {
    const sql = this.sql.failures(scriptId !== undefined);
    const rows = await this.primary.lookInOrder<GroupRow>(sql, [
      tenantId,
      firstIdAt(from),
      ...given(scriptId),
    ]);
    const items = rows.slice(0, limit).map(({ seen: _seen, firstAt, lastAt, message, ...group }) => ({
      ...group,
      message: withoutNumbers(message),
      firstAt: new Date(firstAt),
      lastAt: new Date(lastAt),
    }));
    return { items, more: rows.length > limit || (rows[0]?.seen ?? 0) >= MOST_FAILURES };
  }

  async statistics(
    tenantId: string,
    from: Date,
    bucketHours: number,
    scriptId?: string,
  ): Promise<Statistics> {
    const sql = this.sql.statistics(scriptId !== undefined);
    const parameters = [tenantId, from, bucketHours, ...given(scriptId)];
    const rows = await this.primary.look<BucketRow>(sql, parameters);
    return { items: rows.map(({ at, ...bucket }) => ({ ...bucket, at: new Date(at) })) };
  }

  async executionsOf(
    tenantId: string,
    eventIds: readonly string[],
    most: number,
  ): Promise<ExecutionSummary[]> {
    const isEvent = 'e.event_id = ANY ($2::text[])';
    // Written as two halves, because each of the two partial indexes covers one of them.
    const rows = await this.primary.look<object>(
      `SELECT ${this.executions.columns('e', EXECUTION_SUMMARY)} FROM ${tablePath(this.dataSource, ExecutionEntity)} e
        WHERE e.tenant_id = $1 AND (${isEvent} AND ${COMPLETION} OR ${isEvent} AND NOT (${COMPLETION}))
        ORDER BY e.id LIMIT $3::int`,
      [tenantId, eventIds, most],
    );
    return rows.map((row) => this.executions.read(row));
  }

  async deadLettersOf(
    tenantId: string,
    eventIds: readonly string[],
    most: number,
  ): Promise<DeadLetterSummary[]> {
    const rows = await this.primary.look<object>(
      `SELECT ${this.letters.columns('d', DEAD_LETTER_SUMMARY)} FROM ${tablePath(this.dataSource, DeadLetterEntity)} d
        WHERE d.tenant_id = $1 AND d.event_id = ANY ($2::text[]) ORDER BY d.id LIMIT $3::int`,
      [tenantId, eventIds, most],
    );
    return rows.map((row) => this.letters.valuesOf<DeadLetterSummary>(row));
  }

  async execution(tenantId: string, id: string): Promise<ExecutionSummary | null> {
    const [row] = await this.primary.look<object>(
      `SELECT ${this.executions.columns('e', EXECUTION_SUMMARY)} FROM ${tablePath(this.dataSource, ExecutionEntity)} e
        WHERE e.tenant_id = $1 AND e.id = $2::uuid`,
      [tenantId, id],
    );
    return row ? this.executions.read(row) : null;
  }

  async chainOf(tenantId: string, deadLetterId: string): Promise<readonly CauseLink[]> {
    const [row] = await this.primary.look<{ chain: readonly CauseLink[] | null }>(
      `SELECT d.cause -> 'chain' AS chain FROM ${tablePath(this.dataSource, DeadLetterEntity)} d
        WHERE d.tenant_id = $1 AND d.id = $2::uuid`,
      [tenantId, deadLetterId],
    );
    return row?.chain ?? [];
  }

  async tenants(
    limit: number,
    q?: string,
    after?: { trouble: boolean; tenantId: string },
  ): Promise<TenantPage> {
    const yesterday = firstIdAt(new Date(Date.now() - 86_400_000));
    const parameters = [
      limit + 1,
      q ?? null,
      after?.trouble ?? null,
      after?.tenantId ?? null,
      MOST_COUNTED + 1,
      yesterday,
    ];
    const rows = await this.primary.look<TenantActivity>(this.sql.tenants, parameters);
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const nextCursor = rows.length > limit && last ? `${last.trouble ? 1 : 0}:${last.tenantId}` : null;
    return { items, nextCursor };
  }

  /** Made at the first use, because table names are known only when the DataSource is initialized. */
  private get sql(): ActivitySql {
    return (this.statements ??= activitySql({
      executions: tablePath(this.dataSource, ExecutionEntity),
      deadLetters: tablePath(this.dataSource, DeadLetterEntity),
      scripts: tablePath(this.dataSource, ScriptEntity),
      statistics: ownTablePath(this.dataSource, STATISTICS_TABLE),
      isoTime,
    }));
  }
}

const given = (scriptId: string | undefined): string[] => (scriptId === undefined ? [] : [scriptId]);
