import type { Duration } from '../../../lib/common/duration.js';
import { ScriptsEventOptionsError } from '../../../lib/options/options.errors.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import type { ScriptsEventModuleOptions } from '../../../lib/options/scripts-event.options.js';

function refusal(options: unknown): ScriptsEventOptionsError {
  try {
    resolveOptions(options as never, {});
  } catch (error) {
    if (error instanceof ScriptsEventOptionsError) return error;
    throw error;
  }
  throw new Error('the options were accepted');
}

describe('an option out of range or of the wrong type', () => {
  const type = { fields: ['id'] };
  it.each<[string, unknown]>([
    ['buffer.workerCount', { buffer: { workerCount: 0 } }],
    ['buffer.workerCount', { buffer: { workerCount: '10' } }],
    ['buffer.size', { buffer: { size: -1 } }],
    ['buffer.size', { buffer: { size: Number.NaN } }],
    ['buffer.size', { buffer: { size: 1.5 } }],
    ['buffer.size', { buffer: { size: null } }],
    ['buffer.size', { buffer: { size: Number.POSITIVE_INFINITY } }],
    ['buffer.driver', { buffer: { driver: 'redis' } }],
    ['buffer.overflow', { buffer: { overflow: 'block' } }],
    ['buffer.schema', { buffer: { schema: 'Worker' } }],
    ['buffer.schema', { buffer: { schema: '1st' } }],
    ['buffer.schema', { buffer: { schema: 'x"; DROP SCHEMA public' } }],
    ['buffer.schema', { buffer: { schema: 'x'.repeat(51) } }],
    ['buffer.installSchema', { buffer: { installSchema: 'no' } }],
    ['buffer.heartbeat', { buffer: { heartbeat: 50 } }],
    ['buffer.poll', { buffer: { poll: '2m' } }],
    ['buffer.redelivery', { buffer: { redelivery: '2h' } }],
    ['buffer.eventIdMemory', { buffer: { eventIdMemory: '30d' } }],
    ['buffer.preparedStatements', { buffer: { preparedStatements: 1 } }],
    ['buffer.captureSize', { buffer: { captureSize: 0 } }],
    ['limits.tenantRuns', { limits: { tenantRuns: 0 } }],
    ['limits.tenantRunsPerMinute', { limits: { tenantRunsPerMinute: 1.5 } }],
    ['limits.tenantScripts', { limits: { tenantScripts: 0 } }],
    ['limits.tenantScripts', { limits: { tenantScripts: 100_001 } }],
    ['limits.forTenant', { limits: { forTenant: { acme: 5 } } }],
    ['retry.maxRetries', { retry: { maxRetries: -1 } }],
    ['retry.backoffFactor', { retry: { backoffFactor: 0.5 } }],
    ['retry.backoffFactor', { retry: { backoffFactor: Number.NaN } }],
    ['retry.jitter', { retry: { jitter: 1.1 } }],
    ['retry.jitter', { retry: { jitter: -0.1 } }],
    ['retry.initialDelay', { retry: { initialDelay: -1 } }],
    ['retry.initialDelay', { retry: { initialDelay: 'soon' } }],
    ['retry.interval', { retry: { interval: '40d' } }],
    ['sandbox.timeout', { sandbox: { timeout: 0 } }],
    ['sandbox.memoryMb', { sandbox: { memoryMb: 1 } }],
    ['sandbox.isolation', { sandbox: { isolation: 'none' } }],
    ['sandbox.maxTimeout', { sandbox: { maxTimeout: 'later' } }],
    ['events.defaultTenantId', { events: { defaultTenantId: '' } }],
    ['events.tenantResolver', { events: { tenantResolver: 'tenant' } }],
    ['events.types', { events: { types: { 'order.*': type } } }],
    ['events.types', { events: { types: { 'order.shipped': { fields: [] } } } }],
    ['events.types', { events: { types: { 'order.shipped': true } } }],
    ['storage.checkMigrations', { storage: { checkMigrations: 'no' } }],
    ['storage.spillPath', { storage: { spillPath: 'spill' } }],
    ['storage.maxSpillBytes', { storage: { maxSpillBytes: 1 } }],
    ['index.maxSourceBytes', { index: { maxSourceBytes: 1 } }],
    ['alerts.webhookUrl', { alerts: { webhookUrl: 'ftp://example.com' } }],
    ['alerts.webhookUrl', { alerts: { webhookUrl: 'example.com/hook' } }],
    ['alerts.webhookHeaders', { alerts: { webhookHeaders: { a: 1 } } }],
    ['alerts.webhookHeaders', { alerts: { webhookHeaders: { a: 'b\r\nc: d' } } }],
    ['retention.completedExecutions', { retention: { completedExecutions: '23h' } }],
    ['retention.failedExecutions', { retention: { failedExecutions: false } }],
    ['retention.exhaustedDeadLetters', { retention: { exhaustedDeadLetters: 'Never' } }],
    ['retention.exhaustedDeadLetters', { retention: { exhaustedDeadLetters: '1m' } }],
    ['retention.batchSize', { retention: { batchSize: 0 } }],
    ['retention.interval', { retention: { interval: 'never' } }],
    ['health.maxQueueFill', { health: { maxQueueFill: 0 } }],
    ['health.databaseTimeout', { health: { databaseTimeout: 0 } }],
    ['http.allowedHosts', { http: { allowedHosts: 'api.example.com' } }],
    ['http.allowedHosts', { http: { allowedHosts: ['https://api.example.com'] } }],
    ['http.allowedHosts', { http: { allowedHosts: ['*'] } }],
    ['http.allowedHosts', { http: { allowedHosts: ['a.example', 'a.example'] } }],
    ['http.allowPrivateAddresses', { http: { allowPrivateAddresses: ['*.internal.example'] } }],
    ['http.allowPrivateAddresses', { http: { allowPrivateAddresses: ['erp.example:80'] } }],
    ['http.methods', { http: { methods: ['get'] } }],
    ['http.methods', { http: { methods: ['CONNECT'] } }],
    ['http.userAgent', { http: { userAgent: 'a\r\nb' } }],
    ['http.maxRedirects', { http: { maxRedirects: 11 } }],
    ['metrics.registry', { metrics: { registry: {} } }],
    ['shutdownTimeout', { shutdownTimeout: -1 }],
    ['shutdownTimeout', { shutdownTimeout: '30 seconds' }],
    ['buffer', { buffer: 1000 }],
    ['retry', { retry: null }],
  ])('%s is refused: %j', (option, options) => {
    expect(refusal(options).issues.map((issue) => issue.option)).toEqual([option]);
  });

  it('is refused with its value and the allowed values', () => {
    const error = refusal({ buffer: { workerCount: 0 } });
    expect(error.message).toContain('buffer.workerCount = 0: must be a whole number from 1 to 256');
    expect(error.code).toBe('invalid-options');
  });

  it.each<[string, unknown, string]>([
    ['the entries of a list', { http: { allowedHosts: ['https://x.example'] } }, '= ["https://x.example"]:'],
    [
      'the event type',
      { events: { types: { 'order.shipped': type, 'order paid': type } } },
      '; look at "order paid"',
    ],
    [
      'the buffer',
      { buffer: { adapter: { start() {}, enqueue() {}, close() {} } } },
      'no method drain, stop, stats',
    ],
    [
      'the alert channel',
      { alerts: { channel: {} } },
      'must be an AlertChannel: an instance or a class; this has no method send',
    ],
  ])('is refused with a message about the wrong part: %s', (_, options, shown) => {
    expect(refusal(options).message).toContain(shown);
  });

  it('is reported together with every other one', () => {
    const { issues } = refusal({
      buffer: { size: 0, workerCount: 0 },
      retry: { jitter: 7 },
      sandbox: { timeout: 'x' },
      shutdownTimeout: null,
      bufer: {},
    });
    expect(issues.map((issue) => issue.option).toSorted()).toEqual([
      'bufer',
      'buffer.size',
      'buffer.workerCount',
      'retry.jitter',
      'sandbox.timeout',
      'shutdownTimeout',
    ]);
  });

  it.each([[[]], ['options'], [null]])('is named options if the options are not an object: %j', (options) => {
    expect(refusal(options).issues).toEqual([expect.objectContaining({ option: 'options' })]);
  });
});

