import { EventBuffer, ScriptEventPublisher } from '../../lib/index.js';
import { createTestSchema } from '../support/postgres.js';
import { TableEventBuffer } from '../support/table.event-buffer.js';
import { ADA, TestHost } from './support/test-host.js';

describe('a buffer of the host', () => {
  it('takes the place of the built-in ones, with the promise of publish', async () => {
    const database = await createTestSchema();
    const adapter = new TableEventBuffer(database.dataSource, { workerCount: 2, runsPerScript: 2 });
    const host = await TestHost.start({ database, options: { buffer: { adapter } } });
    expect(host.get(EventBuffer)).toBe(adapter);
    const script = await host.script('return ctx.input.userId;');
    await database.dataSource.transaction((manager) =>
      host.get(ScriptEventPublisher).publish('user.created', ADA, { tenantId: 'acme', manager }),
    );
    host.emit('user.created', { ...ADA, tenantId: 'acme', userId: 8 });
    const results = (await host.executed(2, script)).map(({ result }) => result);
    expect(results.toSorted()).toEqual([7, 8]);
  });
});
