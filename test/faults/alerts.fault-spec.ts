import { Injectable } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { ScheduleModule } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import { Registry } from 'prom-client';
import { EventBuffer, ScriptBinding, ScriptsEventModule, SecretService } from '../../lib/index.js';
import { Clock, FakeClock } from '../../lib/testing/index.js';
import { ADA, sharedHost, TestHost } from '../e2e/support/test-host.js';
import { databaseModule, testOptions } from '../support/app.builder.js';
import { createTestSchema } from '../support/postgres.js';
import { expectFiring, expectToHaveFired, hasPromtool, type Samples } from '../support/promtool.js';
import { sandboxChildren } from '../support/sandbox-processes.js';
import { newKey } from '../support/tenant-values.js';
import { FULL } from '../support/test-form.js';
import { limitTests } from '../support/time-limits.js';
import { waitFor } from '../support/wait-for.js';

limitTests('busy');

const WORKERS = 6;
const QUEUE = 20;
/** Minutes of an application without a fault, and with it. */
const WELL = 20;
const FAULTY = 20;

/** A service that answers no call until a test lets it. */
@Injectable()
class Crm {
  private readonly waiting: ((answer: string) => void)[] = [];

  @ScriptBinding('crm.hang', { timeoutMs: 60_000 })
  hang(): Promise<string> {
    return new Promise((answer) => this.waiting.push(answer));
  }

  @ScriptBinding('crm.find')
  find(): Promise<string> {
    return Promise.resolve('found');
  }

  @ScriptBinding('crm.late', { timeoutMs: 50 })
  late(): Promise<string> {
    return new Promise(() => undefined);
  }

  answerAll(): void {
    for (const answer of this.waiting.splice(0)) answer('found');
  }
}

const HOURLY = { cron: '0 * * * *' };

/** Moves the times of schedules back, as if no process had looked at them for some hours. */
const timesAgo = (host: TestHost, hours: number): Promise<unknown> =>
  host.database.dataSource.query(
    `UPDATE script_schedules SET next_at = date_trunc('hour', now()) - $1 * interval '1 hour',
       due_at = date_trunc('hour', now()) - $1 * interval '1 hour'`,
    [hours],
  );

type Scrape = Map<string, number>;

async function scrape(registry: Registry): Promise<Scrape> {
  const series: Scrape = new Map();
  for (const { name, values } of await registry.getMetricsAsJSON())
    for (const value of values as { value: number; labels: object; metricName?: string }[]) {
      const labels = Object.entries({ instance: 'a', ...value.labels });
      const text = labels.map(([label, word]) => `${label}="${word}"`).join(',');
      series.set(`${value.metricName ?? name}{${text}}`, value.value);
    }
  return series;
}