describe('an option that does not exist', () => {
  it.each<[string, unknown, string]>([
    ['retry.maxRetires', { retry: { maxRetires: 3 } }, 'did you mean retry.maxRetries?'],
    ['bufer', { bufer: {} }, 'did you mean buffer?'],
    ['buffer.workers', { buffer: { workers: 3 } }, 'allowed: driver, adapter, size, workerCount'],
    ['shutdownTimeot', { shutdownTimeot: 1 }, 'did you mean shutdownTimeout?'],
    ['useFactory', { useFactory: () => ({}) }, 'pass it to forRootAsync()'],
    ['dataSource', { dataSource: 'tenants' }, 'set it beside useFactory'],
    ['isGlobal', { isGlobal: false }, 'set it beside useFactory'],
  ])('%s is refused with a hint', (option, options, hint) => {
    const { issues } = refusal(options);
    expect(issues).toEqual([expect.objectContaining({ option })]);
    expect(issues[0]?.message).toContain(hint);
  });
});

describe('very many and long names that do not exist', () => {
  const odd = {
    ['x'.repeat(1_000_000)]: 1,
    'a\u202eb\n': 1,
    ...Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`name${at}`, 1])),
  };

  it.each([
    ['options', odd],
    ['retry', { retry: odd }],
  ])('make a short and printable message: in %s', (place, options) => {
    const { issues, message } = refusal(options);
    expect(issues).toHaveLength(6);
    expect(issues.at(-1)).toEqual({ option: place, message: 'has 19997 more unknown options' });
    expect(message.length).toBeLessThan(4_000);
    expect(message).not.toContain('\u202e');
  });

  it('make few warnings when they are environment variables', () => {
    const env = Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [`EVENT_BUFFER_SIZE${String.fromCharCode(0x100 + at)}`, '1']),
    );
    const { warnings } = resolveOptions({}, { ...env, [`EVENT_${'X'.repeat(1_000_000)}`]: '1' });
    expect(warnings).toHaveLength(11);
    expect(warnings.at(-1)).toMatch(/^190 more environment variables/);
  });
});

