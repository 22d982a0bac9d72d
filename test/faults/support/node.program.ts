import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
import { ScheduleModule } from '@nestjs/schedule';
import { TypeOrmModule } from '@nestjs/typeorm';
import { IsInt } from 'class-validator';
import { DataSource } from 'typeorm';
import type { BindingContext } from '../../../lib/index.js';
import { serve, setupOf } from '../../support/serve';
import type { Commands, NodeSetup } from './node.protocol';

// Loads the built package, as an application does, because sandbox processes can't run TypeScript.
const {
  EventBuffer,
  ScriptBinding,
  DomainEventPublisher,
  ScriptHealthService,
  ScriptService,
  ScriptsEventModule,
} = require('../../../dist/lib/index.js') as typeof import('../../../lib/index.js');

const { ScriptIndex } =
  require('../../../dist/lib/scripts/script-index.js') as typeof import('../../../lib/scripts/script-index.js');

/** Milliseconds between two queries whether runs are still held. Each waiting run sends its own. */
const HELD_LOOK_MS = 100;

const setup = setupOf<NodeSetup>();

class Ran {
  @IsInt()
  n!: number;
}

/** Records each run on a connection of its own, so that no transaction of the run can undo it. */
class LedgerBindings {
  @ScriptBinding('ledger.ran', { input: Ran })
  async ran({ n }: Ran, context: BindingContext): Promise<void> {
    await ledger().query('INSERT INTO ledger_ran (n, execution_id, attempt, pid) VALUES ($1, $2, $3, $4)', [
      n,
      context.executionId,
      context.attempt,
      process.pid,
    ]);
  }

  /** An effect outside of the package: inserts a row for each call. */
  @ScriptBinding('ledger.act', { input: Ran })
  async act({ n }: Ran, { executionId, fencingToken }: BindingContext): Promise<void> {
    await ledger().query('INSERT INTO ledger_acts (n, execution_id, token, pid) VALUES ($1, $2, $3, $4)', [
      n,
      executionId,
      fencingToken,
      process.pid,
    ]);
  }

  /** Changes a row that refuses older tokens, once runs are no longer held. Ignores the abort of its run. */
  @ScriptBinding('ledger.fenced', { input: Ran })
  async fenced({ n }: Ran, { fencingToken }: BindingContext): Promise<boolean> {
    await ledger().query('INSERT INTO ledger_tries (n, token, pid) VALUES ($1, $2, $3)', [
      n,
      fencingToken,
      process.pid,
    ]);
    while ((await ledger().query('SELECT FROM ledger_held')).length > 0) await sleep(HELD_LOOK_MS);
    const [changed] = (await ledger().query(
      `WITH changed AS (UPDATE ledger_fenced SET n = $1, token = $2, changes = changes + 1 WHERE token <= $2 RETURNING 1),
        refused AS (INSERT INTO ledger_refused (n, token, pid) SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM changed))
      SELECT EXISTS (SELECT FROM changed) AS done`,
      [n, fencingToken, process.pid],
    )) as [{ done: boolean }];
    return changed.done;
  }

  /** Waits for as long as the ledger holds runs. */
  @ScriptBinding('ledger.pass')
  async pass(_input: unknown, { signal }: BindingContext): Promise<void> {
    while (!signal.aborted && (await ledger().query('SELECT FROM ledger_held')).length > 0)
      await sleep(HELD_LOOK_MS);
  }
}

@Module({
  imports: [
    EventEmitterModule.forRoot(),
    ScheduleModule.forRoot(),
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: setup.url,
      schema: setup.schema,
      autoLoadEntities: true,
      retryAttempts: 0,
      connectTimeoutMS: 2_000,
      extra: { options: `-c search_path=${setup.schema}`, max: 10 },
    }),
    ScriptsEventModule.forRoot({ ...setup.options, metrics: { prometheus: false } }),
  ],
  providers: [LedgerBindings],
})
class NodeModule {}

let ledger: () => DataSource = () => {
  throw new Error('the node has not started');
};

void serve<Commands>(async () => {
  const app = await NestFactory.createApplicationContext(NodeModule, { logger: ['warn', 'error', 'log'] });
  app.enableShutdownHooks();
  ledger = () => app.get(DataSource);
  const wallClock = Date.now.bind(Date);

  const publishOne = async (
    tenantId: string,
    n: number,
    rollBack: boolean,
    email = `client-${n}@example.com`,
  ): Promise<void> => {
    await app.get(DataSource).transaction(async (manager) => {
      await manager.query('INSERT INTO ledger_published (tenant_id, n) VALUES ($1, $2)', [tenantId, n]);
      const payload = { clientId: n, name: `Client ${n}`, email };
      await app.get(DomainEventPublisher).publish('client.created', payload, { tenantId, manager });
      if (rollBack) throw new RolledBack();
    });
  };

  return {
    script: async ({ tenantId, script }) => (await app.get(ScriptService).create(tenantId, script)).id,
    knows: async ({ scriptId }) => app.get(ScriptIndex).get(scriptId) !== undefined,
    publish: async ({ tenantId, from, count, parallel, rollBackEvery, email }) => {
      let next = from;
      let failed = 0;
      const publisher = async (): Promise<void> => {
        for (let n = next++; n < from + count; n = next++) {
          const rollBack = rollBackEvery !== undefined && n % rollBackEvery === 0;
          await publishOne(tenantId, n, rollBack, email).catch(
            (error: unknown) => (failed += error instanceof RolledBack ? 0 : 1),
          );
        }
      };
      await Promise.all(Array.from({ length: parallel }, publisher));
      return { failed };
    },
    emit: async ({ tenantId, from, count }) => {
      for (let n = from; n < from + count; n++) {
        const event = { tenantId, clientId: n, name: `Client ${n}`, email: `client-${n}@example.com` };
        app.get(EventEmitter2).emit('client.created', event);
      }
      return null;
    },
    jump: async ({ ms }) => {
      Date.now = () => wallClock() + ms;
      return null;
    },
    resume: async ({ tenantId, scriptId }) => {
      await app.get(ScriptHealthService).resume(tenantId, scriptId, { by: 'fault test', replay: 'failed' });
      return null;
    },
    stats: async () => {
      const { depth, busy } = app.get(EventBuffer).stats();
      return { depth, busy };
    },
  };
});

class RolledBack extends Error {}
