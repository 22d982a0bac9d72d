import { Registry } from 'prom-client';
import { InMemoryMetricsRecorder } from '../../lib/index.js';
import { waitFor } from '../support/wait-for.js';
import { ADA, type DeadLetterRow, TestHost } from './support/test-host.js';

const SIZE = 5;
const EVENTS = 10 * SIZE;

const burst = (host: TestHost): void => {
  for (let userId = 1; userId <= EVENTS; userId++)
    host.emit('user.created', { ...ADA, tenantId: 'acme', userId });
};

const numbers = Array.from({ length: EVENTS }, (_, index) => index + 1);

describe('more events than the buffer holds', () => {
  it('are kept as dead letters, and the retry worker runs each of them once', async () => {
    const host = await TestHost.with({ buffer: { size: SIZE, workerCount: 2 } });
    const script = await host.script('return ctx.input.userId;');
    burst(host);

    const rows = await host.executed(EVENTS, script);
    expect(rows.map(({ result }) => Number(result)).toSorted((a, b) => a - b)).toEqual(numbers);
    await waitFor('all dead letters are resolved', async () =>
      (await host.deadLetters()).every(({ status }) => status === 'resolved'),
    );
    const kept = await host.deadLetters();
    expect(kept).toHaveLength(EVENTS - SIZE);
    // The events had never run, so the run by the retry worker is their first attempt and uses no retry.
    expect(kept.every(({ reason, retryCount }) => reason === 'overflow' && retryCount === 0)).toBe(true);
    expect(rows.every(({ attempt }) => attempt === 1)).toBe(true);
    expect(host.get(InMemoryMetricsRecorder).eventMetrics().droppedByReason).toEqual({
      overflow: EVENTS - SIZE,
    });
    await host.close();
    expect(await host.executions()).toHaveLength(EVENTS);
  });

  it('are either executed or kept as dead letters, each exactly once, while nothing retries', async () => {
    const host = await TestHost.with({ buffer: { size: SIZE, workerCount: 1 }, retry: { interval: '1h' } });
    await host.script('return ctx.input.userId;');
    burst(host);
    await host.close();
    const ran = (await host.executions()).map(({ result }) => Number(result));
    const kept = (await host.deadLetters()).map(({ payload }: DeadLetterRow) => Number(payload.userId));
    expect(kept).toHaveLength(EVENTS - SIZE);
    expect([...ran, ...kept].toSorted((a, b) => a - b)).toEqual(numbers);
  });

  it('are dropped and counted if the host has chosen that', async () => {
    const registry = new Registry();
    const host = await TestHost.with({
      buffer: { size: SIZE, workerCount: 1, overflow: 'drop' },
      metrics: { registry },
    });
    const script = await host.script('return ctx.input.userId;');
    burst(host);
    await host.executed(SIZE, script);
    await host.close();
    expect(await host.executions()).toHaveLength(SIZE);
    expect(await host.deadLetters()).toEqual([]);
    expect(await registry.metrics()).toContain(
      `scripts_events_dropped_total{reason="overflow"} ${EVENTS - SIZE}`,
    );
  });
});
