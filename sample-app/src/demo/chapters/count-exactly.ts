import type { ExecutionRecord, StoreEntry } from 'nestjs-scripts-event';
import type { DemoContext } from '../demo.context.js';
import type { Facts } from '../differences.js';
import { readAll, type OverHttp } from '../story.js';
import type { Cell } from '../terminal.js';

const PAYMENT_COUNT = 'Payment count';

/** Chapter: a run that fails after it has counted stores no count, and its retry counts once. */
export async function showCount(context: DemoContext): Promise<void> {
  const { terminal } = context;
  terminal.chapter('A counter that survives a failing run exactly');
  terminal.line(
    `  "${PAYMENT_COUNT}" begins with store.tenant.increment('payments'). For a large payment, its first run then fails:`,
  );
  const records = await recordsOf(context);
  terminal.table(
    records.map(({ status, attempt, trigger, result, errorMessage }): Cell[] => [
      [PAYMENT_COUNT, 'name'],
      [status, status === 'completed' ? 'good' : 'bad'],
      `attempt ${attempt} (${trigger})`,
      status === 'completed' ? `counted: ${JSON.stringify(result)}` : ['counted nothing', 'doubt'],
      [errorMessage ?? '', 'bad'],
    ]),
  );
  terminal.line(`  ${records.length} runs for 2 payments: `, [
    `GET /store/payments → ${String(await storedOf(context, 'payments'))}`,
    'good',
  ]);
}

/** The counters in the store. */
export async function countFacts(context: DemoContext): Promise<Facts> {
  return {
    payments: await storedOf(context, 'payments'),
    'their sum': await storedOf(context, 'payments: sum'),
  };
}

async function storedOf({ acme }: DemoContext, key: string): Promise<number> {
  const { value } = await acme.api.call<StoreEntry>('GET', `/store/${encodeURIComponent(key)}`);
  return value as number;
}

/** The executions, in the order in which they ran. */
async function recordsOf({ acme }: DemoContext): Promise<OverHttp<ExecutionRecord>[]> {
  const script = acme.scripts.find(({ name }) => name === PAYMENT_COUNT);
  const all = await readAll<OverHttp<ExecutionRecord>>(acme.api, `/executions`);
  const own = all.filter(({ scriptId }) => scriptId === script?.id).toReversed();
  return Promise.all(
    own.map(({ id }) => acme.api.call<OverHttp<ExecutionRecord>>('GET', `/executions/${id}`)),
  );
}
