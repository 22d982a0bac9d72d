import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, type ModuleMetadata } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { getDataSourceToken } from '@nestjs/typeorm';
import { ClsPluginTransactional, TransactionHost } from '@nestjs-cls/transactional';
import { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { ClsModule } from 'nestjs-cls';
import {
  AlertChannel,
  type BindingContext,
  DeadLetterService,
  type EnqueueResult,
  ExecutionService,
  HOST_EVENTS,
  MapDomainEvent,
  type ProcessQueuedEvent,
  type QueuedEvent,
  ScriptBinding,
  DomainEventPublisher,
  ScriptHealthService,
  TestRunService,
  type ScriptsEventModuleOptions,
} from '../../lib/index.js';
import { ScriptSandbox } from '../../lib/sandbox/index.js';
import { retryNow } from '../../lib/testing/index.js';
import { createTestSchema } from '../support/postgres.js';
import { TableEventBuffer } from '../support/table.event-buffer.js';
import { onBothBuffers } from '../support/test-form.js';
import { Gate, waitFor } from '../support/wait-for.js';
import { durableHost } from './support/durable-host.js';
import { ADA, TestHost } from './support/test-host.js';

interface HostParts {
  options?: ScriptsEventModuleOptions;
  providers?: ModuleMetadata['providers'];
  imports?: ModuleMetadata['imports'];
}

type Mode = [string, (parts: HostParts) => Promise<TestHost>];
const MODES: [Mode, Mode] = [
  ['memory', (parts) => TestHost.start(parts)],
  ['durable', ({ options, providers, imports }) => durableHost(options, undefined, providers, imports)],
];

const TENANTS = ['a', 'b', 'c'];
const requests = new AsyncLocalStorage<string>();

/** Records the store of the async context in which each part of the host's code was called. */
class Witness {
  private readonly seen = new Map<string, (string | undefined)[]>();

  note(way: string): void {
    this.seen.set(way, [...this.of(way), requests.getStore()]);
  }

  of(way: string): (string | undefined)[] {
    return this.seen.get(way) ?? [];
  }

  async taken(way: string, times = 1): Promise<void> {
    await waitFor(`${way} ${times} times`, () => this.of(way).length >= times);
  }

  get withStore(): string[] {
    return [...this.seen]
      .filter(([, stores]) => stores.some((store) => store !== undefined))
      .map(([way]) => way);
  }
}

/** All code of a host that the package calls while no request waits for it. */
function hostCode(witness: Witness) {
  @Injectable()
  class Bindings {
    @ScriptBinding('host.ask')
    async ask(): Promise<void> {
      witness.note('binding');
      await new Promise(setImmediate);
      witness.note('binding, after an await');
    }

    @ScriptBinding('host.enter')
    enter(): void {
      requests.enterWith('left behind');
    }

    // Long enough for the call to begin on a busy machine, because only a call that has begun can be aborted.
    @ScriptBinding('host.hang', { timeoutMs: 500 })
    hang(_input: unknown, { signal }: BindingContext): Promise<void> {
      signal.addEventListener('abort', () => witness.note('abort of a binding'));
      return new Promise(() => undefined);
    }
  }
  class Channel extends AlertChannel {
    async send(): Promise<void> {
      witness.note('alert channel');
    }

    override async sendScriptAlert(): Promise<void> {
      witness.note('alert channel, script');
    }
  }
  return { providers: [Bindings], channel: new Channel() };
}

const ASKS = `await host.enter(null); events.publish('x.y', {}); await host.ask(null);
  try { await host.hang(null); } catch {} return await host.ask(null);`;

describe.each(onBothBuffers(MODES))('the async context of a request, with the %s buffer,', (_mode, start) => {
  it('is not seen by any binding, listener or alert channel, by whichever path they are called', async () => {
    const witness = new Witness();
    const { providers, channel } = hostCode(witness);
    const bindings = ['host.ask', 'host.enter', 'host.hang'];
    // The application is started within a store, too, as by a test or a traced start.
    const host = await requests.run('start', () =>
      start({
        providers,
        options: {
          alerts: { channel },
          breaker: { maxFailures: 4 },
          retry: { maxRetries: 1 },
          sandbox: { maxProcesses: 6 },
        },
      }),
    );
    for (const name of Object.values(HOST_EVENTS)) host.get(EventEmitter2).on(name, () => witness.note(name));
    host.get(ScriptSandbox).subscribe(() => witness.note('sandbox listener'));
    const asking = new Map<string, string>();
    const failing = new Map<string, string>();
    for (const tenantId of TENANTS) {
      asking.set(tenantId, await host.script(ASKS, { tenantId, bindings }));
      failing.set(
        tenantId,
        await host.script(`throw new Error('no')`, { tenantId, eventTypes: ['user.deleted'] }),
      );
    }
    const asRequest = <T>(tenantId: string, fn: (tenantId: string) => T): T =>
      requests.run(tenantId, () => fn(tenantId));
    const inEach = (fn: (tenantId: string) => Promise<unknown>): Promise<unknown> =>
      Promise.all(TENANTS.map((tenantId) => asRequest(tenantId, fn)));

    // Events by both entries, more than there are workers, so that the end of one run begins another one.
    for (const type of ['user.created', 'user.deleted', 'user.created', 'user.deleted']) {
      for (const tenantId of TENANTS) asRequest(tenantId, () => host.emit(type, { ...ADA, tenantId }));
    }
    await inEach((tenantId) => host.get(DomainEventPublisher).publish('user.created', ADA, { tenantId }));
    await witness.taken(HOST_EVENTS.executionCompleted, 9);
    await witness.taken(HOST_EVENTS.executionFailed, 6);

    // Runs for which a caller waits.
    const awaited = await requests.run('a', async () => {
      await host.get(ExecutionService).execute(asking.get('a')!, {}, { tenantId: 'a' });
      const draft = { scriptId: asking.get('a')! };
      const event = { type: 'user.created' };
      const test = await host.get(TestRunService).run('a', draft, event, { bindings: 'call' });
      return [test.status, requests.getStore()];
    });
    expect(awaited).toEqual(['completed', 'a']);

    // A retry that one request starts runs the dead letters of all requests, and alerts follow.
    await waitFor('all have failed once', async () => (await host.deadLetters()).length === 6);
    await waitFor('all are exhausted', async () => {
      await requests.run('a', () => retryNow(host.app));
      return (await host.deadLetters()).every(({ status }) => status === 'exhausted' || status === 'pending');
    });
    await witness.taken('alert channel', 1);
    await witness.taken(HOST_EVENTS.deadLetterExhausted, 1);
    // A script is degraded, or disabled at once if its failures were counted together.
    await witness.taken('alert channel, script', 3);
    await waitFor('each failing script is in trouble', async () => {
      const health = host.get(ScriptHealthService);
      const states = await Promise.all(TENANTS.map((id) => health.get(id, failing.get(id)!)));
      return states.every(({ state }) => state !== 'healthy');
    });

    // The services that resume scripts and replay dead letters.
    await requests.run('b', () => host.get(DeadLetterService).replayMany('b', {}, { by: 'admin' }));
    await inEach(async (tenantId) => {
      const script = failing.get(tenantId)!;
      await host.get(ScriptHealthService).resume(tenantId, script, { by: 'admin', replay: 'failed' });
    });
    await requests.run('b', () => retryNow(host.app));
    await witness.taken(HOST_EVENTS.scriptResumed, 3);
    await witness.taken('alert channel, script', 6);

    await requests.run('c', () => host.close());
    await witness.taken('sandbox listener');
    expect(witness.of('binding').length).toBeGreaterThanOrEqual(22);
    expect(witness.of('abort of a binding').length).toBeGreaterThanOrEqual(11);
    expect(witness.withStore).toEqual([]);
  });

  it('is seen by mappers and resolvers, which are part of emit() and publish()', async () => {
    const witness = new Witness();
    @Injectable()
    class Mappers {
      @MapDomainEvent('order.shipped')
      toShipped(order: { id: number }) {
        witness.note('mapper');
        return { payload: { orderId: order.id } };
      }
    }
    const tenantResolver = () => (witness.note('tenant resolver'), requests.getStore());
    const actorResolver = () => (witness.note('actor resolver'), 'somebody');
    const host = await start({
      providers: [Mappers],
      options: { events: { tenantResolver, actorResolver } },
    });
    for (const tenantId of ['a', 'b']) {
      await host.script('return ctx.tenant.id', { tenantId, eventTypes: ['order.shipped'] });
    }
    requests.run('a', () => host.emit('order.shipped', { id: 1 }));
    await requests.run('b', () => host.get(DomainEventPublisher).publish('order.shipped', { id: 2 }));
    const rows = await host.executed(2);
    expect(rows.map(({ result }) => result).toSorted()).toEqual(['a', 'b']);
    for (const way of ['mapper', 'tenant resolver', 'actor resolver'])
      expect(witness.of(way)).toEqual(['a', 'b']);
  });

  it('does not pass its transaction of @nestjs-cls/transactional to a binding, which writes outside of that transaction', async () => {
    const allRun = new Gate();
    const done = new Gate();
    let running = 0;
    @Injectable()
    class Notes {
      constructor(private readonly transactions: TransactionHost<TransactionalAdapterTypeOrm>) {}

      @ScriptBinding('notes.add')
      async add(_input: unknown, { tenantId }: BindingContext): Promise<boolean> {
        // Each call comes from its own process, and all processes but the first are started while a request emits.
        if ((running += 1) === TENANTS.length) allRun.open();
        await allRun.opened;
        await this.transactions.tx.query('INSERT INTO notes VALUES ($1)', [tenantId]);
        return this.transactions.isTransactionActive();
      }
    }
    const cls = ClsModule.forRoot({
      plugins: [
        new ClsPluginTransactional({
          adapter: new TransactionalAdapterTypeOrm({ dataSourceToken: getDataSourceToken() }),
        }),
      ],
    });
    const options = { sandbox: { maxProcesses: 4 } };
    const host = await start({ providers: [Notes], imports: [cls], options });
    await host.database.dataSource.query('CREATE TABLE notes (tenant text)');
    const scripts = new Map<string, string>();
    for (const tenantId of TENANTS) {
      const source = 'return await notes.add(null)';
      scripts.set(tenantId, await host.script(source, { tenantId, bindings: ['notes.add'] }));
    }
    const transactions = host.get<TransactionHost<TransactionalAdapterTypeOrm>>(TransactionHost);
    const rolledBack = TENANTS.map((tenantId) =>
      transactions.withTransaction(async () => {
        host.emit('user.created', { ...ADA, tenantId });
        await done.opened;
        throw new Error('the request failed');
      }),
    );
    const ended = Promise.allSettled(rolledBack);
    const rows = await host.executed(TENANTS.length);
    done.open();
    await ended;
    expect(rows.map(({ status, result }) => [status, result])).toEqual(
      TENANTS.map(() => ['completed', false]),
    );
    const notes = await host.database.dataSource.query('SELECT tenant FROM notes ORDER BY tenant');
    expect(notes).toEqual(TENANTS.map((tenant) => ({ tenant })));
  });
});

describe('a buffer of the host', () => {
  it('gets events outside of any store, and bindings do not see a store in which it hands events on', async () => {
    const witness = new Witness();
    const { providers } = hostCode(witness);
    class WitnessBuffer extends TableEventBuffer {
      override start(process: ProcessQueuedEvent): Promise<void> {
        const inStore: ProcessQueuedEvent = (...delivery) =>
          requests.run('worker', () => process(...delivery));
        return super.start(inStore);
      }

      override enqueue(events: readonly QueuedEvent[]): EnqueueResult {
        witness.note('enqueue');
        return super.enqueue(events);
      }
    }
    const database = await createTestSchema();
    const adapter = new WitnessBuffer(database.dataSource, { workerCount: 2, runsPerScript: 2 });
    const host = await TestHost.start({ database, providers, options: { buffer: { adapter } } });
    const script = await host.script('await host.ask(null)', { bindings: ['host.ask'] });
    requests.run('a', () => host.emit('user.created', { ...ADA, tenantId: 'acme' }));
    await host.executed(1, script);
    expect(witness.of('enqueue')).toEqual([undefined]);
    expect(witness.of('binding')).toEqual([undefined]);
    expect(witness.withStore).toEqual([]);
  });
});
