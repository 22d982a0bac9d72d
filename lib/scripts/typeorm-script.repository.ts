import type { DataSource, EntityManager, ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { quoted } from '../common/printable.js';
import { sqlStateOf } from '../common/database-failure.js';
import { DEFAULT_PAGE_LIMIT, isUuid, pageOf, type Page } from '../common/page.js';
import {
  DeadLetterEntity,
  ScriptEntity,
  ScriptHealthEntity,
  ScriptVersionEntity,
} from '../entities/index.js';
import { tablePath } from '../entities/table-path.js';
import { healthChangeOf, noteHealthChange } from './health-change.js';
import { DuplicateScriptNameError } from './script.errors.js';
import { ScriptRepository, type NewScript, type ScriptChange } from './script.repository.js';
import type { ScriptDeletion, ScriptQuery, ScriptVersionSummary, SourceText } from './script.types.js';

const UNIQUE_VIOLATION = '23505';
const OPEN = ['pending', 'retrying', 'exhausted'];
const RENEWED = { degraded: false, statusReason: null };

/** Scripts in PostgreSQL. Conditions are spelled out, never objects: TypeORM drops an undefined value from an object. */
export class TypeOrmScriptRepository extends ScriptRepository {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async create(script: NewScript, source: SourceText): Promise<ScriptEntity> {
    return this.dataSource.transaction(async (manager) => {
      // As a plain object: TypeORM's type for values recurses without end into JSON columns.
      const row: ObjectLiteral = { ...script, updatedBy: script.createdBy };
      await refusingTakenName(script.name, manager.insert<ObjectLiteral>(ScriptEntity, row));
      await this.insertVersion(manager, script, 1, source, script.createdBy);
      return this.reload(manager, script.id);
    });
  }

  async find(tenantId: string, id: string): Promise<ScriptEntity | null> {
    return isUuid(id) ? this.one(this.dataSource.manager, tenantId, id).getOne() : null;
  }

  async list(tenantId: string, query: ScriptQuery): Promise<Page<ScriptEntity>> {
    const limit = query.limit ?? DEFAULT_PAGE_LIMIT;
    const rows = this.matching(tenantId, query)
      .orderBy('script.id', 'DESC')
      .limit(limit + 1);
    if (query.cursor !== undefined) rows.andWhere('script.id < :cursor', { cursor: query.cursor });
    return pageOf(await rows.getMany(), limit);
  }

  async count(tenantId: string, query: Omit<ScriptQuery, 'limit' | 'cursor'>): Promise<number> {
    return this.matching(tenantId, query).getCount();
  }

  async change(
    tenantId: string,
    id: string,
    by: string | null,
    decide: (current: ScriptEntity) => ScriptChange,
  ): Promise<ScriptEntity | null> {
    if (!isUuid(id)) return null;
    return this.dataSource.transaction(async (manager) => {
      const current = await this.one(manager, tenantId, id).setLock('pessimistic_write').getOne();
      if (!current) return null;
      const { columns = {}, source } = decide(current);
      const version = source ? await this.addVersion(manager, current, source, by) : current.version;
      if (version === current.version && Object.keys(columns).length === 0) return current;
      // What an older source did is not held against a new one. A disabled script stays so until somebody says so.
      const renewed = version > current.version && current.degraded ? RENEWED : {};
      const set = { ...columns, ...renewed, version, updatedBy: by };
      const update = manager
        .createQueryBuilder()
        .update<ObjectLiteral>(ScriptEntity)
        .set(set)
        .where('id = :id', { id });
      await refusingTakenName(columns.name ?? current.name, update.execute());
      const change = healthChangeOf(current, set);
      const table = tablePath(this.dataSource, ScriptHealthEntity);
      if (change) await noteHealthChange(manager, table, { ...current, ...set }, change);
      return this.reload(manager, id);
    });
  }

  async delete(tenantId: string, id: string, by: string | null): Promise<ScriptDeletion | null> {
    if (!isUuid(id)) return null;
    return this.dataSource.transaction(async (manager) => {
      const script = await this.one(manager, tenantId, id).setLock('pessimistic_write').getOne();
      if (!script) return null;
      const discarded = await this.discardDeadLetters(manager, script, by);
      await manager.createQueryBuilder().delete().from(ScriptEntity).where('id = :id', { id }).execute();
      const health = manager.createQueryBuilder().delete().from(ScriptHealthEntity);
      await health.where('tenant_id = :tenantId AND script_id = :id', { tenantId, id }).execute();
      return { script, discardedDeadLetters: discarded };
    });
  }

  async findVersion(tenantId: string, id: string, version: number): Promise<ScriptVersionEntity | null> {
    if (!isUuid(id)) return null;
    return this.versions(tenantId, id).andWhere('version.version = :version', { version }).getOne();
  }

  async listVersions(tenantId: string, id: string): Promise<ScriptVersionSummary[]> {
    if (!isUuid(id)) return [];
    const columns = ['scriptId', 'version', 'tenantId', 'language', 'checksum', 'createdBy', 'createdAt'];
    return this.versions(tenantId, id)
      .select(columns.map((column) => `version.${column}`))
      .orderBy('version.version', 'DESC')
      .getMany();
  }

  async sourceOf(scriptId: string, version: number): Promise<string | null> {
    if (!isUuid(scriptId)) return null;
    const row = await this.dataSource.manager
      .createQueryBuilder(ScriptVersionEntity, 'version')
      .select(['version.scriptId', 'version.version', 'version.source', 'version.compiled'])
      .where('version.scriptId = :scriptId AND version.version = :version', { scriptId, version })
      .getOne();
    return row?.compiled ?? row?.source ?? null;
  }

  private one(manager: EntityManager, tenantId: string, id: string): SelectQueryBuilder<ScriptEntity> {
    return manager
      .createQueryBuilder(ScriptEntity, 'script')
      .where('script.tenantId = :tenantId AND script.id = :id', { tenantId, id });
  }

  private matching(tenantId: string, query: ScriptQuery): SelectQueryBuilder<ScriptEntity> {
    const { status, eventType, nameContains } = query;
    const rows = this.dataSource.manager
      .createQueryBuilder(ScriptEntity, 'script')
      .where('script.tenantId = :tenantId', { tenantId });
    if (status !== undefined) rows.andWhere('script.status = ANY(:statuses)', { statuses: [status].flat() });
    if (eventType !== undefined) rows.andWhere(':eventType = ANY(script.eventTypes)', { eventType });
    if (nameContains) rows.andWhere('strpos(lower(script.name), lower(:nameContains)) > 0', { nameContains });
    return rows;
  }

  private versions(tenantId: string, id: string): SelectQueryBuilder<ScriptVersionEntity> {
    return this.dataSource.manager
      .createQueryBuilder(ScriptVersionEntity, 'version')
      .where('version.tenantId = :tenantId AND version.scriptId = :id', { tenantId, id });
  }

  /** The script is locked, so the next number is free. */
  private async addVersion(
    manager: EntityManager,
    script: ScriptEntity,
    source: SourceText,
    by: string | null,
  ): Promise<number> {
    const latest = await manager
      .createQueryBuilder(ScriptVersionEntity, 'version')
      .select(['version.scriptId', 'version.version', 'version.language', 'version.checksum'])
      .where('version.scriptId = :id AND version.version = :version', script)
      .getOneOrFail();
    if (latest.checksum === source.checksum && latest.language === source.language) return script.version;
    await this.insertVersion(manager, script, script.version + 1, source, by);
    return script.version + 1;
  }

  private async insertVersion(
    manager: EntityManager,
    script: Pick<ScriptEntity, 'id' | 'tenantId'>,
    version: number,
    source: SourceText,
    by: string | null,
  ): Promise<void> {
    const { id: scriptId, tenantId } = script;
    await manager.insert(ScriptVersionEntity, { scriptId, version, tenantId, ...source, createdBy: by });
  }

  private async discardDeadLetters(
    manager: EntityManager,
    script: ScriptEntity,
    by: string | null,
  ): Promise<number> {
    const closed = await manager
      .createQueryBuilder()
      .update(DeadLetterEntity)
      .set({
        status: 'discarded',
        nextRetryAt: null,
        lockedBy: null,
        lockedUntil: null,
        resolvedAt: () => 'now()',
        resolvedBy: by,
        note: `Script ${quoted(script.name)} was deleted.`,
      })
      .where('tenant_id = :tenantId AND script_id = :id AND status = ANY(:open)', { ...script, open: OPEN })
      .execute();
    return closed.affected ?? 0;
  }

  private reload(manager: EntityManager, id: string): Promise<ScriptEntity> {
    return manager.createQueryBuilder(ScriptEntity, 'script').where('script.id = :id', { id }).getOneOrFail();
  }
}

/** The database decides: a look before the write would let two callers at once through. */
async function refusingTakenName(name: string, write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    throw sqlStateOf(error) === UNIQUE_VIOLATION ? new DuplicateScriptNameError(name, error) : error;
  }
}
