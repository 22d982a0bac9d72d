import { ExecutionService, InMemoryMetricsRecorder } from '../../lib/index.js';
import { waitFor } from '../support/wait-for.js';
import { RecordedLog } from './support/recorded-log.js';
import { ADA, sharedHost, TestHost } from './support/test-host.js';

const EVENT = { tenantId: 'acme', ...ADA };

describe('an execution record that the database refuses', () => {
  const log = new RecordedLog();
  const shared = sharedHost(() => TestHost.start({ logger: log }));

  /** Makes the database refuse records for their data, so that no later attempt can store them. */
  const refuseCompleted = (host: TestHost) =>
    host.database.dataSource.query(`ALTER TABLE script_executions ADD CHECK (status <> 'completed')`);

  it('is counted and does not make a direct call fail, because the script has run', async () => {
    const host = shared();
    const script = await host.script('return 42;');
    await refuseCompleted(host);
    const result = await host.get(ExecutionService).execute(script, {}, { tenantId: 'acme' });
    expect(result).toMatchObject({ status: 'completed', result: 42 });
    expect(await host.executions(script)).toEqual([]);
    expect(host.get(InMemoryMetricsRecorder).eventMetrics().eventsDropped).toBe(1);
  });

  it('is logged with what the operator can act on, and without its values', async () => {
    const host = shared();
    const script = await host.script(`throw new Error('no mail to ' + ctx.input.email);`);
    const { dataSource } = host.database;
    await dataSource.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'no room for %', NEW USING DETAIL = NEW::text; END $$`);
    await dataSource.query(
      'CREATE TRIGGER refuse BEFORE INSERT ON script_executions FOR EACH ROW EXECUTE FUNCTION refuse()',
    );
    try {
      await host.get(ExecutionService).execute(script, ADA, { tenantId: 'acme' });
      await waitFor('the loss is logged', () => log.lines.some((line) => line.includes(script)));
    } finally {
      await dataSource.query('DROP FUNCTION refuse CASCADE');
    }
    expect(log.lines.find((line) => line.includes(script))).toContain('raise_exception (SQLSTATE P0001');
    expect(log.lines.join('\n')).not.toContain(ADA.email);
  });

  it('discards all that its run wrote into the store, and the event becomes a dead letter', async () => {
    const host = shared();
    const heard = host.heard('script.event');
    const script = await host.script(`
      await store.increment('n');
      await store.tenant.set('who', 'me');
      events.publish('told.others', {});
      return 1;`);
    await refuseCompleted(host);
    host.emit('user.created', EVENT);
    const letter = await host.deadLetter('exhausted', script);
    expect(letter).toMatchObject({ errorKind: 'rejected', retryCount: 0 });
    expect(await host.executions(script)).toMatchObject([
      { status: 'failed', errorKind: 'rejected', attempt: 1 },
    ]);
    expect(letter.error).toContain('refused the record');
    expect(await host.database.dataSource.query('SELECT key FROM script_store')).toEqual([]);
    const usage = await host.database.dataSource.query(
      'SELECT coalesce(sum(keys), 0)::int AS keys FROM script_store_usage',
    );
    expect(usage).toEqual([{ keys: 0 }]);
    expect(heard).toEqual([]);
  });

  it('of a retry does not make the retry worker run the script again', async () => {
    const host = shared();
    const heard = host.heard('script.execution.completed');
    const script = await host.script(`if (ctx.execution.attempt === 1) throw new Error('not yet');`);
    await refuseCompleted(host);
    host.emit('user.created', EVENT);
    const letter = await host.deadLetter('resolved', script);
    expect(letter).toMatchObject({ retryCount: 1, attempts: [{ kind: 'runtime' }, { trigger: 'retry' }] });
    expect(heard).toHaveLength(1);
  });
});
