import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { InMemoryEventBuffer } from '../../lib/buffer/memory/in-memory.event-buffer.js';
import { type EnqueueResult, EventBuffer, type QueuedEvent, DomainEventPublisher } from '../../lib/index.js';
import { FakeClock } from '../../lib/testing/index.js';
import { createTestSchema } from '../support/postgres.js';
import { TableEventBuffer } from '../support/table.event-buffer.js';
import { ADA, TestHost } from './support/test-host.js';

class FullBuffer extends InMemoryEventBuffer {
  constructor() {
    super({ size: 1, workerCount: 1, runsPerScript: () => 1 }, new FakeClock());
  }

  override enqueue(events: readonly QueuedEvent[]): EnqueueResult {
    return { accepted: 0, overflowed: events };
  }
}

describe('a buffer of the host', () => {
  it('replaces the built-in ones, for events of the emitter and of publish()', async () => {
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

  it('may be a class that is a provider of the host, with its own dependencies', async () => {
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
    // This provider is ready long after those of the package. Until then, Nest injects an empty object.
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

  it('that is not durable is used as such: events that it refuses become dead letters, and publish() refuses an event id', async () => {
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

  it('counts as durable even when its class comes from another copy of the package', async () => {
    const database = await createTestSchema();
    let Copy!: typeof TableEventBuffer;
    jest.isolateModules(() => {
      const path = '../support/table.event-buffer.js';
      Copy = jest.requireActual<typeof import('../support/table.event-buffer.js')>(path).TableEventBuffer;
    });
    const adapter = new Copy(database.dataSource, { workerCount: 2, runsPerScript: 2 });
    expect(adapter).not.toBeInstanceOf(EventBuffer);
    const host = await TestHost.start({ database, options: { buffer: { adapter } } });
    const script = await host.script('return ctx.input.userId;');
    const receipt = await host
      .get(DomainEventPublisher)
      .publish('user.created', ADA, { tenantId: 'acme', eventId: 'one' });
    expect(receipt).toMatchObject({ queued: 1, kept: 0 });
    expect(await host.executed(1, script)).toMatchObject([{ result: 7 }]);
  });

  it('says whether it keeps order; if it does not, scripts with an ordering key are refused', async () => {
    class Unordered extends TableEventBuffer {
      constructor() {
        super({ query: async () => [] } as never, { workerCount: 1, runsPerScript: 1 });
      }
    }
    class Ordered extends Unordered {
      override readonly keepsOrder = true;
    }
    const ordered = { orderingKey: 'userId' };
    const hostOf = (adapter: typeof Unordered) =>
      TestHost.start({ options: { buffer: { adapter } }, providers: [adapter] });
    await expect((await hostOf(Ordered)).script('return 1;', ordered)).resolves.toEqual(expect.any(String));
    await expect((await hostOf(Unordered)).script('return 1;', ordered)).rejects.toMatchObject({
      issues: [expect.objectContaining({ path: 'orderingKey', code: 'unsupported' })],
    });
  });

  it('makes the start fail when it says that it is durable but lacks the methods, as an instance and as a class', async () => {
    class Claims extends FullBuffer {}
    Object.defineProperty(Claims.prototype, 'durable', { value: true });
    const refusal = { code: 'event-buffer-invalid', message: expect.stringContaining('Claims sets durable') };
    await expect(TestHost.with({ buffer: { adapter: new Claims() } })).rejects.toMatchObject(refusal);
    await expect(
      TestHost.start({ options: { buffer: { adapter: Claims } }, providers: [Claims] }),
    ).rejects.toMatchObject(refusal);
  });

  it('makes the start fail when it is a class that no module provides', async () => {
    class Nowhere extends TableEventBuffer {}
    await expect(TestHost.with({ buffer: { adapter: Nowhere } })).rejects.toThrow('Nowhere');
  });
});
