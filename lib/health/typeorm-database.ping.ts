import type { DataSource } from 'typeorm';
import { PrimaryDatabase } from '../entities/primary-database.js';
import { DatabasePing } from './database.ping.js';

/** Asks PostgreSQL through the host's own pool. A pool without a free connection counts as no response. */
export class TypeOrmDatabasePing extends DatabasePing {
  private readonly primary: PrimaryDatabase;

  constructor(dataSource: DataSource) {
    super();
    this.primary = new PrimaryDatabase(dataSource);
  }

  async ping(): Promise<void> {
    await this.primary.query('SELECT 1');
  }
}
