import { EventEmitter2 } from '@nestjs/event-emitter';
import { DeadLetterService, ExecutionService, ScriptService } from '../../lib/index.js';
import { waitFor } from '../support/wait-for.js';
import { ADA, sharedHost } from './support/test-host.js';

describe('an event', () => {
  const host = sharedHost();
  const app = { get: <T>(type: abstract new (...args: never[]) => T): T => host().get(type) };

  const emit = (type: string, event: object) => app.get(EventEmitter2).emit(type, event);
  const create = (tenantId: string, name: string, eventType: string, source: string, filters?: object) =>
    app.get(ScriptService).create(tenantId, {
      name,
      eventTypes: [eventType],
      source,
      filters: filters as never,
      active: true,
    });
  const executionsOf = async (tenantId: string, scriptId: string) =>
    (await app.get(ExecutionService).list(tenantId, { scriptId })).items;
  const executed = (tenantId: string, scriptId: string, count = 1) =>
    waitFor(`${count} executions are recorded`, async () => {
      const items = await executionsOf(tenantId, scriptId);
      return items.length >= count && items;
    });

  it("runs the script of the specification's scenario once, which logs the e-mail of user.created", async () => {
    const source = `sdk.log.info('User created', { email: ctx.input.email });`;
    const welcome = await create('acme', 'User Welcome', 'user.created', source);
    emit('user.created', { tenantId: 'acme', ...ADA, passwordHash: 'never leaves the host' });

    await executed('acme', welcome.id);
    await host().idle(); // By now, a second execution would be recorded.
    await host().executions();
    const rows = await host().database.dataSource.query(
      `SELECT status, logs, event_type FROM script_executions`,
    );
    expect(rows).toEqual([
      {
        status: 'completed',
        event_type: 'user.created',
        logs: [
          expect.objectContaining({ level: 'info', message: 'User created', data: { email: ADA.email } }),
        ],
      },
    ]);
  });

  it('reaches a script with only its declared fields', async () => {
    const script = await create('acme', 'keys', 'user.created', 'return Object.keys(ctx.input).sort();');
    emit('user.created', { tenantId: 'acme', ...ADA, passwordHash: 'secret' });
    const { id } = (await executed('acme', script.id))[0]!;
    expect((await app.get(ExecutionService).get('acme', id)).result).toEqual(Object.keys(ADA).toSorted());
  });

  it('runs only the scripts whose filter matches', async () => {
    const large = await create('acme', 'large', 'payment.created', 'return 1;', { amount: { gt: 10000 } });
    const all = await create('acme', 'all', 'payment.created', 'return 1;');
    emit('payment.created', { tenantId: 'acme', paymentId: 1, amount: 10000, currency: 'EUR' });
    emit('payment.created', { tenantId: 'acme', paymentId: 2, amount: '10000.01', currency: 'EUR' });
    await executed('acme', all.id, 2);
    await host().idle();
    expect(await host().executions(large.id)).toHaveLength(1);
  });

  it('runs no script of another tenant, and another tenant reads no execution of it', async () => {
    const theirs = await create('globex', 'theirs', 'user.created', 'return 1;');
    const ours = await create('acme', 'ours', 'user.created', 'return 1;');
    emit('user.created', { tenantId: 'acme', ...ADA });
    const { id } = (await executed('acme', ours.id))[0]!;
    expect(await executionsOf('globex', theirs.id)).toEqual([]);
    await expect(app.get(ExecutionService).get('globex', id)).rejects.toMatchObject({
      code: 'execution-not-found',
    });
    await expect(
      app.get(ExecutionService).execute(ours.id, {}, { tenantId: 'globex' }),
    ).rejects.toMatchObject({
      code: 'script-not-found',
    });
  });

  it('becomes a dead letter when its script fails, and the retry worker completes it', async () => {
    const flaky = await create(
      'acme',
      'flaky',
      'user.created',
      `if (ctx.execution.attempt === 1) throw new Error('not yet');\nreturn 'done';`,
    );
    emit('user.created', { tenantId: 'acme', ...ADA });
    const executions = await executed('acme', flaky.id, 2);
    expect(executions.map(({ status, attempt, trigger }) => ({ status, attempt, trigger }))).toEqual([
      { status: 'completed', attempt: 2, trigger: 'retry' },
      { status: 'failed', attempt: 1, trigger: 'event' },
    ]);
    await waitFor('the dead letter is resolved', async () => {
      const { items } = await app.get(DeadLetterService).list('acme', { status: 'resolved' });
      return items.length === 1;
    });
  });

  it('that a script publishes reaches another script of the tenant, and the host', async () => {
    const heard = host().heard('script.event');
    await create(
      'acme',
      'asks',
      'user.created',
      `events.publish('welcome.requested', { to: ctx.input.email });`,
    );
    const sends = await create(
      'acme',
      'sends',
      'welcome.requested',
      'return [ctx.input.to, ctx.event.depth];',
    );
    const other = await create('globex', 'spies', 'welcome.requested', 'return 1;');
    emit('user.created', { tenantId: 'acme', ...ADA });
    const { id } = (await executed('acme', sends.id))[0]!;
    expect((await app.get(ExecutionService).get('acme', id)).result).toEqual([ADA.email, 1]);
    expect(heard).toEqual([
      expect.objectContaining({ type: 'welcome.requested', tenantId: 'acme', payload: { to: ADA.email } }),
    ]);
    expect(await executionsOf('globex', other.id)).toEqual([]);
  });
});
