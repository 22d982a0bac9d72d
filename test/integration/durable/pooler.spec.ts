import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { GraphileWorkerEventBuffer } from '../../../lib/buffer/durable/graphile-worker.event-buffer.js';
import { TypeOrmDurableDatabase } from '../../../lib/buffer/durable/typeorm-durable.database.js';
import { SCRIPTS_EVENT_ENTITIES } from '../../../lib/entities/index.js';
import { SCRIPTS_EVENT_MIGRATIONS } from '../../../migrations/index.js';
import { hasPgBouncer, PgBouncer } from '../../support/pgbouncer.js';
import { testDatabaseUrl } from '../../support/postgres.js';
import { queuedEvent } from '../../support/queued-events.js';
import { FULL } from '../../support/test-form.js';
import { waitFor } from '../../support/wait-for.js';
import { limitTests } from '../../support/time-limits.js';

limitTests('busy');

const EVENTS = FULL ? 200 : 50;

// `.ci/run` installs PgBouncer and fails if a test is skipped.
const behindPooler = hasPgBouncer() ? describe : describe.skip;

behindPooler('PgBouncer in transaction mode, of which the application was told nothing', () => {
  let admin: DataSource;
  let name: string;
  let pooler: PgBouncer;
  let host: DataSource;
  let node: GraphileWorkerEventBuffer;

  beforeEach(async () => {
    admin = await new DataSource({ type: 'postgres', url: testDatabaseUrl() }).initialize();
    name = `pooled_${process.pid}_${Date.now().toString(36)}`;
    await admin.query(`CREATE DATABASE "${name}"`);
    const url = Object.assign(new URL(testDatabaseUrl()), { pathname: `/${name}` }).href;
    pooler = await PgBouncer.start(url);
    host = await new DataSource({
      type: 'postgres',
      url: pooler.url,
      entities: SCRIPTS_EVENT_ENTITIES,
      migrations: SCRIPTS_EVENT_MIGRATIONS,
    }).initialize();
    await host.runMigrations();
    node = new GraphileWorkerEventBuffer(new TypeOrmDurableDatabase(host), {
      workerCount: 4,
      runsPerScript: () => 4,
      pollMs: 100,
    });
  });

  afterEach(async () => {
    await node.stop(5_000);
    await host.destroy();
    await pooler.stop();
    await admin.query(`DROP DATABASE "${name}" WITH (FORCE)`);
    await admin.destroy();
  });

  it('runs every event once and in order, with one warning that names the option to set', async () => {
    const warnings = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const ran: string[] = [];
    await node.start(async ({ id }) => void ran.push(id));
    const ids = Array.from({ length: EVENTS }, (_, n) => `event-${n}`);
    for (const eventId of ids) {
      const ordering = { key: 'a', onFailure: 'skip' as const };
      await node.enqueueIn(host.manager, [
        queuedEvent({ id: eventId }),
        queuedEvent({ id: `ordered-${eventId}`, scriptId: 'ordered', ordering }),
      ]);
    }
    await waitFor('all ran', () => ran.length >= 2 * EVENTS);
    expect(await node.drain(60_000)).toBe(true);
    expect(ran.toSorted()).toEqual([...ids, ...ids.map((id) => `ordered-${id}`)].toSorted());
    const ordered = ran.filter((id) => id.startsWith('ordered-'));
    expect(ordered).toEqual(ids.map((id) => `ordered-${id}`));
    expect(warnings.mock.calls.map(([line]) => String(line))).toEqual([
      expect.stringContaining('buffer.preparedStatements'),
    ]);
    expect(errors).not.toHaveBeenCalled();
    jest.restoreAllMocks();
  });
});
