import type { DataSource } from 'typeorm';
import { DatabasePing } from './database.ping.js';

/** Asks PostgreSQL through the host's own pool: a pool without a free connection counts as no answer. */
export class TypeOrmDatabasePing extends DatabasePing {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async ping(): Promise<void> {
    await this.dataSource.query('SELECT 1');
  }
}
