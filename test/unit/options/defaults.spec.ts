import { sandboxOptions } from '../../../lib/module/providers/sandbox-options.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { ProcessLimits } from '../../../lib/sandbox/index.js';
import { RecordedMetrics } from '../../support/recorded-metrics.js';

const DAY = 24 * 60 * 60 * 1000;

describe('options that nobody sets', () => {
  const options = resolveOptions({}, {});

  it('have the values of the specification', () => {
    expect(options.buffer).toMatchObject({ size: 1000, workerCount: 10 });
    expect(options.retry).toMatchObject({
      maxRetries: 3,
      initialDelayMs: 60_000,
      maxDelayMs: 3_600_000,
      backoffFactor: 2,
    });
  });

  it('are all filled in, durations as milliseconds', () => {
    expect(options.sandbox).toMatchObject({ timeoutMs: 10_000, maxTimeoutMs: 60_000, memoryMb: 64 });
    expect(options.sandbox).toMatchObject({ maxMemoryMb: 256, maxProcessMemoryMb: 512, maxProcesses: 10 });
    expect(options.sandbox.keptMemoryMb).toBe(230);
    expect(options.retry).toMatchObject({ intervalMs: 10_000, leaseDurationMs: 120_000, jitter: 0.1 });
    expect(options.events).toMatchObject({
      maxDepth: 10,
      maxExecutionsPerRoot: 1000,
      onCycle: 'stop',
      types: {},
    });
    expect(options.index).toEqual({ pollIntervalMs: 800, listen: true, maxSourceBytes: 64 * 1024 * 1024 });
    expect(options.retention).toMatchObject({
      enabled: true,
      completedExecutionsMs: 30 * DAY,
      batchSize: 1000,
    });
    expect(options.retention).toMatchObject({
      failedExecutionsMs: 90 * DAY,
      exhaustedDeadLettersMs: Infinity,
    });
    expect(options.health).toEqual({
      maxQueueAgeMs: 60_000,
      maxQueueFill: 0.8,
      maxIndexAgeMs: 30_000,
      databaseTimeoutMs: 2_000,
    });
    expect(options.shutdownTimeoutMs).toBe(20_000);
    expect(options.sandbox).not.toHaveProperty('timeout');
  });

  it('raise no warning', () => {
    expect(options.warnings).toEqual([]);
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(options)).toBe(true);
    expect(Object.isFrozen(options.buffer)).toBe(true);
  });

  it('follow the options that they depend on', () => {
    const { health, sandbox } = resolveOptions(
      {
        index: { pollInterval: '1m' },
        buffer: { workerCount: 32 },
        sandbox: { timeout: '2m', memoryMb: 512 },
        retry: { leaseDuration: '5m' },
        shutdownTimeout: '3m',
      },
      {},
    );
    expect(sandbox).toMatchObject({
      maxTimeoutMs: 120_000,
      maxMemoryMb: 512,
      maxProcessMemoryMb: 576,
      keptMemoryMb: 275,
      maxProcesses: 32,
    });
    expect(health.maxIndexAgeMs).toBe(180_000);
  });

  it('grow with keptMemoryMb if they limit the memory of a process', () => {
    const { sandbox } = resolveOptions({ sandbox: { keptMemoryMb: 1_000 } }, {});
    expect(sandbox).toMatchObject({ maxProcessMemoryMb: 1_612, keptMemoryMb: 1_000 });
  });
});

describe('sandbox.maxProcessAge', () => {
  const maxAgeOf = (sandbox: object, env = {}) =>
    sandboxOptions(resolveOptions({ sandbox }, env), new RecordedMetrics()).processes?.maxAgeMs;

  it('is the maxAgeMs of the processes, which have the same default', () => {
    expect(maxAgeOf({ maxProcessAge: '5m' })).toBe(300_000);
    expect(maxAgeOf({}, { EVENT_SANDBOX_MAX_PROCESS_AGE: '1d' })).toBe(DAY);
    expect(maxAgeOf({})).toBe(new ProcessLimits().maxAgeMs);
  });
});
