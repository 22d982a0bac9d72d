import type { DataSource } from 'typeorm';
import { quoted } from '../common/printable.js';
import { sqlStateOf, UNIQUE_VIOLATION } from '../common/database-failure.js';
import { DEFAULT_PAGE_LIMIT, isUuid, pageOf, type Page } from '../common/page.js';
import {
  DeadLetterEntity,
  ScriptEntity,
  ScriptHealthEntity,
  ScriptVersionEntity,
  StoreEntryEntity,
  type ScriptStatus,
} from '../entities/index.js';
import { EntityRows } from '../entities/entity-rows.js';
import { PrimaryDatabase, type Statements } from '../entities/primary-database.js';
import { STORE_USAGE_TABLE } from '../entities/store-usage-table.js';
import { ownTablePath, tablePath } from '../entities/table-path.js';
import { healthChangeOf, noteHealthChange } from './health-change.js';
import { DuplicateScriptNameError } from './script.errors.js';
import { beginsToListen, refuseTooManyScripts } from './tenant-scripts.js';
import { ScriptRepository, type NewScript, type ScriptChange } from './script.repository.js';
import type {
  ScriptDeletion,
  ScriptQuery,
  ScriptVersionQuery,
  ScriptVersionSummary,
  SourceText,
} from './script.types.js';

const OPEN = ['pending', 'retrying', 'exhausted'];
const RENEWED = { degraded: false, statusReason: null };
const SUMMARY = [
  'scriptId',
  'version',
  'tenantId',
  'language',
  'checksum',
  'createdBy',
  'createdAt',
] as const satisfies readonly (keyof ScriptVersionSummary)[];

const SCRIPTS = new EntityRows(ScriptEntity);
const VERSIONS = new EntityRows(ScriptVersionEntity);

/** Scripts in PostgreSQL. */
export class TypeOrmScriptRepository extends ScriptRepository {
  private readonly primary: PrimaryDatabase;

  /** @param tenantScripts `limits.tenantScripts` */
  constructor(
    private readonly dataSource: DataSource,
    private readonly tenantScripts: number,
  ) {
    super();
    this.primary = new PrimaryDatabase(dataSource);
  }

  async create(script: NewScript, source: SourceText): Promise<ScriptEntity> {
    return this.primary.transaction(async (statements) => {
      await this.refuseTooMany(statements, script.tenantId, null, script.status);
      const row = { ...script, updatedBy: script.createdBy };
      const { names, places, parameters } = SCRIPTS.assignments(row);
      const insert = `INSERT INTO ${this.scripts} AS s (${names.join(', ')}) VALUES (${places.join(', ')})`;
      const write = this.read(statements, `${insert} RETURNING ${SCRIPTS.columns('s')}`, parameters);
      const [created] = await refusingTakenName(script.name, write);
      await this.insertVersion(statements, script, 1, source, script.createdBy);
      return found(created);
    });
  }

  async find(tenantId: string, id: string): Promise<ScriptEntity | null> {
    return isUuid(id) ? this.one(this.primary, tenantId, id) : null;
  }

