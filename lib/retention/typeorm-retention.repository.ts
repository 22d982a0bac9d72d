import type { DataSource } from 'typeorm';
import { DeadLetterEntity, ExecutionEntity, StoreEntryEntity } from '../entities/index.js';
import { PrimaryDatabase } from '../entities/primary-database.js';
import { STATISTICS_TABLE } from '../execution/statistics.sql.js';
import { STORE_USAGE_TABLE } from '../entities/store-usage-table.js';
import { ownTablePath, tablePath } from '../entities/table-path.js';
import type { TableSize } from '../metrics/metrics.recorder.js';
import type { RetainedKind } from './retained-rows.js';
import { type DeletedBatch, type DeletionRequest, RetentionRepository } from './retention.repository.js';
import { deleteBatchSql, TABLE_SIZES_SQL } from './retention.sql.js';

/**
 * Every table that grows with tenants, scripts or events. The others have a row for each node, or for each script or
 * tenant that is running now.
 */
const MEASURED_TABLES = [
  'scripts',
  'script_versions',
  'script_executions',
  STATISTICS_TABLE,
  'dead_letter_queue',
  'script_health',
  'script_schedules',
  'script_secrets',
  'script_variables',
  'script_variable_versions',
  'script_store',
  'script_store_usage',
  'scripts_event_waiting',
  'scripts_event_ordered',
  'scripts_event_keys',
];

interface BatchRow {
  mine: boolean;
  deleted: number;
  reached: string | null;
}

/** Deletes rows by age in PostgreSQL. */
export class TypeOrmRetentionRepository extends RetentionRepository {
  private readonly primary: PrimaryDatabase;

  constructor(private readonly dataSource: DataSource) {
    super();
    this.primary = new PrimaryDatabase(dataSource);
  }

  async deleteBatch({ kind, olderThanMs, limit, from }: DeletionRequest): Promise<DeletedBatch> {
    const parameters = [olderThanMs, limit, from];
    const [row] = await this.primary.query<BatchRow>(this.statement(kind), parameters);
    if (!row?.mine) return { busy: true };
    return { busy: false, deleted: row.deleted, reached: row.reached };
  }

  async tableSizes(): Promise<TableSize[]> {
    const paths = MEASURED_TABLES.map((name) => ownTablePath(this.dataSource, name));
    const parameters = [MEASURED_TABLES, paths];
    return await this.primary.query<TableSize>(TABLE_SIZES_SQL, parameters);
  }

  private statement(kind: RetainedKind): string {
    return deleteBatchSql(kind, {
      executions: tablePath(this.dataSource, ExecutionEntity),
      deadLetters: tablePath(this.dataSource, DeadLetterEntity),
      statistics: ownTablePath(this.dataSource, STATISTICS_TABLE),
      store: tablePath(this.dataSource, StoreEntryEntity),
      storeUsage: ownTablePath(this.dataSource, STORE_USAGE_TABLE),
    });
  }
}
