import { EventEmitter2 } from '@nestjs/event-emitter';
import { Logger } from '@nestjs/common';
import { AlertChannel, type DeadLetterAlert } from '../../../lib/alerts/alert.channel.js';
import { AlertDispatcher } from '../../../lib/alerts/alert.dispatcher.js';
import {
  EmitterAlertChannel,
  LogAlertChannel,
} from '../../../lib/alerts/channels/built-in-alert.channels.js';
import { DeadLetterWriter } from '../../../lib/dead-letter/dead-letter.writer.js';
import { RetryStrategy } from '../../../lib/dead-letter/retry/retry.strategy.js';
import { TypeOrmDeadLetterQueueRepository } from '../../../lib/dead-letter/store/typeorm-dead-letter-queue.repository.js';
import { HostEventEmitter } from '../../../lib/events/host-event.emitter.js';
import { createTestSchema, type TestSchema } from '../../support/postgres.js';
import { queuedEvent } from '../../support/queued-events.js';
import { RecordedMetrics } from '../../support/recorded-metrics.js';
import { Gate, waitFor } from '../../support/wait-for.js';
import { DeadLetterWorld, times } from '../dead-letter/dead-letters.fixture.js';
import { awayError } from '../../support/away-error.js';

/** Records alerts. Fails while `broken`. */
class RecordingChannel extends AlertChannel {
  readonly told: DeadLetterAlert[] = [];
  broken = false;
  gate: Gate | undefined;

  constructor(private readonly title: string) {
    super();
  }

  override get name(): string {
    return this.title;
  }

  async send(alert: DeadLetterAlert): Promise<void> {
    await this.gate?.opened;
    if (this.broken) throw new Error(`${this.title} is down`);
    this.told.push(alert);
  }
}

