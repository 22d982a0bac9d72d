import { Registry } from 'prom-client';
import { InMemoryMetricsRecorder } from '../../lib/index.js';
import { ADA, sharedHost, TestHost } from './support/test-host.js';

const cyclic: Record<string, unknown> = { nested: {} };
(cyclic.nested as Record<string, unknown>).self = cyclic;

const REFUSED: [what: string, event: unknown, reason: string][] = [
  ['without a tenant', ADA, 'no_tenant'],
  ['whose tenant is empty', { ...ADA, tenantId: '' }, 'no_tenant'],
  ['whose tenant is an object', { ...ADA, tenantId: { id: 'acme' } }, 'no_tenant'],
  ['that is text', 'ada@example.com', 'invalid'],
  ['that is nothing at all', undefined, 'invalid'],
  ['that is a list', [{ ...ADA, tenantId: 'acme' }], 'invalid'],
  ['with a cyclic field', { ...ADA, tenantId: 'acme', email: cyclic }, 'invalid'],
  ['with a BigInt', { ...ADA, tenantId: 'acme', userId: 7n }, 'invalid'],
  [
    'with a getter that throws',
    {
      tenantId: 'acme',
      get email() {
        throw new Error('no');
      },
    },
    'invalid',
  ],
  ['over 256 KiB', { ...ADA, tenantId: 'acme', firstName: 'x'.repeat(256 * 1024) }, 'too_large'],
];

describe('capture of invalid events', () => {
  const registry = new Registry();
  const shared = sharedHost(() => TestHost.with({ metrics: { registry } }));

  /** How many events were dropped for a reason, according to both kinds of metrics. */
  const dropped = async (reason: string): Promise<number[]> => {
    const counted = shared().get(InMemoryMetricsRecorder).eventMetrics().droppedByReason as Record<
      string,
      number
    >;
    const line = new RegExp(`^scripts_events_dropped_total\\{reason="${reason}"\\} (\\d+)$`, 'm');
    return [counted[reason] ?? 0, Number(line.exec(await registry.metrics())?.[1] ?? 0)];
  };

  it.each(REFUSED)(
    'drops and counts an event %s; emit() does not throw, and the next event runs',
    async (_what, event, reason) => {
      const host = shared();
      const { eventsReceived, eventsDropped } = host.get(InMemoryMetricsRecorder).eventMetrics();
      const before = await dropped(reason);
      const script = await host.script('return ctx.input.email;');

      expect(() => host.emit('user.created', event)).not.toThrow();
      host.emit('user.created', { ...ADA, tenantId: 'acme' });

      const rows = await host.executed(1, script);
      expect(rows.map(({ result }) => result)).toEqual([ADA.email]);
      expect(host.get(InMemoryMetricsRecorder).eventMetrics()).toMatchObject({
        eventsReceived: eventsReceived + 2,
        eventsDropped: eventsDropped + 1,
      });
      expect(await dropped(reason)).toEqual(before.map((count) => count + 1));
      await host.idle();
      expect(await host.executions()).toHaveLength(1);
      expect(await host.deadLetters()).toEqual([]);
    },
  );

  it('accepts a payload of exactly 256 KiB', async () => {
    const host = shared();
    const script = await host.script('return ctx.input.firstName.length;');
    const rest = JSON.stringify({ ...ADA, firstName: '' }).length;
    host.emit('user.created', { ...ADA, tenantId: 'acme', firstName: 'x'.repeat(256 * 1024 - rest) });
    const [row] = await host.executed(1, script);
    expect(row).toMatchObject({ status: 'completed', result: 256 * 1024 - rest });
  });

  it('needs no tenant in events if the options name a single tenant', async () => {
    const host = await TestHost.with({ events: { defaultTenantId: 'acme' } });
    const script = await host.script('return ctx.tenant.id;');
    host.emit('user.created', ADA);
    expect(await host.executed(1, script)).toMatchObject([{ tenantId: 'acme', result: 'acme' }]);
  });
});
