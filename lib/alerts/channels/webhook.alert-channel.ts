import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { FairTimer } from '../../common/fair-timer.js';
import { ScriptsEventError } from '../../common/errors.js';
import { printable, printableJson } from '../../common/printable.js';
import type { Wording } from '../../common/script-in-words.js';
import {
  AlertChannel,
  alertText,
  type DeadLetterAlert,
  type ScriptAlert,
  scriptAlertText,
} from '../alert.channel.js';
import type { DeadLetterEntry } from '../../dead-letter/dead-letter.types.js';
import { formatDuration } from '../../common/duration-text.js';

/** Options of {@link WebhookAlertChannel}. @publicApi */
export interface WebhookAlertOptions {
  /** http or https. The log shows its host only, because a path such as Slack's is a secret. */
  url: string;
  /** Added to each request, for example `{ authorization: 'Bearer …' }`. Never logged. */
  headers?: Readonly<Record<string, string>>;
  /** How long one attempt may take, in milliseconds. Default 5,000. */
  timeoutMs?: number;
  /** Attempts for one alert before the dispatcher tries again later. Default 3. */
  attempts?: number;
  /** Wait before the second attempt, in milliseconds; doubles with each. Default 500. */
  retryDelayMs?: number;
  /**
   * Key of the signature `x-scripts-event-signature: t=<seconds>,v1=<hex>`, the HMAC-SHA256 of `<seconds>.<body>`.
   * Default none: requests are not signed.
   */
  secret?: string;
  /** Whether to send the event's payload too. Default false, because it is the tenant's data. */
  includePayload?: boolean;
  /** Replaces Node's own `fetch`, for a proxy or a test. */
  fetch?: typeof fetch;
}

/** The webhook failed. Names the host only. */
export class WebhookAlertError extends ScriptsEventError {
  readonly code = 'webhook-alert-failed';

  constructor(host: string, problem: string, retryable: boolean) {
    super(`Alert webhook at ${host} failed: ${problem}.`, { retryable });
  }
}

/**
 * Posts each alert as JSON: `{ type, id, sentAt, text, alert, payload? }`. Slack, Mattermost and Google Chat show
 * `text`, one line for people. A tenant's text in it is printable and marked as code, so that it mentions nobody and
 * links nowhere. The other fields are data. `id` is the dead letter's id, or a script's id with the number of the
 * change; it stays the same when an alert is sent again.
 *
 * Any status from 200 to 299 is success. No response, 408, 425, 429 and 5xx are tried again. Redirects are not
 * followed, because they would carry the headers to another host.
 *
 * @publicApi
 */
export class WebhookAlertChannel extends AlertChannel {
  private readonly url: URL;
  private readonly headers: Record<string, string>;

  /** @throws WebhookAlertError if the URL is not http or https */
  constructor(private readonly options: WebhookAlertOptions) {
    super();
    const url = URL.canParse(options.url) ? new URL(options.url) : undefined;
    if (!url || !/^https?:$/.test(url.protocol)) {
      throw new WebhookAlertError('the configured address', 'it is not an http or https URL', false);
    }
    this.headers = { ...options.headers, 'content-type': 'application/json' };
    // fetch refuses a URL with credentials, with an error that repeats them.
    if (url.username) this.headers.authorization ??= basicAuthorization(url);
    url.username = '';
    url.password = '';
    this.url = url;
  }

  override get name(): string {
    return 'webhook';
  }

  async send(alert: DeadLetterAlert, deadLetter: DeadLetterEntry): Promise<void> {
    await this.deliver({
      type: 'script.dead_letter.exhausted',
      id: alert.deadLetterId,
      sentAt: new Date().toISOString(),
      text: alertText(alert, CHAT),
      alert,
      ...(this.options.includePayload ? { payload: deadLetter.payload } : {}),
    });
  }

  override async sendScriptAlert(alert: ScriptAlert): Promise<void> {
    await this.deliver({
      type: `script.${alert.state}`,
      id: `${alert.scriptId}:${alert.change}`,
      sentAt: new Date().toISOString(),
      text: scriptAlertText(alert, CHAT),
      alert,
    });
  }

  private async deliver(message: object): Promise<void> {
    const body = printableJson(JSON.stringify(message));
    const { attempts = 3, retryDelayMs = 500 } = this.options;
    for (let attempt = 1; ; attempt++) {
      const error = await this.post(body);
      if (!error) return;
      if (!error.retryable || attempt >= attempts) throw error;
      await sleep(retryDelayMs * 2 ** (attempt - 1));
    }
  }

  private async post(body: string): Promise<WebhookAlertError | undefined> {
    const { timeoutMs = 5_000, fetch: call = fetch } = this.options;
    const ended = new AbortController();
    const timer = new FairTimer(timeoutMs, () => ended.abort(new DOMException('too late', 'TimeoutError')));
    try {
      const response = await call(this.url, {
        method: 'POST',
        headers: { ...this.headers, ...this.signature(body) },
        body,
        redirect: 'manual',
        signal: ended.signal,
      });
      // Not read, but cancelled: an unread body keeps its connection.
      await response.body?.cancel();
      if (response.ok) return undefined;
      const again = [408, 425, 429].includes(response.status) || response.status >= 500;
      return new WebhookAlertError(this.url.host, `it answered ${response.status}`, again);
    } catch (error) {
      return new WebhookAlertError(this.url.host, reasonOf(error, timeoutMs), true);
    } finally {
      timer.cancel();
    }
  }

  private signature(body: string): Record<string, string> {
    if (this.options.secret === undefined) return {};
    const seconds = Math.floor(Date.now() / 1000);
    const hmac = createHmac('sha256', this.options.secret).update(`${seconds}.${body}`).digest('hex');
    return { 'x-scripts-event-signature': `t=${seconds},v1=${hmac}` };
  }
}

/**
 * A tenant's text as code, in which no chat looks for mentions, links, pictures or formatting. Slack still needs its
 * three control characters as entities: https://docs.slack.dev/messaging/formatting-message-text/#escaping
 */
const asCode = (text: string): string =>
  text === ''
    ? '(empty)'
    : `\`${printable(text)
        .replaceAll('`', "'")
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')}\``;

const CHAT: Wording = { name: asCode, text: asCode };

function basicAuthorization({ username, password }: URL): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** Codes only, because messages of the HTTP client may repeat what was sent. */
function reasonOf(error: unknown, timeoutMs: number): string {
  const { name, cause } = (error ?? {}) as { name?: unknown; cause?: { code?: unknown } };
  if (name === 'TimeoutError') return `no answer within ${formatDuration(timeoutMs)}`;
  return `the request failed (${codeIn(cause?.code) ?? codeIn(name) ?? 'unknown'})`;
}

const codeIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
