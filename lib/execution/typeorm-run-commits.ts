import type { DataSource } from 'typeorm';
import { DatabaseAwayError } from '../common/database-failure.js';
import { PrimaryDatabase } from '../entities/primary-database.js';
import type { TypeOrmStore } from '../store/typeorm-store.js';
import { RunCommits, type RunCommit, type RunVerdict } from './run-commits.js';
import { TypeOrmExecutionRepository } from './typeorm-execution.repository.js';

/** Stores runs and their changes of the store in PostgreSQL. */
export class TypeOrmRunCommits extends RunCommits {
  private readonly primary: PrimaryDatabase;
  private readonly executions: TypeOrmExecutionRepository;

  constructor(
    dataSource: DataSource,
    private readonly store: TypeOrmStore,
  ) {
    super();
    this.primary = new PrimaryDatabase(dataSource);
    this.executions = new TypeOrmExecutionRepository(dataSource);
  }

  commit(runs: readonly RunCommit[]): Promise<RunVerdict[]> {
    return this.primary.boundedTransaction(async (statements) => {
      const locked = await this.store.lock(
        statements,
        runs.map(({ changes }) => changes),
      );
      const records = runs.map(({ record }) => record);
      const { stored, repeated } = await this.executions.knownOf(records, statements);
      const completed = new Set<string>();
      // One batch may contain two runs for the same event.
      const open = runs.filter(({ record: { id, tenantId, eventId, scriptId, trigger } }) => {
        if (stored.has(id) || repeated.has(id)) return false;
        if (trigger === 'manual' || trigger === 'test') return true;
        const completion = JSON.stringify([tenantId, eventId, scriptId]);
        return !completed.has(completion) && completed.add(completion);
      });
      const settled = await this.store.settle(
        statements,
        locked,
        open.map(({ changes, insists, record: { id } }) => ({ changes, insists, executionId: id, by: null })),
      );
      const verdicts = new Map(open.map((run, at) => [run, settled[at]!]));
      const accepted = open.filter((run) => verdicts.get(run)?.status === 'accepted');
      for (const { publish } of accepted) await publish?.(statements);
      const lost = await this.executions.insertMany(
        accepted.map(({ record }) => record),
        statements,
      );
      if (lost > 0) throw new DatabaseAwayError('another run completed for the same event at this moment');
      return runs.map(
        (run): RunVerdict =>
          verdicts.get(run) ?? { status: stored.has(run.record.id) ? 'accepted' : 'repeated' },
      );
    });
  }
}
