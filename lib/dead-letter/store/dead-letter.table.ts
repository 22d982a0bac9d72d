import type { DataSource } from 'typeorm';
import { DeadLetterEntity, ExecutionEntity, ScriptEntity } from '../../entities/index.js';
import type { insertLists, SqlRow } from '../../common/sql.js';
import { EntityRows } from '../../entities/entity-rows.js';
import { FENCE_SEQUENCE } from '../../entities/fence-sequence.js';
import { PrimaryDatabase } from '../../entities/primary-database.js';
import { ownTablePath, tablePath } from '../../entities/table-path.js';
import { ALIKE } from '../../execution/alike.js';
import type { DeadLetterFilter, DeadLetterSummary } from '../dead-letter.types.js';
import { DeadLetterConditions, type Failure } from './dead-letter.conditions.js';
import { countOf, DEAD_LETTER_SUMMARY } from './dead-letter.rows.js';
import { deadLetterSql } from './dead-letter.sql.js';

/** The table of dead letters: sends its statements to the primary database, and reads its rows. */
export class DeadLetterTable {
  private statements: ReturnType<typeof deadLetterSql> | undefined;
  private readonly rows = new EntityRows(DeadLetterEntity);
  private readonly primary: PrimaryDatabase;

  constructor(private readonly dataSource: DataSource) {
    this.primary = new PrimaryDatabase(dataSource);
  }

  /** Made at first use: the names of tables are known when the DataSource is initialized. */
  get sql(): ReturnType<typeof deadLetterSql> {
    this.statements ??= deadLetterSql({
      deadLetters: this.path,
      scripts: tablePath(this.dataSource, ScriptEntity),
      fence: ownTablePath(this.dataSource, FENCE_SEQUENCE),
    });
    return this.statements;
  }

  /** Sends a statement that writes. */
  async query<Row = { id: string }>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return await this.primary.query<Row>(sql, parameters);
  }

  /** Inserts rows by a statement that is made for them. */
  async insert(
    statementFor: (table: string, rows: readonly SqlRow[]) => ReturnType<typeof insertLists>,
    rows: readonly SqlRow[],
  ): Promise<void> {
    const { sql, parameters } = statementFor(this.path, rows);
    await this.primary.query(sql, parameters);
  }

  /** Sends a statement that only reads. */
  async look<Row extends object>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    return await this.primary.look<Row>(sql, parameters);
  }

  /**
   * Sends a statement that changes many rows for somebody who waits, and answers with ids. @throws ChangeTooSlowError
   */
  async change(sql: string, parameters: readonly unknown[]): Promise<string[]> {
    return (await this.primary.change<{ id: string }>(sql, parameters)).map(({ id }) => id);
  }

  /** Sends a statement that writes and answers with ids. */
  async ids(sql: string, parameters: readonly unknown[]): Promise<string[]> {
    return (await this.query(sql, parameters)).map((row) => row.id);
  }

  /** The conditions of a filter. Reads the execution that `failedLike` names. */
  async matching(tenantId: string, filter: DeadLetterFilter): Promise<DeadLetterConditions> {
    const conditions = new DeadLetterConditions(tenantId).filter(filter);
    if (filter.failedLike === undefined) return conditions;
    const [failure] = await this.look<NonNullable<Failure>>(
      `SELECT ${ALIKE.join(', ')} FROM ${tablePath(this.dataSource, ExecutionEntity)}
        WHERE tenant_id = $1 AND id = $2::uuid AND error_alike IS NOT NULL`,
      [tenantId, filter.failedLike],
    );
    return conditions.failedLike(failure);
  }

  /** Whole rows. @param condition over `d` */
  async entities(condition: string, parameters: readonly unknown[]): Promise<DeadLetterEntity[]> {
    const sql = `SELECT ${this.rows.columns('d')} FROM ${this.path} d WHERE ${condition}`;
    return (await this.query<object>(sql, parameters)).map((row) => this.rows.read(row));
  }

  /** Rows without the columns that may be large, newest first, up to `limit`. */
  async summaries(conditions: DeadLetterConditions, limit: number): Promise<DeadLetterSummary[]> {
    const rows = await this.look(
      `SELECT ${this.rows.columns('d', DEAD_LETTER_SUMMARY)} FROM ${this.path} d WHERE ${conditions.sql}
        ORDER BY d.id DESC LIMIT ${conditions.parameter(limit)}`,
      conditions.parameters,
    );
    return rows.map((row) => this.rows.valuesOf<DeadLetterSummary>(row));
  }

  /** How many rows fulfil the conditions, counted up to `most`. */
  async count(conditions: DeadLetterConditions, most?: number): Promise<number> {
    const bound = most === undefined ? '' : `LIMIT ${conditions.parameter(most)}`;
    const sql = `SELECT count(*)::int AS count FROM (
      SELECT FROM ${this.path} d WHERE ${conditions.sql} ${bound}) counted`;
    return countOf(await this.look(sql, conditions.parameters));
  }

  /** How many rows that fulfil the conditions are held, and how many are not, both of one moment. */
  async countWaiting(conditions: DeadLetterConditions): Promise<{ held: number; retries: number }> {
    const [row] = await this.look<{ held: number; retries: number }>(
      `SELECT count(*) FILTER (WHERE d.reason = 'held')::int AS held,
        count(*) FILTER (WHERE d.reason <> 'held')::int AS retries
      FROM ${this.path} d WHERE ${conditions.sql}`,
      conditions.parameters,
    );
    return row!;
  }

  private get path(): string {
    return tablePath(this.dataSource, DeadLetterEntity);
  }
}
