import { PrintableLogger } from '../common/printable-logger.js';
import { messageOf } from '../common/errors.js';
import { lineAbout } from '../common/log-line.js';
import { Outage } from '../common/outage.js';
import { SystemClock } from '../common/clock.js';
import { ThrottledLog } from '../common/throttled-log.js';
import { LogAlertChannel } from './channels/built-in-alert.channels.js';
import { inOwnContext } from '../common/own-context.js';
import { within } from '../common/within.js';
import type { DeadLetterAttempt } from '../entities/index.js';
import type { AlertChannel } from './alert.channel.js';
import { type AlertSource, deadLetterAlerts, type WaitingAlert } from './alert.source.js';
import type { DeadLetterQueueRepository } from '../dead-letter/store/dead-letter-queue.repository.js';
import { cutError } from '../dead-letter/new-dead-letter.js';
import { formatDuration } from '../common/duration-text.js';

/** How alerts are sent. All times in milliseconds. */
export interface AlertDispatcherOptions {
  /** How many alerts of each source are claimed and sent at the same time. Default 5. */
  batchSize: number;
  /** How long a channel may take for one alert. Default 30,000. */
  sendTimeoutMs: number;
  /**
   * How often a channel may fail for one alert, over all processes, before it is no longer tried. Default 10, which
   * takes some four hours.
   */
  maxAttempts: number;
  /** Delay before a channel's second attempt; doubles with each one, up to an hour. Default 30,000. */
  retryDelayMs: number;
  /**
   * Time between two alerts for dead letters of one script. Dead letters in between are reported together. Default
   * 60,000.
   */
  intervalMs: number;
  /** Name of this process in claims. */
  owner: string;
}

const DEFAULTS: AlertDispatcherOptions = {
  batchSize: 5,
  sendTimeoutMs: 30_000,
  maxAttempts: 10,
  retryDelayMs: 30_000,
  intervalMs: 60_000,
  owner: `alerts-${process.pid}`,
};

const MAX_RETRY_DELAY_MS = 3_600_000;

type HistoryItem = Omit<DeadLetterAttempt, 'at'>;

interface NamedChannel {
  name: string;
  channel: AlertChannel;
}

/**
 * Sends every channel one alert about each exhausted dead letter, and the alerts of other sources, once over all
 * processes. A claim has a lease and stores which channels have the alert. A failed channel is tried again later on its
 * own, up to a limit; the log and the dead letter's history show it.
 */
export class AlertDispatcher {
  private readonly logger = new PrintableLogger(AlertDispatcher.name);
  private readonly log = new ThrottledLog(this.logger, new SystemClock());
  private readonly options: AlertDispatcherOptions;
  private readonly channels: readonly NamedChannel[];
  private readonly sources: readonly AlertSource[];
  private underWay: Promise<number> | undefined;
  private again = false;
  private readonly outage = new Outage(this.logger, {
    begins: 'Alerts are waiting for the database',
    ends: 'The database is back; alerts are sent again.',
    fails: 'Sending alerts fails',
  });
  private stopped = false;

  /** @param more further sources of alerts besides exhausted dead letters */
  constructor(
    repository: DeadLetterQueueRepository,
    channels: readonly AlertChannel[],
    options: Partial<AlertDispatcherOptions> = {},
    more: readonly AlertSource[] = [],
  ) {
    this.sources = [...more, deadLetterAlerts(repository)];
    this.options = { ...DEFAULTS, ...options };
    this.channels = channels.map((channel, index) => {
      const name = channel.name || channel.constructor.name;
      const taken = channels.slice(0, index).some((other) => (other.name || other.constructor.name) === name);
      return { name: taken ? `${name} ${index + 1}` : name, channel };
    });
  }

  /** Requests a look for alerts to send. Returns immediately and never throws. */
  poke(): void {
    this.again = true;
    void this.dispatch();
  }

  /**
   * Sends waiting alerts; resolves to the number of alerts that every channel has accepted. Simultaneous calls share
   * one pass. Never rejects: while the database is unavailable nothing is sent, and the next call tries again.
   */
  dispatch(): Promise<number> {
    if (this.stopped) return Promise.resolve(0);
    this.underWay ??= inOwnContext(() => this.run()).finally(() => {
      this.underWay = undefined;
    });
    return this.underWay;
  }

  /**
   * Starts nothing new and waits up to `graceMs` for alerts in progress. The rest is sent by whichever process runs
   * next.
   */
  async stop(graceMs: number): Promise<void> {
    this.stopped = true;
    if (this.underWay) await within(this.underWay, graceMs);
    this.log.tell();
    for (const { channel } of this.channels) if (channel instanceof LogAlertChannel) channel.tell();
  }

