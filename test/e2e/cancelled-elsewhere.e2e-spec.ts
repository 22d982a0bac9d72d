import {
  CancelUnconfirmedError,
  ExecutionNotRunningError,
  ExecutionService,
  ScriptBinding,
  type ScriptsEventModuleOptions,
} from '../../lib/index.js';
import { NodeChannel } from '../../lib/nodes/node-channel.js';
import type { TestSchema } from '../support/postgres.js';
import { onBothBuffers } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { durableHost } from './support/durable-host.js';
import { ADA, TestHost } from './support/test-host.js';

class Bindings {
  static entered = 0;

  @ScriptBinding('test.wait')
  wait(_input: unknown, { signal }: { signal: AbortSignal }): Promise<void> {
    Bindings.entered += 1;
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('cancelled')), { once: true });
    });
  }
}

type Start = (database?: TestSchema, options?: ScriptsEventModuleOptions) => Promise<TestHost>;
const memory: Start = (database, options = {}) =>
  TestHost.start({ ...(database ? { database } : {}), providers: [Bindings], options });
const durable: Start = (database, options = {}) => durableHost(options as object, database, [Bindings]);

const listening = (host: TestHost) =>
  waitFor('the process hears the others', () => host.get(NodeChannel).listening);

/** Two applications and a running execution. The first application is the one that does not run it. */
async function running(
  start: Start,
  options?: ScriptsEventModuleOptions,
): Promise<[TestHost, TestHost, string]> {
  const one = await start(undefined, options);
  const two = await start(one.database);
  await listening(two);
  await two.script('await test.wait();', { bindings: ['test.wait'] });
  const before = Bindings.entered;
  two.emit('user.created', { tenantId: 'acme', ...ADA });
  await waitFor('the script waits', () => Bindings.entered > before);
  const [here] = one.get(ExecutionService).listRunning('acme');
  const [there] = two.get(ExecutionService).listRunning('acme');
  // Any node may take the job of a durable buffer.
  return there ? [one, two, there.executionId] : [two, one, here?.executionId ?? ''];
}

const BUFFERS: [[string, Start], [string, Start]] = [
  ['in memory', memory],
  ['that is durable', durable],
];

describe.each(onBothBuffers(BUFFERS))('with a buffer %s,', (_buffer, start) => {
  it('an application cancels an execution that another one runs, and its dead letter names who did it', async () => {
    const [asks, runs, executionId] = await running(start);
    await listening(asks);
    await asks.get(ExecutionService).cancel('acme', executionId, { by: 'ada' });
    const letter = await runs.deadLetter('exhausted');
    expect(letter).toMatchObject({ errorKind: 'cancelled', error: 'Cancelled by ada', retryCount: 0 });
    await expect(
      asks.get(ExecutionService).cancel('acme', executionId, { by: 'ada' }),
    ).rejects.toBeInstanceOf(ExecutionNotRunningError);
  });
});

describe('an application that asks the others to cancel an execution', () => {
  it('gets the same answer for an execution of another tenant as for an unknown one, and does not end it', async () => {
    const [asks, runs, executionId] = await running(memory);
    await listening(asks);
    const cancel = (id: string) =>
      asks
        .get(ExecutionService)
        .cancel('beta', id, { by: 'ben' })
        .catch((error: Error) => error);
    const unknown = '00000000-0000-7000-8000-000000000000';
    const [foreign, none] = await Promise.all([cancel(executionId), cancel(unknown)]);
    expect(foreign).toBeInstanceOf(ExecutionNotRunningError);
    expect(none).toMatchObject({
      message: (foreign as Error).message.replace(executionId, unknown),
    });
    expect(runs.get(ExecutionService).listRunning('acme')).toMatchObject([{ executionId }]);
    await asks.get(ExecutionService).cancel('acme', executionId, { by: 'ada' });
  });

  it('throws CancelUnconfirmedError if it does not listen for the answer, although the execution ends', async () => {
    const [asks, runs, executionId] = await running(memory, { index: { listen: false } });
    expect(asks.get(NodeChannel).listening).toBe(false);
    await expect(
      asks.get(ExecutionService).cancel('acme', executionId, { by: 'ada' }),
    ).rejects.toBeInstanceOf(CancelUnconfirmedError);
    expect(await runs.deadLetter('exhausted')).toMatchObject({ error: 'Cancelled by ada' });
  });

  it('asks for at most ten executions of a tenant at a time', async () => {
    const one = await TestHost.start();
    await listening(one);
    const asked = Array.from({ length: 12 }, (_, n) =>
      one
        .get(ExecutionService)
        .cancel('acme', `00000000-0000-7000-8000-0000000000${n + 10}`, { by: 'ada' })
        .catch((error: Error) => error.constructor),
    );
    const answers = await Promise.all(asked);
    expect(answers.filter((error) => error === CancelUnconfirmedError)).toHaveLength(2);
    expect(answers.filter((error) => error === ExecutionNotRunningError)).toHaveLength(10);
  });

  it('ignores forged and malformed messages in the channel', async () => {
    const [asks, runs, executionId] = await running(memory);
    await listening(asks);
    const forged = [
      '{"from":"x","kind":"cancel"}',
      '{"from":"x","kind":"cancel","body":null}',
      '{"from":"x","kind":"__proto__","body":{}}',
      '{"from":"x","kind":"cancelled","body":{"request":{}}}',
      `{"from":"x","kind":"cancel","body":{"request":"${executionId}","tenantId":7,"executionId":"${executionId}","by":"m"}}`,
      `{"from":"x","kind":"cancel","body":{"request":"${executionId}","tenantId":"beta","executionId":"${executionId}","by":"m"}}`,
      '{',
      '[]',
      'null',
    ];
    await asks.get(NodeChannel).say(forged);
    await asks.get(ExecutionService).cancel('acme', executionId, { by: 'ada' });
    expect(await runs.deadLetter('exhausted')).toMatchObject({ error: 'Cancelled by ada' });
  });
});
