import type { DataSource } from 'typeorm';
import { PrimaryDatabase } from '../entities/primary-database.js';
import { STORE_USAGE_TABLE } from '../entities/store-usage-table.js';
import { ownTablePath } from '../entities/table-path.js';
import { StoreTurns, turnKeyOf } from './store.turns.js';
import type { StoreTurn } from './store.types.js';

/** Stores turns in PostgreSQL, in the row that every change of the tenant's stores locks. */
export class TypeOrmStoreTurns extends StoreTurns {
  private readonly primary: PrimaryDatabase;

  constructor(private readonly dataSource: DataSource) {
    super();
    this.primary = new PrimaryDatabase(dataSource);
  }

  async take({ tenantId, executionId, lost }: StoreTurn, ms: number): Promise<boolean> {
    // Not `now()`, because the statement may have waited for the lock of the row.
    const taken = await this.primary.query(
      `UPDATE ${this.usageTable} SET turn_of = $2::uuid, turn_key = $3,
          turn_until = clock_timestamp() + $4::int * interval '1 millisecond'
        WHERE tenant_id = $1 AND (turn_of = $2::uuid OR turn_until IS NULL OR turn_until <= clock_timestamp()) RETURNING 1`,
      [tenantId, executionId, turnKeyOf(lost), Math.round(ms)],
    );
    return taken.length > 0;
  }

  async end({ tenantId, executionId }: StoreTurn): Promise<void> {
    await this.primary.query(
      `UPDATE ${this.usageTable} SET turn_until = NULL WHERE tenant_id = $1 AND turn_of = $2::uuid`,
      [tenantId, executionId],
    );
  }

  private get usageTable(): string {
    return ownTablePath(this.dataSource, STORE_USAGE_TABLE);
  }
}
