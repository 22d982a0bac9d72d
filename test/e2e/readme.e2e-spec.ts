import { EventEmitter2 } from '@nestjs/event-emitter';
import type { TestingModule } from '@nestjs/testing';
import { ExecutionService, ScriptService } from 'nestjs-scripts-event';
import { ExecutionSpy, waitUntilIdle } from 'nestjs-scripts-event/testing';
import { startApp } from '../support/app.builder.js';
import { createTestSchema } from '../support/postgres.js';
import { codeBlocks, readPage } from '../unit/docs/pages.js';

const blocks = codeBlocks(readPage('README.md'), 'ts').map(({ code }) => code);

/** The one block that contains a text. */
function blockWith(text: string): string {
  const found = blocks.filter((code) => code.includes(text));
  if (found.length !== 1) throw new Error(`README.md has ${found.length} blocks with ${text}`);
  return found[0] as string;
}

/** Runs a block of the README with the names it uses, and returns what `result` is then. */
const run = (code: string, scope: Record<string, unknown>, result = 'undefined'): Promise<unknown> => {
  const body = `return (async () => { ${code}\nreturn ${result}; })();`;
  return Function(...Object.keys(scope), body)(...Object.values(scope)) as Promise<unknown>;
};

/** What a comment says a value is: `{ a: 1, … }` names some of its fields. */
const claimed = (comment: string): object[] =>
  Function(`return ${comment.replace(/,\s*…/g, '')}`)() as object[];

describe("the README's example", () => {
  let app: TestingModule;
  beforeAll(async () => {
    app = await startApp({ database: await createTestSchema() });
  });
  afterAll(() => app.close());

  it('does what it says', async () => {
    const spy = ExecutionSpy.attach(app);
    const emitter = app.get(EventEmitter2);
    await run(blockWith('scripts.create('), { scripts: app.get(ScriptService) });
    await run(blockWith('emitter.emit('), { emitter });
    await spy.waitFor({ eventType: 'payment.created', status: 'completed' });

    const shown = blockWith('executions.list(');
    const [listed, logged] = [...shown.matchAll(/^\/\/ (\[.*\])$/gm)].map(([, comment]) =>
      claimed(comment as string),
    );
    const executions = app.get(ExecutionService);
    const items = (await run(shown, { executions }, 'items')) as { id: string; durationMs: number }[];
    const { durationMs: _machine, ...execution } = listed![0] as { durationMs: number };
    expect(items).toEqual([expect.objectContaining(execution)]);
    expect(items[0]?.durationMs).toBeGreaterThan(0);

    const { logs, result } = await executions.get('acme', (items[0] as { id: string }).id);
    expect(logs).toEqual(logged);
    expect(result).toBe('asked for a review');
    expect(await spy.waitForScriptEvent('payment.needs_review')).toMatchObject({
      payload: { paymentId: 17 },
    });
  });

  it('leaves a payment of 10,000 and one of another tenant alone', async () => {
    const spy = ExecutionSpy.attach(app);
    const emit = (tenantId: string, amount: number) =>
      app.get(EventEmitter2).emit('payment.created', { tenantId, paymentId: 18, amount, currency: 'EUR' });
    emit('acme', 10000);
    emit('globex', 12500);
    await waitUntilIdle(app);
    expect(spy.executions).toEqual([]);
  });
});