  private async run(): Promise<number> {
    let sent = 0;
    do {
      this.again = false;
      try {
        sent += await this.sendAll();
        this.outage.worked();
      } catch (error) {
        this.outage.failed(error);
      }
    } while (this.again && !this.stopped);
    return sent;
  }

  /**
   * Sends a few alerts of each source at a time, so that a backlog of one source delays the others by one batch only.
   */
  private async sendAll(): Promise<number> {
    const { batchSize, sendTimeoutMs, owner, intervalMs } = this.options;
    const request = { limit: batchSize, leaseMs: 2 * sendTimeoutMs, owner, intervalMs };
    const failing = new Set<string>();
    let sent = 0;
    let sources = this.sources;
    while (!this.stopped && sources.length > 0) {
      const claims: WaitingAlert[] = [];
      const more: AlertSource[] = [];
      for (const source of sources) {
        const claimed = await source.claim(request);
        claims.push(...claimed);
        // Fewer than requested means that there are no more; failed ones return in a later pass.
        if (claimed.length === batchSize) more.push(source);
      }
      sources = more;
      const settled = await Promise.all(claims.map((claim) => this.tell(claim, failing)));
      sent += settled.filter(Boolean).length;
    }
    return sent;
  }

  /**
   * True if every channel has the alert. A channel that failed in this pass is left out for the rest of it, so that one
   * that hangs doesn't make the others wait through a long backlog.
   */
  private async tell(claim: WaitingAlert, failing: Set<string>): Promise<boolean> {
    const { attempts } = claim;
    const told = new Set(attempts.filter((item) => item.kind === 'alerted').map((item) => item.by));
    const open = this.channels.filter(({ name }) => !told.has(name) && this.mayFail(attempts, name));
    const results = await Promise.all(
      open.filter(({ name }) => !failing.has(name)).map((channel) => this.send(channel, claim)),
    );
    const known = results.filter((item) => item.kind === 'alerted').map((item) => item.by);
    const left = open.filter(({ name }) => !known.includes(name));
    const failed = new Set<string>();
    for (const { by = '', kind, message } of results) {
      if (kind === 'alerted') continue;
      failed.add(by);
      failing.add(by);
      this.report(claim, by, message, failuresOf(attempts, by) + 1 < this.options.maxAttempts);
    }
    const waiting = left.filter(({ name }) => this.mayFail(attempts, name, failed.has(name) ? 1 : 0));
    const round = Math.max(0, ...waiting.map(({ name }) => failuresOf(attempts, name)));
    const delayMs = Math.min(MAX_RETRY_DELAY_MS, this.options.retryDelayMs * 2 ** round);
    await claim.settle(
      waiting.length > 0 ? { done: false, delayMs } : { done: true },
      // If every channel accepts an alert at the first attempt, its time says enough.
      left.length > 0 || told.size > 0 ? results : [],
    );
    return left.length === 0;
  }

  private mayFail(attempts: readonly DeadLetterAttempt[], channel: string, failures = 0): boolean {
    return failuresOf(attempts, channel) + failures < this.options.maxAttempts;
  }

  private report({ about, subject }: WaitingAlert, channel: string, problem: string, again: boolean): void {
    const what = again ? 'failed and will be retried' : "failed and won't be retried";
    const line = lineAbout(about, (ids) => `Alert for ${subject(ids)} by ${channel} ${what}: ${problem}`);
    if (again) this.log.warn(channel, line);
    else this.log.error(`${channel} ended`, line);
  }

  private async send({ name, channel }: NamedChannel, claim: WaitingAlert): Promise<HistoryItem> {
    const begin = performance.now();
    const item = (kind: string, message: string): HistoryItem => ({
      kind,
      message,
      durationMs: Math.round(performance.now() - begin),
      trigger: 'alert',
      by: name,
    });
    try {
      // In a promise, so that a channel that throws synchronously fails like any other.
      const sending = inOwnContext(() => Promise.resolve().then(() => claim.sendTo(channel)));
      const { sendTimeoutMs } = this.options;
      if ((await within(sending, sendTimeoutMs)) === 'done') return item('alerted', '');
      return item('alert-failed', `no answer within ${formatDuration(sendTimeoutMs)}`);
    } catch (error) {
      return item('alert-failed', cutError(messageOf(error)));
    }
  }
}

const failuresOf = (attempts: readonly DeadLetterAttempt[], channel: string | undefined): number =>
  attempts.filter((item) => item.kind === 'alert-failed' && item.by === channel).length;
