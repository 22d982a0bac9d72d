import { Injectable } from '@nestjs/common';
import { ClsPluginTransactional, TransactionHost } from '@nestjs-cls/transactional';
import { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { ClsModule } from 'nestjs-cls';
import { DataSource } from 'typeorm';
import { getDataSourceToken } from '@nestjs/typeorm';
import { InMemoryMetricsRecorder, MapDomainEvent, DomainEventPublisher } from '../../lib/index.js';
import { itInFull } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { durableHost, jobs } from './support/durable-host.js';
import { ADA, sharedHost, TestHost } from './support/test-host.js';

const publisherOf = (host: TestHost): DomainEventPublisher => host.get(DomainEventPublisher);
const dataSourceOf = (host: TestHost): DataSource => host.get(DataSource);

/** Waits until a later event has run. An earlier one would have run by then. */
async function later(host: TestHost): Promise<void> {
  const script = await host.script('return "later";', { tenantId: 'later' });
  await publisherOf(host).publish('user.created', ADA, { tenantId: 'later' });
  await host.executed(1, script);
}

describe('publishing with the durable buffer', () => {
  @Injectable()
  class Mappers {
    @MapDomainEvent('order.shipped')
    toShipped(order: { id: number; shop: string }) {
      return { tenantId: order.shop, payload: { orderId: order.id } };
    }
  }
  const shared = sharedHost(() => durableHost({}, undefined, [Mappers]));

  it('within a transaction runs nothing before the commit, and every matching script after it', async () => {
    const host = shared();
    const scripts = [
      await host.script('return ctx.input.userId;'),
      await host.script('return ctx.actor.id;'),
    ];
    await host.script('return 0;', { filters: { userId: { gt: 100 } } });
    const runner = dataSourceOf(host).createQueryRunner();
    await runner.startTransaction();
    const published = await publisherOf(host).publish('user.created', ADA, {
      tenantId: 'acme',
      actorId: 'admin',
      manager: runner.manager,
    });
    expect(published).toEqual({
      eventId: expect.any(String),
      matched: 2,
      queued: 2,
      duplicates: 0,
      kept: 0,
    });
    await later(host);
    expect(await host.executions(scripts[0])).toEqual([]);
    await runner.commitTransaction();
    await runner.release();
    expect(await host.executed(1, scripts[0])).toMatchObject([{ eventId: published.eventId, result: 7 }]);
    expect(await host.executed(1, scripts[1])).toMatchObject([
      { eventId: published.eventId, result: 'admin' },
    ]);
  });

  it('within a transaction leaves nothing after a rollback', async () => {
    const host = shared();
    const script = await host.script('return 1;');
    const failing = dataSourceOf(host).transaction(async (manager) => {
      await publisherOf(host).publish('user.created', ADA, { tenantId: 'acme', manager, eventId: 'mine' });
      throw new Error('the business failed');
    });
    await expect(failing).rejects.toThrow('the business failed');
    await later(host);
    expect(await host.executions(script)).toEqual([]);
    expect(await host.database.dataSource.query('SELECT * FROM scripts_event_keys')).toEqual([]);
  });

  it('sends one statement for all scripts, and none when no script matches', async () => {
    const host = shared();
    await dataSourceOf(host).transaction(async (manager) => {
      const query = jest.spyOn(manager, 'query');
      const publish = () => publisherOf(host).publish('user.created', ADA, { tenantId: 'acme', manager });
      expect(await publish()).toMatchObject({ matched: 0, queued: 0 });
      await host.script('return 1;', { filters: { userId: 8 } });
      expect(await publish()).toMatchObject({ matched: 0, queued: 0 });
      expect(query).not.toHaveBeenCalled();
      await host.script('return 1;');
      await host.script('return 2;');
      expect(await publish()).toMatchObject({ matched: 2, queued: 2 });
      expect(query).toHaveBeenCalledTimes(1);
    });
  });

  it('accepts a query runner; without a transaction, the event is stored when the call resolves', async () => {
    const host = await durableHost({ buffer: { workerCount: 1 } });
    const script = await host.script('return ctx.input.userId;');
    const queryRunner = dataSourceOf(host).createQueryRunner();
    await queryRunner.startTransaction();
    await publisherOf(host).publish('user.created', ADA, { tenantId: 'acme', queryRunner });
    await queryRunner.commitTransaction();
    await queryRunner.release();
    await publisherOf(host).publish('user.created', { ...ADA, userId: 8 }, { tenantId: 'acme' });
    const stored = (await jobs(host)).length + (await host.executions(script)).length;
    expect(stored).toBeGreaterThanOrEqual(1);
    expect((await host.executed(2, script)).map(({ result }) => result)).toEqual([7, 8]);
  });

  // Only in the full form: "accepts an event id that the publisher sets once" of test/integration/durable/publish.spec.ts
  // proves the same.
  itInFull('accepts an event id that the publisher sets only once, over all nodes', async () => {
    const one = await durableHost();
    const two = await durableHost({}, one.database);
    const script = await one.script('return ctx.event.id;');
    const publish = (host: TestHost, tenantId = 'acme') =>
      dataSourceOf(host).transaction((manager) =>
        publisherOf(host).publish('user.created', ADA, { tenantId, manager, eventId: 'payment-17' }),
      );
    await waitFor('the other node knows the script', async () => {
      const { matched } = await publisherOf(two).publish('user.created', ADA, {
        tenantId: 'acme',
        eventId: 'probe',
      });
      return matched === 1;
    });
    expect(await publish(one)).toMatchObject({ eventId: 'payment-17', matched: 1, queued: 1, duplicates: 0 });
    expect(await publish(two)).toMatchObject({ eventId: 'payment-17', matched: 1, queued: 0, duplicates: 1 });
    const results = (await one.executed(2, script)).map(({ result }) => result);
    expect(results.toSorted()).toEqual(['payment-17', 'probe']);
    await later(one);
    expect(await one.executions(script)).toHaveLength(2);
  });

  it('passes only the declared fields to scripts, and uses the mapper of the type', async () => {
    const host = shared();
    const user = await host.script('return Object.keys(ctx.input).length;');
    const order = await host.script('return ctx.input;', { eventTypes: ['order.shipped'] });
    const secret: typeof ADA = Object.assign({ passwordHash: 'x' }, ADA);
    await publisherOf(host).publish('user.created', secret, { tenantId: 'acme' });
    await publisherOf(host).publish('order.shipped', { id: 5, shop: 'acme', secret: 'x' });
    expect(await host.executed(1, user)).toMatchObject([{ result: 4 }]);
    expect(await host.executed(1, order)).toMatchObject([{ result: { orderId: 5 } }]);
  });

  it('throws a typed error for an unknown type, a missing tenant, a large payload, a bad id, a closed transaction or an unknown option', async () => {
    const host = await durableHost({ events: { maxPayloadBytes: 300 } });
    await host.script('return 1;');
    const publisher = publisherOf(host);
    const { manager } = dataSourceOf(host);
    const tenantId = 'acme';
    const refusal = (reason: string) => ({ code: 'event-refused', reason });
    await expect(publisher.publish('order.unknown', {}, { tenantId })).rejects.toMatchObject(
      refusal('unknown-type'),
    );
    await expect(publisher.publish('user.created', ADA)).rejects.toMatchObject(refusal('no-tenant'));
    const large = { ...ADA, email: 'x'.repeat(300) };
    await expect(publisher.publish('user.created', large, { tenantId })).rejects.toMatchObject(
      refusal('too-large'),
    );
    for (const eventId of ['', ' ', 'x'.repeat(201), 'a\0b']) {
      await expect(publisher.publish('user.created', ADA, { tenantId, eventId })).rejects.toMatchObject(
        refusal('bad-id'),
      );
    }
    const queryRunner = dataSourceOf(host).createQueryRunner();
    for (const connection of [{ manager }, { queryRunner }, { manager: queryRunner.manager }]) {
      await expect(publisher.publish('user.created', ADA, { tenantId, ...connection })).rejects.toMatchObject(
        { code: 'transaction-required' },
      );
    }
    await queryRunner.release();
    await dataSourceOf(host).transaction(async (open) => {
      const misspelt: object = { tenantId, manger: open };
      await expect(publisher.publish('user.created', ADA, misspelt)).rejects.toMatchObject({
        code: 'unknown-publish-option',
        message: expect.stringContaining(
          'Unknown option "manger" of DomainEventPublisher.publish. Allowed: tenantId, manager',
        ),
      });
    });
    expect(host.get(InMemoryMetricsRecorder).eventMetrics().droppedByReason).toEqual({
      invalid: 5,
      no_tenant: 1,
      too_large: 1,
    });
  });

  // Only in the full form: "throws once the application stops" of test/integration/durable/publish.spec.ts proves the same.
  itInFull(
    'throws while the application stops, so that the caller’s transaction fails and no event is lost',
    async () => {
      const host = await durableHost();
      await host.script('return 1;');
      await host.close();
      await expect(
        publisherOf(host).publish('user.created', ADA, { tenantId: 'acme' }),
      ).rejects.toMatchObject({
        code: 'event-buffer-closed',
        retryable: true,
      });
    },
  );

  it('uses the transaction of @nestjs-cls/transactional', async () => {
    const cls = ClsModule.forRoot({
      plugins: [
        new ClsPluginTransactional({
          adapter: new TransactionalAdapterTypeOrm({ dataSourceToken: getDataSourceToken() }),
        }),
      ],
    });
    const app = await durableHost({}, undefined, [], [cls]);
    const script = await app.script('return 1;');
    const transactions = app.get<TransactionHost<TransactionalAdapterTypeOrm>>(TransactionHost);
    const publish = () =>
      publisherOf(app).publish('user.created', ADA, { tenantId: 'acme', manager: transactions.tx });
    const rolledBack = transactions.withTransaction(async () => {
      await publish();
      throw new Error('rolled back');
    });
    await expect(rolledBack).rejects.toThrow('rolled back');
    const { eventId } = await transactions.withTransaction(publish);
    expect(await app.executed(1, script)).toMatchObject([{ eventId }]);
    await expect(publish()).rejects.toMatchObject({ code: 'transaction-required' });
    await later(app);
    expect(await app.executions(script)).toHaveLength(1);
  });
});

describe('publishing with the memory buffer', () => {
  const shared = sharedHost();

  it('queues the event at once', async () => {
    const host = shared();
    const script = await host.script('return ctx.input.userId;');
    const published = await publisherOf(host).publish('user.created', ADA, { tenantId: 'acme' });
    expect(published).toMatchObject({ matched: 1, queued: 1, duplicates: 0, kept: 0 });
    expect(await host.executed(1, script)).toMatchObject([{ eventId: published.eventId, result: 7 }]);
  });

  it('returns how many events became dead letters because the buffer was full', async () => {
    const host = await TestHost.with({ buffer: { size: 1, workerCount: 1 } });
    for (let i = 0; i < 3; i++) await host.script('return 1;');
    const published = await publisherOf(host).publish('user.created', ADA, { tenantId: 'acme' });
    expect(published).toMatchObject({ matched: 3, queued: 1, kept: 2 });
  });

  it('refuses a transaction and an event id, which need the durable buffer', async () => {
    const host = shared();
    const refused = { code: 'durable-buffer-required', message: expect.stringContaining('graphile-worker') };
    await dataSourceOf(host).transaction(async (manager) => {
      const publish = publisherOf(host).publish('user.created', ADA, { tenantId: 'acme', manager });
      await expect(publish).rejects.toMatchObject(refused);
    });
    const publish = publisherOf(host).publish('user.created', ADA, { tenantId: 'acme', eventId: '1' });
    await expect(publish).rejects.toMatchObject(refused);
  });
});
