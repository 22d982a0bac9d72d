import {
  type BindingContext,
  InMemoryMetricsRecorder,
  ScriptBinding,
  type ScriptDeadLetterExhausted,
  ScriptEventPublisher,
} from '../../lib/index.js';
import { ScriptIndex } from '../../lib/scripts/script-index.js';
import { waitFor } from '../support/wait-for.js';
import { durableHost } from './support/durable-host.js';
import { ADA } from './support/test-host.js';

const EVENTS = 40;

describe('the retry workers of two applications with the durable buffer', () => {
  it('share many due dead letters: none runs twice at once or twice in one attempt, none is alerted twice', async () => {
    const under = new Set<string>();
    const attempts: string[] = [];
    let together = 0;
    class Runs {
      @ScriptBinding('runs.begin')
      begin(_input: unknown, { attempt, event }: BindingContext): null {
        if (under.has(event.id)) together += 1;
        under.add(event.id);
        attempts.push(`${event.id} ${attempt}`);
        return null;
      }

      @ScriptBinding('runs.end')
      end(_input: unknown, { event }: BindingContext): null {
        under.delete(event.id);
        return null;
      }
    }
    const options = { retry: { maxRetries: 2, batchSize: 3, concurrency: 2 }, breaker: { enabled: false } };
    const one = await durableHost(options, undefined, [Runs]);
    const two = await durableHost(options, one.database, [Runs]);
    const hosts = [one, two];
    const alerts = hosts.map((host) => host.heard<ScriptDeadLetterExhausted>('script.dead_letter.exhausted'));
    const script = await one.script(
      `await runs.begin({}); const end = Date.now() + 5; while (Date.now() < end);
       await runs.end({}); throw new Error('never');`,
      { bindings: ['runs.begin', 'runs.end'] },
    );
    await waitFor('the other application knows the script', () => two.get(ScriptIndex).get(script));
    for (let userId = 1; userId <= EVENTS; userId++) {
      const host = hosts[userId % 2]!;
      await host.get(ScriptEventPublisher).publish('user.created', { ...ADA, userId }, { tenantId: 'acme' });
    }

    await waitFor(
      'all are exhausted and alerted',
      async () => {
        const rows: { alerted: boolean }[] = await one.database.dataSource.query(
          `SELECT alerted_at IS NOT NULL AS alerted FROM dead_letter_queue WHERE status = 'exhausted'`,
        );
        return rows.length === EVENTS && rows.every(({ alerted }) => alerted);
      },
      60_000,
    );
    const retries = await Promise.all(hosts.map((host) => host.get(InMemoryMetricsRecorder).dlqMetrics()));
    await Promise.all(hosts.map((host) => host.close()));
    expect(together).toBe(0);
    expect(attempts).toHaveLength(3 * EVENTS);
    expect(new Set(attempts).size).toBe(3 * EVENTS);
    const alerted = alerts.flat().map(({ deadLetterId }) => deadLetterId);
    expect(alerted).toHaveLength(EVENTS);
    expect(new Set(alerted).size).toBe(EVENTS);
    const [byOne, byTwo] = retries.map(({ failedRetries }) => failedRetries);
    expect(byOne).toBeGreaterThan(0);
    expect(byTwo).toBeGreaterThan(0);
    expect(byOne! + byTwo!).toBe(2 * EVENTS);
  }, 90_000);
});