describe('alerts', () => {
  let schema: TestSchema;
  let world: DeadLetterWorld;
  let pager: RecordingChannel;
  let chat: RecordingChannel;
  let logged: jest.SpyInstance;

  beforeAll(async () => {
    schema = await createTestSchema();
    world = new DeadLetterWorld(schema.dataSource);
  });

  beforeEach(() => {
    pager = new RecordingChannel('pager');
    chat = new RecordingChannel('chat');
    logged = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await world.clear();
  });

  /** Stores exhausted dead letters, each of a different script. */
  const exhausted = async (count = 1): Promise<string[]> => {
    const entries = times(count, async () => world.addOne(await world.script(), { status: 'exhausted' }));
    return (await Promise.all(entries)).map(({ id }) => id);
  };
  const dispatcher = (channels: AlertChannel[], options = {}): AlertDispatcher =>
    new AlertDispatcher(world.repository, channels, { retryDelayMs: 0, ...options });

  it('are sent to every channel once for an exhausted dead letter, and never again', async () => {
    const [id] = await exhausted();
    const alerts = dispatcher([pager, chat]);
    expect(await alerts.dispatch()).toBe(1);
    expect(await alerts.dispatch()).toBe(0);
    expect([pager.told.length, chat.told.length]).toEqual([1, 1]);
    expect(pager.told[0]).toMatchObject({
      deadLetterId: id,
      tenantId: 'acme',
      reason: 'failed',
      errorKind: 'runtime',
    });
    expect(pager.told[0]?.scriptName).toMatch(/^script /);
    expect(JSON.stringify(pager.told)).not.toContain('ada@example.com');
    expect(await world.row(String(id))).toMatchObject({ alerted_at: expect.any(Date), locked_by: null });
    expect((await world.row(String(id))).attempts).toHaveLength(1);
  });

  it('are not sent again when a replay is exhausted again', async () => {
    const [id = ''] = await exhausted();
    await dispatcher([pager]).dispatch();
    await world.repository.replay('acme', { id }, 'ada');
    const [claimed] = await world.repository.getPendingRetries({ limit: 1, leaseMs: 60_000, owner: 'x' });
    const attempt = { kind: 'runtime', message: 'again', durationMs: 1, trigger: 'replay' } as const;
    await world.repository.markRetried(id, String(claimed?.token), {
      status: 'exhausted',
      countedRetries: 1,
      attempt,
    });
    await dispatcher([pager]).dispatch();
    expect(pager.told).toHaveLength(1);
  });

  it.each(['pending', 'discarded'] as const)('are not sent for a %s dead letter', async (status) => {
    await world.addOne(await world.script(), { status });
    expect(await dispatcher([pager]).dispatch()).toBe(0);
  });

  it('are sent once each by two dispatchers with their own connections', async () => {
    const ids = await exhausted(60);
    const other = new TypeOrmDeadLetterQueueRepository(await schema.connect());
    const dispatchers = [dispatcher([pager]), new AlertDispatcher(other, [pager], { batchSize: 3 })];
    await Promise.all([...dispatchers, ...dispatchers].map((one) => one.dispatch()));
    await Promise.all(dispatchers.map((one) => one.dispatch()));
    expect(pager.told.map((alert) => alert.deadLetterId).toSorted()).toEqual(ids.toSorted());
  });

  it('reach one channel while another one is down, and reach that one later', async () => {
    const ids = await exhausted(30);
    chat.broken = true;
    const alerts = dispatcher([pager, chat], { retryDelayMs: 60_000 });
    await alerts.dispatch();
    expect(pager.told).toHaveLength(30);
    expect(await world.countWhere('alerted_at IS NULL')).toBe(30);
    chat.broken = false;
    await world.endLeases();
    await dispatcher([pager, chat]).dispatch();
    expect(pager.told).toHaveLength(30);
    expect(chat.told.map((alert) => alert.deadLetterId).toSorted()).toEqual(ids.toSorted());
    expect(await world.countWhere('alerted_at IS NULL')).toBe(0);
  });

  it('are given up for a channel after its attempts, with an error in the log and entries in the history', async () => {
    const [id = ''] = await exhausted();
    chat.broken = true;
    const alerts = dispatcher([pager, chat], { maxAttempts: 3 });
    for (let round = 0; round < 5; round++) {
      await alerts.dispatch();
      await world.endLeases();
    }
    expect(pager.told).toHaveLength(1);
    const row = await world.row(id);
    expect(row.alerted_at).toBeInstanceOf(Date);
    expect(row.attempts.filter(({ kind }) => kind === 'alert-failed')).toHaveLength(3);
    expect(row.attempts.filter(({ by }) => by === 'pager')).toHaveLength(1);
    expect(logged).toHaveBeenCalledWith(
      expect.stringContaining("by chat failed and won't be retried: chat is down"),
    );
  });

  it('reach the other channels while one channel hangs', async () => {
    await exhausted(3);
    chat.gate = new Gate();
    await dispatcher([pager, chat], { sendTimeoutMs: 20 }).dispatch();
    expect(pager.told).toHaveLength(3);
    chat.gate.open();
  });

  it('are sent by the next dispatcher when one dies before sending them', async () => {
    const [id] = await exhausted();
    const claimed = await world.repository.claimAlerts({
      limit: 5,
      leaseMs: 60_000,
      owner: 'dead',
      intervalMs: 60_000,
    });
    expect(claimed).toHaveLength(1);
    expect(await dispatcher([pager]).dispatch()).toBe(0);
    await world.endLeases();
    expect(await dispatcher([pager]).dispatch()).toBe(1);
    expect(pager.told[0]?.deadLetterId).toBe(id);
  });

  it('count as sent when the dead letter is replayed while they are being sent', async () => {
    const [id = ''] = await exhausted();
    pager.gate = new Gate();
    const sending = dispatcher([pager]).dispatch();
    await waitFor('the alert is claimed', async () => (await world.row(id)).locked_by);
    await world.repository.replay('acme', { id }, 'ada');
    pager.gate.open();
    await sending;
    expect(await world.row(id)).toMatchObject({
      status: 'pending',
      alerted_at: expect.any(Date),
      locked_by: null,
    });
  });

  it('are sent immediately when the writer stores a dead letter that is exhausted from the beginning', async () => {
    const alerts = dispatcher([pager]);
    const writer = new DeadLetterWriter(world.repository, new RecordedMetrics(), new RetryStrategy(), alerts);
    const failed = { reason: 'failed', message: 'Unexpected token', kind: 'syntax' } as const;
    await writer.keep(queuedEvent({ scriptId: await world.script() }), failed);
    await waitFor('the alert is sent', () => pager.told.length === 1);
    await alerts.stop(5_000);
    await writer.close(1_000);
    expect(pager.told[0]?.error).toBe('Unexpected token');
  });

  it('go to the log and the host’s emitter by default, even if a listener throws', async () => {
    const [id] = await exhausted();
    const emitter = new EventEmitter2();
    const heard: unknown[] = [];
    emitter.on('script.dead_letter.exhausted', (alert) => {
      heard.push(alert);
      throw new Error('listener broke');
    });
    const channels = [new LogAlertChannel(), new EmitterAlertChannel(new HostEventEmitter(emitter))];
    expect(await dispatcher(channels).dispatch()).toBe(1);
    expect(heard).toEqual([expect.objectContaining({ deadLetterId: id })]);
    const line = expect.stringMatching(
      new RegExp(`gave up on user\\.created .* \\[event [^\\]]+, dead letter ${id}\\] \\{"`),
    );
    expect(logged).toHaveBeenCalledWith(line);
  });

  it('wait for an unavailable database, and are not sent after the stop', async () => {
    const away = { claimAlerts: () => Promise.reject(new Error('Connection terminated unexpectedly')) };
    expect(await new AlertDispatcher(away as never, [pager]).dispatch()).toBe(0);
    await exhausted();
    const alerts = dispatcher([pager]);
    await alerts.stop(1_000);
    alerts.poke();
    expect(await alerts.dispatch()).toBe(0);
    expect(pager.told).toEqual([]);
  });

  it('that wait for the database cause one log line, and one when they are sent again', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const told = jest.spyOn(Logger.prototype, 'log').mockImplementation();
    const alerts = dispatcher([pager]);
    const claim = jest.spyOn(world.repository, 'claimAlerts').mockRejectedValue(awayError('away'));
    for (let look = 0; look < 3; look++) await alerts.dispatch();
    expect(warned.mock.calls).toEqual([['Alerts are waiting for the database: away']]);
    expect(told).not.toHaveBeenCalled();
    claim.mockRestore();
    for (let look = 0; look < 3; look++) await alerts.dispatch();
    expect(told.mock.calls).toEqual([['The database is back; alerts are sent again.']]);
  });
});
