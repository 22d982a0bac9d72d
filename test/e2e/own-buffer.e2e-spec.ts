import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { InMemoryEventBuffer } from '../../lib/buffer/memory/in-memory.event-buffer.js';
import { type EnqueueResult, EventBuffer, type QueuedEvent, DomainEventPublisher } from '../../lib/index.js';
import { FakeClock } from '../../lib/testing/index.js';
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
      host.get(DomainEventPublisher).publish('user.created', ADA, { tenantId: 'acme', manager }),
    );
    host.emit('user.created', { ...ADA, tenantId: 'acme', userId: 8 });
    const results = (await host.executed(2, script)).map(({ result }) => result);
    expect(results.toSorted()).toEqual([7, 8]);
  });

  it('may be a class, which is one of the host’s providers with what it injects', async () => {
    const made: HostBuffer[] = [];
    @Injectable()
    class HostBuffer extends TableEventBuffer implements OnModuleInit {
      constructor(dataSource: DataSource, @Inject('worker count') workerCount: number) {
        super(dataSource, { workerCount, runsPerScript: 2 });
      }

      onModuleInit(): void {
        made.push(this);
      }
    }
    // Ready long after everything of the package: Nest hands out an empty object until then.
    const slow = {
      provide: 'worker count',
      inject: [DataSource],
      useFactory: async (dataSource: DataSource) => (await dataSource.query('SELECT pg_sleep(0.2)')) && 2,
    };
    const host = await TestHost.start({
      options: { buffer: { adapter: HostBuffer } },
      providers: [HostBuffer, slow],
    });
    expect(made).toHaveLength(1);
    const script = await host.script('return ctx.input.userId;');
    await host.get(DomainEventPublisher).publish('user.created', ADA, { tenantId: 'acme', eventId: 'one' });
    host.emit('user.created', { ...ADA, tenantId: 'acme', userId: 8 });
    const results = (await host.executed(2, script)).map(({ result }) => result);
    expect(results.toSorted()).toEqual([7, 8]);
  });

  it('in memory only is asked for as one: what it refuses is kept, and publish says what it lacks', async () => {
    class FullBuffer extends InMemoryEventBuffer {
      constructor() {
        super({ size: 1, workerCount: 1, runsPerScript: () => 1 }, new FakeClock());
      }

      override enqueue(events: readonly QueuedEvent[]): EnqueueResult {
        return { accepted: 0, overflowed: events };
      }
    }
    const host = await TestHost.start({
      options: { buffer: { adapter: FullBuffer } },
      providers: [FullBuffer],
    });
    const script = await host.script('return 1;');
    host.emit('user.created', { ...ADA, tenantId: 'acme' });
    expect(await host.deadLetter('resolved', script)).toMatchObject({ reason: 'overflow' });
    await expect(
      host.get(DomainEventPublisher).publish('user.created', ADA, { tenantId: 'acme', eventId: 'one' }),
    ).rejects.toMatchObject({ code: 'durable-buffer-required' });
  });

  it('that is no provider fails the start', async () => {
    class Nowhere extends TableEventBuffer {}
    await expect(TestHost.with({ buffer: { adapter: Nowhere } })).rejects.toThrow('Nowhere');
  });
});