  async namesOf(tenantId: string, ids: readonly string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const sql = `SELECT s.id::text AS id, s.name FROM ${this.scripts} s WHERE s.tenant_id = $1 AND s.id = ANY ($2::uuid[])`;
    const rows = await this.primary.look<{ id: string; name: string }>(sql, [tenantId, ids.filter(isUuid)]);
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  async list(tenantId: string, query: ScriptQuery): Promise<Page<ScriptEntity>> {
    const limit = query.limit ?? DEFAULT_PAGE_LIMIT;
    const { conditions, parameters } = this.matching(tenantId, query);
    if (query.cursor !== undefined) conditions.push(`s.id < $${parameters.push(query.cursor)}`);
    const sql = `SELECT ${SCRIPTS.columns('s')} FROM ${this.scripts} s WHERE ${conditions.join(' AND ')}
      ORDER BY s.id DESC LIMIT ${limit + 1}`;
    const rows = await this.primary.look<object>(sql, parameters);
    return pageOf(
      rows.map((row) => SCRIPTS.read(row)),
      limit,
    );
  }

  async count(tenantId: string, query: Omit<ScriptQuery, 'limit' | 'cursor'>): Promise<number> {
    const { conditions, parameters } = this.matching(tenantId, query);
    const sql = `SELECT count(*)::int AS count FROM ${this.scripts} s WHERE ${conditions.join(' AND ')}`;
    return found((await this.primary.look<{ count: number }>(sql, parameters))[0]).count;
  }

  async change(
    tenantId: string,
    id: string,
    by: string | null,
    decide: (current: ScriptEntity) => ScriptChange,
  ): Promise<ScriptEntity | null> {
    if (!isUuid(id)) return null;
    return this.primary.transaction(async (statements) => {
      const current = await this.one(statements, tenantId, id, 'FOR UPDATE');
      if (!current) return null;
      const { columns = {}, source } = decide(current);
      await this.refuseTooMany(statements, tenantId, current.status, columns.status);
      const version = source ? await this.addVersion(statements, current, source, by) : current.version;
      if (version === current.version && Object.keys(columns).length === 0) return current;
      // Failures of an older source don't count against a new one. A disabled script stays disabled until somebody
      // resumes it.
      const renewed = version > current.version && current.degraded ? RENEWED : {};
      const set = { ...columns, ...renewed, version, updatedBy: by };
      const { names, places, parameters } = SCRIPTS.assignments(set, 2);
      const update = `UPDATE ${this.scripts} AS s SET (${names.join(', ')}) = ROW (${places.join(', ')})
        WHERE s.id = $1 RETURNING ${SCRIPTS.columns('s')}`;
      const write = this.read(statements, update, [id, ...parameters]);
      const [changed] = await refusingTakenName(columns.name ?? current.name, write);
      const change = healthChangeOf(current, set);
      if (change) await noteHealthChange(statements, this.health, { ...current, ...set }, change);
      return found(changed);
    });
  }

  async delete(
    tenantId: string,
    id: string,
    by: string | null,
    check: (current: ScriptEntity) => void,
  ): Promise<ScriptDeletion | null> {
    if (!isUuid(id)) return null;
    return this.primary.transaction(async (statements) => {
      const script = await this.one(statements, tenantId, id, 'FOR UPDATE');
      if (!script) return null;
      check(script);
      const discarded = await this.discardDeadLetters(statements, script, by);
      await statements.query(`DELETE FROM ${this.scripts} WHERE id = $1`, [id]);
      await statements.query(`DELETE FROM ${this.health} WHERE tenant_id = $1 AND script_id = $2`, [
        tenantId,
        id,
      ]);
      await this.emptyStore(statements, tenantId, id);
      return { script, discardedDeadLetters: discarded };
    });
  }

  /** Deletes the script's store. Locks the tenant's usage first, as every change of a store does. */
  private async emptyStore(statements: Statements, tenantId: string, id: string): Promise<void> {
    const usage = ownTablePath(this.dataSource, STORE_USAGE_TABLE);
    await statements.query(`SELECT FROM ${usage} WHERE tenant_id = $1 FOR UPDATE`, [tenantId]);
    await statements.query(
      `WITH removed AS (
          DELETE FROM ${tablePath(this.dataSource, StoreEntryEntity)} WHERE tenant_id = $1 AND scope = $2 RETURNING bytes
        ) UPDATE ${usage} AS u SET keys = u.keys - r.keys, bytes = u.bytes - r.bytes
          FROM (SELECT count(*) AS keys, coalesce(sum(bytes), 0) AS bytes FROM removed) AS r
          WHERE u.tenant_id = $1 AND r.keys > 0`,
      [tenantId, id],
    );
  }

  async findVersion(tenantId: string, id: string, version: number): Promise<ScriptVersionEntity | null> {
    if (!isUuid(id)) return null;
    const sql = `SELECT ${VERSIONS.columns('v')} FROM ${this.versions} v
      WHERE v.tenant_id = $1 AND v.script_id = $2 AND v.version = $3::integer`;
    const [row] = await this.primary.query<object>(sql, [tenantId, id, version]);
    return row ? VERSIONS.read(row) : null;
  }

  async listVersions(
    tenantId: string,
    id: string,
    { limit, before }: ScriptVersionQuery,
  ): Promise<ScriptVersionSummary[]> {
    if (!isUuid(id)) return [];
    const sql = `SELECT ${VERSIONS.columns('v', SUMMARY)} FROM ${this.versions} v
      WHERE v.tenant_id = $1 AND v.script_id = $2 AND v.version < coalesce($3::bigint, ${2 ** 31})
      ORDER BY v.version DESC LIMIT $4::integer`;
    const rows = await this.primary.look<object>(sql, [tenantId, id, before ?? null, limit ?? null]);
    return rows.map((row) => VERSIONS.read(row));
  }

  async sourceOf(scriptId: string, version: number): Promise<string | null> {
    if (!isUuid(scriptId)) return null;
    const sql = `SELECT coalesce(compiled, source) AS source FROM ${this.versions}
      WHERE script_id = $1 AND version = $2::integer`;
    const [row] = await this.primary.query<{ source: string }>(sql, [scriptId, version]);
    return row?.source ?? null;
  }

  sourcesOf(
    versions: readonly { scriptId: string; version: number }[],
    maxBytes: number,
  ): Promise<{ scriptId: string; version: number; source: string }[]> {
    const sql = `SELECT script_id::text AS "scriptId", version, source FROM (
        SELECT script_id, version, js.source, sum(bytes) OVER (ORDER BY script_id, version) - bytes AS bytes_before
          FROM ${this.versions} AS versions,
            LATERAL (SELECT coalesce(versions.compiled, versions.source) AS source) AS js,
            LATERAL (SELECT octet_length(js.source) AS bytes) AS size
          WHERE (script_id, version) IN (SELECT * FROM unnest($1::uuid[], $2::integer[]))
      ) AS found WHERE bytes_before < $3::integer`;
    const ids = versions.map(({ scriptId }) => scriptId);
    return this.primary.query(sql, [ids, versions.map(({ version }) => version), maxBytes]);
  }

  async countBySecret(tenantId: string): Promise<Map<string, number>> {
    const sql = `SELECT secret, count(*)::int AS count FROM ${this.scripts} s, unnest(s.secrets) AS secret
      WHERE s.tenant_id = $1 GROUP BY secret`;
    const rows = await this.primary.look<{ secret: string; count: number }>(sql, [tenantId]);
    return new Map(rows.map(({ secret, count }) => [secret, count]));
  }

  /** Conditions over `s`. Values from the caller become parameters, never SQL. */
  private matching(
    tenantId: string,
    { status, eventType, nameContains, secret, variable }: ScriptQuery,
  ): { conditions: string[]; parameters: unknown[] } {
    const parameters: unknown[] = [tenantId];
    const conditions = ['s.tenant_id = $1'];
    if (status !== undefined)
      conditions.push(`s.status = ANY ($${parameters.push([status].flat())}::text[])`);
    if (eventType !== undefined)
      conditions.push(`$${parameters.push(eventType)}::text = ANY (s.event_types)`);
    if (nameContains)
      conditions.push(`strpos(lower(s.name), lower($${parameters.push(nameContains)}::text)) > 0`);
    if (secret !== undefined) conditions.push(`$${parameters.push(secret)}::text = ANY (s.secrets)`);
    // A variable's name has only letters, digits and "_", so it is safe within a regular expression.
    if (variable !== undefined)
      conditions.push(`EXISTS (SELECT FROM ${this.versions} v WHERE v.tenant_id = s.tenant_id
        AND v.script_id = s.id AND v.version = s.version
        AND strpos(v.source, $${parameters.push(variable)}::text) > 0
        AND v.source ~ ('\\m' || $${parameters.length}::text || '\\M') AND v.source ~ '\\mvars\\M')`);
    return { conditions, parameters };
  }

  private get scripts(): string {
    return tablePath(this.dataSource, ScriptEntity);
  }

  private get versions(): string {
    return tablePath(this.dataSource, ScriptVersionEntity);
  }

  private get health(): string {
    return tablePath(this.dataSource, ScriptHealthEntity);
  }

  private async read(
    statements: Statements,
    sql: string,
    parameters: readonly unknown[],
  ): Promise<ScriptEntity[]> {
    return (await statements.query<object>(sql, parameters)).map((row) => SCRIPTS.read(row));
  }

  private async one(
    statements: Statements,
    tenantId: string,
    id: string,
    lock = '',
  ): Promise<ScriptEntity | null> {
    const sql = `SELECT ${SCRIPTS.columns('s')} FROM ${this.scripts} s WHERE s.tenant_id = $1 AND s.id = $2 ${lock}`;
    return (await this.read(statements, sql, [tenantId, id]))[0] ?? null;
  }

  private async refuseTooMany(
    statements: Statements,
    tenantId: string,
    before: ScriptStatus | null,
    after: ScriptStatus | undefined,
  ): Promise<void> {
    if (!beginsToListen(before, after)) return;
    await refuseTooManyScripts(statements, this.scripts, tenantId, this.tenantScripts);
  }

  /** The script is locked, so the next number is free. */
  private async addVersion(
    statements: Statements,
    script: ScriptEntity,
    source: SourceText,
    by: string | null,
  ): Promise<number> {
    const sql = `SELECT language, checksum FROM ${this.versions} WHERE script_id = $1 AND version = $2`;
    const [row] = await statements.query<Pick<SourceText, 'language' | 'checksum'>>(sql, [
      script.id,
      script.version,
    ]);
    const latest = found(row);
    if (latest.checksum === source.checksum && latest.language === source.language) return script.version;
    await this.insertVersion(statements, script, script.version + 1, source, by);
    return script.version + 1;
  }

  private async insertVersion(
    statements: Statements,
    script: Pick<ScriptEntity, 'id' | 'tenantId'>,
    version: number,
    source: SourceText,
    by: string | null,
  ): Promise<void> {
    const { id: scriptId, tenantId } = script;
    const row = { scriptId, version, tenantId, ...source, createdBy: by };
    const { names, places, parameters } = VERSIONS.assignments(row);
    await statements.query(
      `INSERT INTO ${this.versions} (${names.join(', ')}) VALUES (${places.join(', ')})`,
      parameters,
    );
  }

  private async discardDeadLetters(
    statements: Statements,
    { id, tenantId, name }: ScriptEntity,
    by: string | null,
  ): Promise<number> {
    const sql = `WITH closed AS (
        UPDATE ${tablePath(this.dataSource, DeadLetterEntity)} SET status = 'discarded', next_retry_at = NULL,
          locked_by = NULL, locked_until = NULL, resolved_at = now(), resolved_by = $3, note = $4, updated_at = now()
        WHERE tenant_id = $1 AND script_id = $2::uuid AND status = ANY ($5::text[]) RETURNING id
      ) SELECT count(*)::int AS count FROM closed`;
    const note = `Script ${quoted(name)} was deleted.`;
    const [row] = await statements.query<{ count: number }>(sql, [tenantId, id, by, note, OPEN]);
    return found(row).count;
  }
}

/** A row that must exist, because the previous statement created or locked it. */
function found<Row>(row: Row | undefined): Row {
  if (row === undefined) throw new TypeError('a statement on a locked script answered without its row');
  return row;
}

/** Lets the database decide: a check before the write would let two simultaneous callers through. */
async function refusingTakenName<T>(name: string, write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    throw sqlStateOf(error) === UNIQUE_VIOLATION ? new DuplicateScriptNameError(name, error) : error;
  }
}