/** Series with a fault after {@link WELL} quiet minutes: once, or again each minute. Gauges keep the values of the fault. */
function timeline(before: Scrape, after: Scrape, again: boolean): Samples {
  return Object.fromEntries(
    [...after].map(([series, value]) => {
      const first = before.get(series);
      const isCounter = /^\w+_(total|bucket|sum|count)\{/.test(series);
      const step = again && isCounter ? value - (first ?? 0) : 0;
      return [series, `${first === undefined ? '_' : first}x${WELL - 1} ${value}+${step}x${FAULTY}`];
    }),
  );
}

/** Repeats the increase that `minute` has added to each counter, for some minutes. Gauges stay as they are. */
const everyMinute = (before: Scrape, minute: Scrape, minutes: number): Samples =>
  Object.fromEntries(
    [...minute].map(([series, value]) => {
      const grows = /^\w+_(total|bucket|sum|count)\{/.test(series);
      return [series, `${value}+${grows ? value - (before.get(series) ?? 0) : 0}x${minutes}`];
    }),
  );

(FULL && hasPromtool() ? describe : describe.skip)('alerts', () => {
  it('do not fire in an hour of normal load: events of several tenants, calls of a binding, and a run that fails once', async () => {
    const registry = new Registry();
    const host = await TestHost.start({
      providers: [Crm],
      options: {
        retry: { maxRetries: 3, interval: '1s', backoffFactor: 1 },
        metrics: { registry, deadLetterCacheTime: 0 },
      },
    });
    try {
      const tenants = ['acme', 'globex', 'initech'];
      for (const tenantId of tenants)
        await host.script('return await crm.find();', { tenantId, bindings: ['crm.find'] });
      await host.script('if (ctx.execution.attempt === 1) throw new Error("busy"); return 1;', {
        eventTypes: ['user.updated'],
      });
      const before = await scrape(registry);
      for (let userId = 1; userId <= 20; userId += 1)
        for (const tenantId of tenants) host.emit('user.created', { ...ADA, tenantId, userId });
      host.emit('user.updated', { ...ADA, tenantId: 'acme' });
      await waitFor('every event has been processed', async () => {
        const minute = await scrape(registry);
        const sum = (name: string, label: string): number =>
          [...minute]
            .filter(([series]) => series.startsWith(`${name}{`) && series.includes(label))
            .reduce((total, [, value]) => total + value, 0);
        return (
          sum('scripts_events_processed_total', 'status="completed"') === 61 &&
          sum('scripts_dlq_retries_total', 'result="succeeded"') === 1
        );
      });
      const samples = everyMinute(before, await scrape(registry), 60);
      expect(Object.keys(samples)).toContain('scripts_queue_depth{instance="a"}');
      const minutes = Array.from({ length: 60 }, (_, minute) => minute);
      await expect(expectFiring({ samples, firing: [], atMinutes: minutes })).resolves.toBeUndefined();
    } finally {
      await host.close();
    }
  });
});

/**
 * Each alert fires for its fault, by the metrics of a real application, and not before. test/unit/metrics/alerts.spec.ts
 * proves in the short form that each rule fires on series made by hand, also for faults that take too long for a test:
 * tables of 50 GB, four hours without retention, no application at all.
 */
(FULL && hasPromtool() ? describe : describe.skip)('the alert about a fault', () => {
  describe('of a running application', () => {
    const registry = new Registry();
    const shared = sharedHost(() =>
      TestHost.start({
        providers: [Crm],
        options: {
          retry: { maxRetries: 0, interval: '1h' },
          breaker: { maxHeld: 2, maxFailures: 15, maxCrashes: 15 },
          buffer: { size: QUEUE, workerCount: WORKERS },
          sandbox: { maxProcesses: WORKERS },
          metrics: { registry, deadLetterCacheTime: 0 },
          secrets: { keys: [newKey('2026')] },
        },
      }),
    );
    let host: TestHost;
    beforeEach(() => (host = shared()));

    const emit = (tenantId: string, count = 1): void => {
      for (let userId = 1; userId <= count; userId += 1)
        host.emit('user.created', { ...ADA, tenantId, userId });
    };
    const sumOf = (samples: Scrape, series: string): number =>
      [...samples]
        .filter(([name]) => series.split(' ').every((part) => name.includes(part)))
        .reduce((sum, [, value]) => sum + value, 0);
    let before: Scrape;
    /** Waits until the series whose names have these parts have risen since the fault began. */
    const rises = (series: string, by = 1): Promise<true> =>
      waitFor(
        `${series} has risen by ${by}`,
        async () => sumOf(await scrape(registry), series) >= sumOf(before, series) + by,
      );

    /** Makes the fault, waits until the metrics show it, and lets promtool decide whether the alert fires. */
    async function alerted(
      alert: string,
      fault: () => Promise<unknown>,
      { again = false }: { again?: boolean } = {},
    ): Promise<void> {
      before = await scrape(registry);
      await fault();
      const samples = timeline(before, await scrape(registry), again);
      await expect(
        expectToHaveFired(alert, samples, { before: WELL - 1, after: WELL + FAULTY }),
      ).resolves.toBeUndefined();
    }

    it('fires for events without a tenant', () =>
      alerted('ScriptsEventsRefused', async () => host.emit('user.created', ADA)));

    it('fires for a filter that needs too many steps', () =>
      alerted('ScriptsFiltersTooExpensive', async () => {
        const or = Array.from({ length: 60 }, (_, at) => ({ a: { contains: `zz${at}` } }));
        await host.script('return 1;', { tenantId: 'steps', eventTypes: ['acme.big'], filters: { or } });
        await host.script(`events.publish('acme.big', { a: 'a'.repeat(60000) });`, { tenantId: 'steps' });
        emit('steps');
        await rises('scripts_events_undecided_total');
      }));

    it('fires for an event that has used up its retries', () =>
      alerted('ScriptsDeadLettersExhausted', async () => {
        const script = await host.script(`throw new Error('no');`, { tenantId: 'exhausted' });
        emit('exhausted');
        await host.deadLetter('exhausted', script);
      }));

    it('fires for scripts that time out', () =>
      alerted(
        'ScriptsHitTheirLimits',
        async () => {
          // A script that times out more often runs one event at a time.
          for (const tenantId of ['slow', 'slower', 'slowest']) {
            await host.script('for (;;) {}', { tenantId, limits: { timeoutMs: 50 } });
            emit(tenantId, 4);
          }
          await rises('scripts_events_failed_total kind="timeout"', 12);
        },
        { again: true },
      ));

    it('fires for a script that the breaker disables, and for events beyond breaker.maxHeld', async () => {
      await host.script(`throw new Error('no');`, { tenantId: 'poison' });
      await alerted('ScriptsScriptDisabled', async () => {
        emit('poison', 18);
        await rises('scripts_breaker_transitions_total state="disabled"');
      });
      await alerted('ScriptsHeldEventsLost', async () => {
        emit('poison', 10);
        await rises('scripts_events_dropped_total reason="held"');
      });
    });

    it('fires for a binding whose calls time out', () =>
      alerted(
        'ScriptsBindingsTimeOut',
        async () => {
          await host.script('return await crm.late();', { tenantId: 'late', bindings: ['crm.late'] });
          emit('late', 7);
          await rises('scripts_binding_calls_total result="timeout"', 7);
        },
        { again: true },
      ));

    it('fires for runs that wait for a binding, and for the queue that overflows because of them', async () => {
      const tenants = ['hang', 'hang-too'];
      for (const tenantId of tenants)
        await host.script('return await crm.hang();', { tenantId, bindings: ['crm.hang'] });
      await alerted('ScriptsRunsWaitForBindings', async () => {
        for (const tenantId of tenants) emit(tenantId, WORKERS / 2);
        // One worker is kept for other tenants.
        await rises('scripts_runs_awaiting_bindings', WORKERS - 1);
      });
      await alerted('ScriptsBufferOverflows', async () => {
        emit('hang', QUEUE + 1);
        await rises('scripts_events_dropped_total reason="overflow"');
      });
      await waitFor('all are answered', async () => {
        host.get(Crm).answerAll();
        const { depth, busy } = host.get(EventBuffer).stats();
        return depth + busy === 0;
      });
    });

    it('fires for sandbox processes that are killed from outside', () =>
      alerted(
        'ScriptsSandboxUnstable',
        async () => {
          const [pid] = await sandboxChildren();
          process.kill(pid!, 'SIGKILL');
          await rises('scripts_sandbox_restarts_total reason="died"');
        },
        { again: true },
      ));

    it('fires for a thousand dead letters, and for a due retry that no worker begins', async () => {
      const script = await host.script('return 1;', { tenantId: 'pile' });
      await alerted('ScriptsDeadLettersPileUp', async () => {
        await host.database.dataSource.query(
          `INSERT INTO dead_letter_queue (id, tenant_id, script_id, script_version, event_id, event_type, event_data,
             occurred_at, cause, reason, error, status, retry_count, max_retries, next_retry_at, attempts)
           SELECT gen_random_uuid(), 'pile', $1, 1, 'event ' || n, 'user.created', '{}', now(), '{"depth":0}',
             'failed', 'no', 'pending', 0, 3, now() + interval '1 hour', '[]' FROM generate_series(1, 1001) n`,
          [script],
        );
      });
      await alerted('ScriptsRetriesOverdue', () =>
        host.database.dataSource.query(
          `UPDATE dead_letter_queue SET next_retry_at = now() - interval '10 minutes' WHERE script_id = $1`,
          [script],
        ),
      );
    });

    it('fires for missed times of a schedule', () =>
      alerted('ScriptsScheduleTimesMissed', async () => {
        await host.script('return 1;', { tenantId: 'missed', eventTypes: [], schedules: [HOURLY] });
        await timesAgo(host, 5);
        await rises('scripts_schedule_passed_total reason="missed"');
      }));

    it('fires for a secret that cannot be opened', () =>
      alerted('ScriptsSecretsUnavailable', async () => {
        const value = 'a long enough value';
        await host.get(SecretService).create('sealed', { name: 'token', value, hosts: ['example.com'] });
        await host.database.dataSource.query(
          `UPDATE script_secrets SET key_id = 'gone', revision = nextval('scripts_revision_seq')`,
        );
        const source = `return await sdk.hmac({ secret: secrets.token, text: 'a' });`;
        await host.script(source, { tenantId: 'sealed', secrets: ['token'] });
        emit('sealed');
        await rises('scripts_secret_cipher_failures_total operation="open"');
      }));

    it('fires for records that the database refuses', () =>
      alerted('ScriptsRecordsLost', async () => {
        await host.database.dataSource.query(
          `ALTER TABLE script_executions ADD CHECK (status <> 'completed') NOT VALID`,
        );
        await host.script('return 1;', { tenantId: 'refused' });
        emit('refused');
        await rises('scripts_events_dropped_total reason="storage"');
      }));
  });

  it('fires for a due time of a schedule on which no process acts', async () => {
    const registry = new Registry();
    const host = await TestHost.start({
      options: { schedules: { enabled: false }, metrics: { registry, deadLetterCacheTime: 0 } },
    });
    try {
      await host.script('return 1;', { eventTypes: [], schedules: [HOURLY] });
      const well = await scrape(registry);
      await timesAgo(host, 1);
      const samples = timeline(well, await scrape(registry), false);
      const at = { before: WELL - 1, after: WELL + FAULTY };
      await expect(expectToHaveFired('ScriptsSchedulesOverdue', samples, at)).resolves.toBeUndefined();
    } finally {
      await host.close();
    }
  });

  it('fires for a queued event that no worker begins, and for events that begin late', async () => {
    const registry = new Registry();
    const database = await createTestSchema();
    const clock = new FakeClock();
    const options = { buffer: { workerCount: 1 }, metrics: { registry } };
    const module = await Test.createTestingModule({
      imports: [
        databaseModule(database),
        EventEmitterModule.forRoot(),
        ScheduleModule.forRoot(),
        ScriptsEventModule.forRoot(testOptions(options)),
      ],
      providers: [Crm],
    })
      .overrideProvider(Clock)
      .useValue(clock)
      .compile();
    const app = module.createNestApplication();
    await app.init();
    const host = TestHost.around(app, database);
    try {
      await host.script('return await crm.hang();', { bindings: ['crm.hang'] });
      const well = await scrape(registry);
      for (const userId of [1, 2]) host.emit('user.created', { ...ADA, tenantId: 'acme', userId });
      await waitFor('one runs and one waits', () => {
        const { depth, busy } = host.get(EventBuffer).stats();
        return depth === 1 && busy === 1;
      });
      clock.advance('10m');
      const waiting = await scrape(registry);
      const at = { before: WELL - 1, after: WELL + FAULTY };
      await expect(
        expectToHaveFired('ScriptsOldestEventWaits', timeline(well, waiting, false), at),
      ).resolves.toBeUndefined();
      await waitFor('both have run', async () => {
        host.get(Crm).answerAll();
        return (await host.executions()).length === 2;
      });
      const late = timeline(well, await scrape(registry), true);
      await expect(expectToHaveFired('ScriptsEventsWaitTooLong', late, at)).resolves.toBeUndefined();
    } finally {
      await host.close();
    }
  });
});
