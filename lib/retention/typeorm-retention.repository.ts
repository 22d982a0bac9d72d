import type { DataSource } from 'typeorm';
import { DeadLetterEntity, ExecutionEntity, ScriptEntity, ScriptVersionEntity } from '../entities/index.js';
import { PrimaryDatabase } from '../entities/primary-database.js';
import { STATISTICS_TABLE } from '../execution/statistics.sql.js';
import { ownTablePath, tablePath } from '../entities/table-path.js';
import type { TableSize } from '../metrics/metrics.recorder.js';
import type { RetainedKind } from './retained-rows.js';
import { type DeletedBatch, type DeletionRequest, RetentionRepository } from './retention.repository.js';
import { deleteBatchSql, TABLE_SIZES_SQL } from './retention.sql.js';

const ENTITIES = {
  scripts: ScriptEntity,
  script_versions: ScriptVersionEntity,
  script_executions: ExecutionEntity,
  dead_letter_queue: DeadLetterEntity,
};

/** Tables without an entity: the statistics, and those of the durable buffer with a row for each event. */
const OWN_TABLES = [STATISTICS_TABLE, 'scripts_event_waiting', 'scripts_event_ordered', 'scripts_event_keys'];

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
    const paths = [
      ...Object.entries(ENTITIES).map(([name, entity]) => [name, tablePath(this.dataSource, entity)]),
      ...OWN_TABLES.map((name) => [name, ownTablePath(this.dataSource, name)]),
    ];
    const parameters = [paths.map(([name]) => name), paths.map(([, path]) => path)];
    return await this.primary.query<TableSize>(TABLE_SIZES_SQL, parameters);
  }

  private statement(kind: RetainedKind): string {
    return deleteBatchSql(kind, {
      executions: tablePath(this.dataSource, ExecutionEntity),
      deadLetters: tablePath(this.dataSource, DeadLetterEntity),
      statistics: ownTablePath(this.dataSource, STATISTICS_TABLE),
    });
  }
}
