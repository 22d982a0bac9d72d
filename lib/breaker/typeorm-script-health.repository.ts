import type { DataSource } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { toStorableJson } from '../common/json.js';
import { DEFAULT_PAGE_LIMIT, isUuid, type Page, type PageRequest, pageOf } from '../common/page.js';
import type { WaitingAlert } from '../alerts/alert.source.js';
import type { ClaimRequest } from '../dead-letter/store/dead-letter-queue.repository.js';
import { type TenantsSeen, TenantRotation } from '../common/tenant-rotation.js';
import { DeadLetterEntity, ScriptEntity, ScriptHealthEntity } from '../entities/index.js';
import { PrimaryDatabase } from '../entities/primary-database.js';
import { tablePath } from '../entities/table-path.js';
import type { RunReport } from './run-report.js';
import { type CountReport, ScriptHealthRepository, type StoredReport } from './script-health.repository.js';
import {
  blameOf,
  type BlameRow,
  type ChangeRow,
  dateOf,
  healthOf,
  type LockedRow,
  scriptAlertOf,
  storedRowOf,
  type ViewRow,
  windowOf,
} from './script-health.rows.js';
import { scriptHealthSql } from './script-health.sql.js';
import type { ScriptBlame, ScriptHealth, ScriptHealthState } from './script-health.types.js';

/** The health of scripts in PostgreSQL. */
export class TypeOrmScriptHealthRepository extends ScriptHealthRepository {
  private statements: ReturnType<typeof scriptHealthSql> | undefined;
  private readonly alertTurns = new TenantRotation();

  private readonly primary: PrimaryDatabase;

  /** @param maxWaiting limit for counting the dead letters that wait for a script */
  constructor(
    private readonly dataSource: DataSource,
    private readonly maxWaiting: number,
  ) {
    super();
    this.primary = new PrimaryDatabase(dataSource);
  }

  async add(reports: readonly RunReport[], count: CountReport): Promise<StoredReport[]> {
    const scripts = JSON.stringify(
      reports.map(({ scriptId, tenantId }) => ({ script_id: scriptId, tenant_id: tenantId })),
    );
    return this.primary.transaction(async (statements) => {
      await statements.query(this.sql.begin, [scripts]);
      const rows = await statements.query<LockedRow>(this.sql.lock, [scripts]);
      const stored: StoredReport[] = [];
      const changed: object[] = [];
      for (const row of rows) {
        const report = reports.find(({ scriptId }) => scriptId === row.script_id);
        if (report?.version !== row.current_version) continue;
        const window = count(windowOf(row), report, row.now);
        changed.push(storedRowOf(row, window, report));
        stored.push({ report, window, degraded: row.degraded });
      }
      if (changed.length > 0) await statements.query(this.sql.store, [JSON.stringify(changed)]);
      return stored;
    });
  }

  async addNoRoom(counts: ReadonlyMap<string, number>): Promise<void> {
    await this.query(this.sql.addNoRoom, [[...counts.keys()], [...counts.values()]]);
  }

  async get(tenantId: string, scriptId: string): Promise<ScriptHealth | null> {
    if (!isUuid(scriptId)) return null;
    const [row] = await this.primary.look<ViewRow>(this.sql.get, [tenantId, scriptId, this.maxWaiting]);
    return row ? healthOf(row) : null;
  }

  async list(
    tenantId: string,
    states: readonly Exclude<ScriptHealthState, 'healthy'>[],
    { limit = DEFAULT_PAGE_LIMIT, cursor }: PageRequest,
  ): Promise<Page<ScriptHealth>> {
    const parameters = [tenantId, states, this.maxWaiting, cursor ?? null, limit + 1];
    const { items, nextCursor } = pageOf(await this.primary.look<ViewRow>(this.sql.list, parameters), limit);
    return { items: items.map(healthOf), nextCursor };
  }

  async blame(tenantId: string, limit: number): Promise<ScriptBlame[]> {
    return (await this.primary.look<BlameRow>(this.sql.blame, [tenantId, limit])).map(blameOf);
  }

  async troubleSince(tenantId: string, scriptId: string): Promise<Date | null> {
    if (!isUuid(scriptId)) return null;
    const [row] = await this.query<{ since: string | null }>(this.sql.troubleSince, [tenantId, scriptId]);
    return dateOf(row?.since ?? null);
  }

  async countByState(): Promise<Record<'degraded' | 'disabled', number>> {
    const counts = { degraded: 0, disabled: 0 };
    const rows = await this.query<{ state: keyof typeof counts; count: number }>(this.sql.countByState);
    for (const { state, count } of rows) if (state in counts) counts[state] = count;
    return counts;
  }

  async claim({ limit, leaseMs, owner }: ClaimRequest): Promise<WaitingAlert[]> {
    const token = `${owner}#${uuid()}`;
    const rows = await this.alertTurns.claim(limit, (most, after) =>
      this.query<ChangeRow & TenantsSeen & { id: string | null }>(this.sql.claim, [
        most,
        token,
        leaseMs,
        after,
      ]),
    );
    return rows.map((row) => ({
      about: { tenantId: row.tenant_id, scriptId: row.script_id, scriptName: row.name },
      subject: ({ script }) => `script ${script}, which is ${row.changed_to},`,
      attempts: row.alert_attempts,
      sendTo: (channel) => channel.sendScriptAlert(scriptAlertOf(row)),
      settle: async (outcome, history) => {
        const at = new Date().toISOString();
        const items = toStorableJson(JSON.stringify(history.map((item) => ({ at, ...item }))));
        const delayMs = outcome.done ? null : outcome.delayMs;
        await this.query(this.sql.settle, [row.script_id, row.changes, token, items, outcome.done, delayMs]);
      },
    }));
  }

  /** Made at first use: the names of tables are known when the DataSource is initialized. */
  private get sql(): ReturnType<typeof scriptHealthSql> {
    this.statements ??= scriptHealthSql({
      health: tablePath(this.dataSource, ScriptHealthEntity),
      scripts: tablePath(this.dataSource, ScriptEntity),
      deadLetters: tablePath(this.dataSource, DeadLetterEntity),
    });
    return this.statements;
  }

  private query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.primary.query<Row>(sql, parameters);
  }
}
