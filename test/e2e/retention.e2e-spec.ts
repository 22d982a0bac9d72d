import { Registry } from 'prom-client';
import { InMemoryMetricsRecorder, RetentionService } from '../../lib/index.js';
import { createTestSchema } from '../support/postgres.js';
import { waitFor } from '../support/wait-for.js';
import { deadLetters, executions, left } from '../integration/retention/retention.fixture.js';
import { TestHost } from './support/test-host.js';

describe('retention in a running application', () => {
  it('deletes rows that are older than the options allow, and counts them in the metrics', async () => {
    const database = await createTestSchema();
    await executions(database.dataSource, 'completed', 31, 25);
    await executions(database.dataSource, 'failed', 31);
    await deadLetters(database.dataSource, 'exhausted', 900, { alerted: true });
    await deadLetters(database.dataSource, 'discarded', 31);
    const registry = new Registry();
    await TestHost.start({
      database,
      options: { retention: { interval: '1s', batchSize: 10, batchPause: 0 }, metrics: { registry } },
    });
    await waitFor(
      'old records are gone',
      async () => (await left(database.dataSource, 'script_executions')).length === 1,
    );
    await waitFor(
      'old dead letters are gone',
      async () => (await left(database.dataSource, 'dead_letter_queue')).length === 1,
    );
    const text = await waitFor('the round has ended', async () => {
      const metrics = await registry.metrics();
      return /last_success_timestamp_seconds 1/.test(metrics) ? metrics : undefined;
    });
    expect(text).toContain(
      'scripts_retention_deleted_total{table="script_executions",status="completed"} 25',
    );
    expect(text).toContain('scripts_retention_deleted_total{table="dead_letter_queue",status="discarded"} 1');
    expect(text).toMatch(/scripts_table_bytes\{table="script_executions"\} \d{5}/);
    expect(text).toMatch(/scripts_table_rows\{table="scripts"\} \d+/);
  });

  it('deletes only when the host calls it, if its interval is turned off', async () => {
    const database = await createTestSchema();
    await executions(database.dataSource, 'completed', 31, 2);
    const host = await TestHost.start({ database, options: { retention: { enabled: false } } });
    const retention = host.get(RetentionService);
    expect(retention.stats()).toEqual({
      lastSuccessAt: null,
      lastOutcome: null,
      startedAt: null,
      running: false,
    });
    expect(await retention.run()).toMatchObject({ outcome: 'done', deleted: { completedExecutions: 2 } });
    const { deletedRows, lastRetentionAt, tables } = await host.get(InMemoryMetricsRecorder).storageMetrics();
    expect(deletedRows).toEqual({ script_executions: { completed: 2 } });
    expect(lastRetentionAt).toBeInstanceOf(Date);
    expect(tables).toContainEqual(expect.objectContaining({ table: 'script_executions' }));
  });
});