describe('options that do not fit each other', () => {
  it.each<[string, unknown]>([
    ['buffer.lease', { buffer: { lease: '4s' } }],
    ['buffer.lease', { buffer: { heartbeat: '5s' } }],
    ['retry.maxDelay', { retry: { initialDelay: '2h', maxDelay: '1h' } }],
    ['retry.leaseDuration', { retry: { leaseDuration: '1m' } }],
    ['retry.leaseDuration', { sandbox: { maxTimeout: '2m' } }],
    ['sandbox.maxTimeout', { sandbox: { timeout: '30s', maxTimeout: '20s' } }],
    ['sandbox.maxMemoryMb', { sandbox: { memoryMb: 300, maxMemoryMb: 200 } }],
    ['sandbox.maxProcessMemoryMb', { sandbox: { maxMemoryMb: 512, maxProcessMemoryMb: 512 } }],
    ['sandbox.keptMemoryMb', { sandbox: { maxProcessMemoryMb: 512, keptMemoryMb: 231 } }],
    ['sandbox.maxProcesses', { sandbox: { minProcesses: 4, maxProcesses: 2 } }],
    ['health.maxIndexAge', { index: { pollInterval: '10s' }, health: { maxIndexAge: '15s' } }],
  ])('are refused, and the error names %s: %j', (option, options) => {
    expect(refusal(options).issues.map((issue) => issue.option)).toEqual([option]);
  });

  it.each<[Duration, Duration]>([
    ['5m', '310s'],
    ['61s', '71s'],
    [90_500, '100500ms'],
  ])(
    'are refused with the least value that is accepted, without rounding: with %s it is %s',
    (maxTimeout, least) => {
      const [issue] = refusal({ sandbox: { maxTimeout }, retry: { leaseDuration: '1m' } }).issues;
      expect(issue?.message).toContain(`must be at least ${least}: `);
      const { retry } = resolveOptions({ sandbox: { maxTimeout }, retry: { leaseDuration: least } }, {});
      expect(retry.leaseDurationMs).toBeGreaterThan(60_000);
    },
  );

  it('are not compared while one of them is invalid on its own', () => {
    const { issues } = refusal({ retry: { initialDelay: 'x', maxDelay: 1 } });
    expect(issues.map((issue) => issue.option)).toEqual(['retry.initialDelay']);
  });

  it.each([
    ['buffer.workerCount', { buffer: { workerCount: 'ten' } }],
    ['sandbox.memoryMb', { sandbox: { memoryMb: 'many' } }],
    ['sandbox.timeout', { sandbox: { timeout: 'long' } }],
  ])('are not compared if one of them is derived from %s, which is wrong', (option, options) => {
    expect(refusal(options).issues.map((issue) => issue.option)).toEqual([option]);
  });

  it('are accepted at the limit', () => {
    const { retry } = resolveOptions(
      { retry: { initialDelay: '1h', maxDelay: '1h', leaseDuration: '70s' }, sandbox: { maxTimeout: '60s' } },
      {},
    );
    expect(retry).toMatchObject({
      initialDelayMs: 3_600_000,
      maxDelayMs: 3_600_000,
      leaseDurationMs: 70_000,
    });
  });

  it('only raise a warning if nothing can be lost, as with a stop shorter than a script', () => {
    const { warnings } = resolveOptions({ shutdownTimeout: '5s' }, {});
    expect(warnings).toEqual([
      expect.stringContaining('shutdownTimeout (5s) is shorter than sandbox.timeout (10s)'),
    ]);
  });

  it('raise a warning under PM2 if its kill timeout is shorter than a stop', () => {
    const warningsOf = (env: Record<string, string>) => resolveOptions({}, env).warnings;
    const short = [expect.stringContaining('Set kill_timeout to 25000')];
    expect(warningsOf({ pm_id: '0' })).toEqual(short);
    expect(warningsOf({ pm_id: '0' })[0]).toContain('1.6\u00a0s');
    expect(warningsOf({ pm_id: '0', kill_timeout: '20000' })).toEqual(short);
    expect(warningsOf({ pm_id: '0', kill_timeout: '25000' })).toEqual([]);
    expect(warningsOf({ kill_timeout: '1' })).toEqual([]);
  });

  it.each<[string, ScriptsEventModuleOptions['buffer']]>([
    ['buffer.lease, buffer.captureSize have no effect', { lease: '10s', captureSize: 5 }],
    ['buffer.size has no effect', { driver: 'graphile-worker', size: 5 }],
  ])('raise a warning if they belong to the other driver: %s', (doubt, buffer) => {
    expect(resolveOptions({ buffer }, {}).warnings).toEqual([expect.stringContaining(doubt)]);
  });

  it.each<[string, ScriptsEventModuleOptions]>([
    ['buffer.driver, buffer.lease have', { buffer: { driver: 'graphile-worker', lease: '10s' } }],
    ['buffer.maxRunsPerScript, buffer.size have', { buffer: { size: 5, maxRunsPerScript: 2 } }],
    ['limits.tenantRuns has', { limits: { tenantRuns: 2 } }],
  ])('raise a warning if they belong to a built-in buffer and the host has its own: %s', (doubt, options) => {
    const buffer = { ...options.buffer, adapter: class {} };
    expect(resolveOptions({ ...options, buffer }, {}).warnings).toEqual([
      `${doubt} no effect while buffer.adapter is set`,
    ]);
  });

  it('raise no warning if a buffer of the host can use them', () => {
    const buffer = { adapter: class {}, workerCount: 3, overflow: 'dead-letter' } as const;
    expect(resolveOptions({ buffer, limits: { tenantScripts: 5 } }, {}).warnings).toEqual([]);
  });

  it('raise no warning if the driver uses them', () => {
    const durable = { driver: 'graphile-worker', lease: '10s', schema: 'jobs' } as const;
    expect(resolveOptions({ buffer: durable }, {}).warnings).toEqual([]);
    expect(resolveOptions({ buffer: { size: 5 } }, {}).warnings).toEqual([]);
  });

  it('raise a warning if events may be dropped', () => {
    expect(resolveOptions({ buffer: { overflow: 'drop' } }, {}).warnings).toHaveLength(1);
  });

  it.each<[NonNullable<ScriptsEventModuleOptions['http']>, RegExp]>([
    [
      { allowedHosts: ['a.example'], timeout: '6s' },
      /http\.timeout \(6s\) is longer than sandbox\.bindingTimeout/,
    ],
    [
      { allowedHosts: ['a.example'], maxResponseBytes: 262_145 },
      /http\.maxResponseBytes \(262145\) is more than/,
    ],
    [{ allowPrivateAddresses: ['a.example'] }, /without http\.allowedHosts, because http\.fetch is off/],
  ])('raise a warning if http.fetch can’t follow them: %j', (http, doubt) => {
    expect(resolveOptions({ http }, {}).warnings).toEqual([expect.stringMatching(doubt)]);
  });
});

describe('a secret', () => {
  it.each<[string, unknown]>([
    ['alerts.webhookUrl', { alerts: { webhookUrl: 'htps://hooks.example.com/s3cret' } }],
    ['alerts.webhookHeaders', { alerts: { webhookHeaders: { authorization: ['s3cret'] } } }],
    ['alerts.webhookHeader', { alerts: { webhookHeader: 's3cret' } }],
    ['alerts', { alerts: 's3cret' }],
  ])('never appears in the refusal of %s', (_option, options) => {
    const error = refusal(options);
    expect(error.message).not.toContain('s3cret');
    expect(JSON.stringify(error.issues)).not.toContain('s3cret');
  });

  it('never appears in the refusal of an environment variable', () => {
    expect(() => resolveOptions({}, { EVENT_ALERT_WEBHOOK_HEADERS: '{"authorization":s3cret}' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cret') }),
    );
  });
});
