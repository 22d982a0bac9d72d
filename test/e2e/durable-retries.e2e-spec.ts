import {
  type BindingContext,
  type DeadLetterAlert,
  InMemoryMetricsRecorder,
  ScriptBinding,
  DomainEventPublisher,
} from '../../lib/index.js';
import { ScriptIndex } from '../../lib/scripts/script-index.js';
import { FULL, itInFull } from '../support/test-form.js';
import { Gate, waitFor } from '../support/wait-for.js';
import { durableHost } from './support/durable-host.js';
import { ADA, type TestHost } from './support/test-host.js';
import { limitTests } from '../support/time-limits.js';

limitTests('long');

const EVENTS = FULL ? 40 : 12;

describe('the retry workers of two applications with the durable buffer', () => {
  // Only in the full form: test/integration/dead-letter/retry-workers-together.spec.ts proves the same without applications.
  itInFull(
    'share many due dead letters: each attempt runs once, no dead letter runs twice at the same time, and each has one alert',
    async () => {
      const under = new Set<string>();
      const attempts: string[] = [];
      let together = 0;
      const [both, retrying] = [new Gate(), new Set<string>()];
      const runsOf = (name: string) => {
        class Runs {
          @ScriptBinding('runs.begin')
          async begin(_input: unknown, { attempt, event }: BindingContext): Promise<void> {
            if (under.has(event.id)) together += 1;
            under.add(event.id);
            attempts.push(`${event.id} ${attempt}`);
            if (attempt === 1) return;
            // No run goes on before both applications retry, so that they share the work even if one of them is slow.
            if (retrying.add(name).size === 2) both.open();
            await both.opened;
          }

          @ScriptBinding('runs.end')
          end(_input: unknown, { event }: BindingContext): null {
            under.delete(event.id);
            return null;
          }
        }
        return Runs;
      };
      const options = {
        retry: { maxRetries: 2, batchSize: 3, concurrency: 2 },
        alerts: { interval: 0 },
        breaker: { enabled: false },
        sandbox: { maxProcesses: 2 },
      };
      const one = await durableHost(options, undefined, [runsOf('one')]);
      const two = await durableHost(options, one.database, [runsOf('two')]);
      const hosts = [one, two];
      const alerts = hosts.map((host) => host.heard<DeadLetterAlert>('script.dead_letter.exhausted'));
      const script = await one.script(
        `await runs.begin({}); const end = Date.now() + 5; while (Date.now() < end);
       await runs.end({}); throw new Error('never');`,
        { bindings: ['runs.begin', 'runs.end'] },
      );
      await waitFor('the other application knows the script', () => two.get(ScriptIndex).get(script));
      for (let userId = 1; userId <= EVENTS; userId++) {
        const host = hosts[userId % 2]!;
        await host
          .get(DomainEventPublisher)
          .publish('user.created', { ...ADA, userId }, { tenantId: 'acme' });
      }

      await waitFor('all are exhausted and alerted', async () => {
        const rows: { alerted: boolean }[] = await one.database.dataSource.query(
          `SELECT alerted_at IS NOT NULL AS alerted FROM dead_letter_queue WHERE status = 'exhausted'`,
        );
        return rows.length === EVENTS && rows.every(({ alerted }) => alerted);
      });
      const retriesOf = async (host: TestHost): Promise<number> =>
        (await host.get(InMemoryMetricsRecorder).dlqMetrics()).failedRetries;
      // A retry is counted after its row is written, so others may see the row a moment earlier.
      const [byOne, byTwo] = await waitFor('all retries are counted', async () => {
        const retries = await Promise.all(hosts.map(retriesOf));
        return retries[0]! + retries[1]! >= 2 * EVENTS && retries;
      });
      await Promise.all(hosts.map((host) => host.close()));
      expect(together).toBe(0);
      expect(attempts).toHaveLength(3 * EVENTS);
      expect(new Set(attempts).size).toBe(3 * EVENTS);
      const told = alerts.flat();
      expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(EVENTS);
      expect(new Set(told.map(({ deadLetterId }) => deadLetterId)).size).toBe(told.length);
      expect(byOne).toBeGreaterThan(0);
      expect(byTwo).toBeGreaterThan(0);
      expect(byOne! + byTwo!).toBe(2 * EVENTS);
    },
  );
});
