import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DeadLetterAlert } from '../../../lib/alerts/alert.channel.js';
import type { DeadLetterEntry } from '../../../lib/dead-letter/dead-letter.types.js';
import {
  WebhookAlertChannel,
  WebhookAlertError,
  type WebhookAlertOptions,
} from '../../../lib/alerts/channels/webhook.alert-channel.js';

const alert: DeadLetterAlert = {
  deadLetterId: '0198c0de-0000-7000-8000-00000000000d',
  tenantId: 'acme',
  scriptId: '0198c0de-0000-7000-8000-000000000001',
  scriptName: 'Welcome',
  scriptVersion: 2,
  eventId: 'event-1',
  eventType: 'user.created',
  reason: 'failed',
  errorKind: 'runtime',
  error: 'x is not a function',
  retryCount: 3,
  maxRetries: 3,
  occurredAt: '2026-01-02T03:04:05.000Z',
  createdAt: '2026-01-02T03:04:06.000Z',
  exhaustedAt: '2026-01-02T03:11:06.000Z',
  count: 1,
  eventCount: 1,
};
const deadLetter = { payload: { email: 'ada@example.com' } } as unknown as DeadLetterEntry;

describe('WebhookAlertChannel', () => {
  let server: Server;
  let requests: { message: IncomingMessage; body: string }[];
  let answers: (number | 'hang')[];
  const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/T0P-S3CRET`;
  const channel = (options: Partial<WebhookAlertOptions> = {}): WebhookAlertChannel =>
    new WebhookAlertChannel({ url: address(), retryDelayMs: 1, ...options });

  beforeAll(async () => {
    server = createServer((message, response) => {
      let body = '';
      message.on('data', (chunk: Buffer) => (body += chunk.toString()));
      message.on('end', () => {
        requests.push({ message, body });
        const answer = answers.shift() ?? 204;
        if (answer === 'hang') return;
        response.writeHead(answer, answer === 302 ? { location: 'http://127.0.0.1:1/elsewhere' } : {});
        response.end(answer === 204 ? undefined : 'thanks');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  beforeEach(() => {
    requests = [];
    answers = [];
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('posts an alert about a script with a type, an id of its own and a line for people', async () => {
    await channel().sendScriptAlert({
      tenantId: 'acme',
      scriptId: 'welcome',
      scriptName: 'Welcome',
      state: 'disabled',
      change: 2,
      reason: '5 of its last 6 runs failed',
      by: 'scripts-event',
      changedAt: '2026-01-02T03:04:05.000Z',
      scriptVersion: 3,
      runs: 6,
      failures: 5,
      endedProcesses: 5,
      lastError: { kind: 'memory', message: 'too much' },
    });
    expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject({
      type: 'script.disabled',
      id: 'welcome:2',
      text:
        'Script `Welcome` (welcome) of tenant `acme` is disabled: its events are held as dead letters (by `scripts-event`): ' +
        '`5 of its last 6 runs failed`',
      alert: { state: 'disabled', endedProcesses: 5 },
    });
  });

  it('posts the alert as JSON with a line for people and without the payload', async () => {
    await channel({ headers: { authorization: 'Bearer token' } }).send(alert, deadLetter);
    expect(requests).toHaveLength(1);
    const { message, body } = requests[0] as (typeof requests)[number];
    expect(message).toMatchObject({
      method: 'POST',
      url: '/hooks/T0P-S3CRET',
      headers: { 'content-type': 'application/json', authorization: 'Bearer token' },
    });
    expect(JSON.parse(body)).toEqual({
      type: 'script.dead_letter.exhausted',
      id: alert.deadLetterId,
      sentAt: expect.stringMatching(/Z$/),
      text: `Script \`Welcome\` (${alert.scriptId}) of tenant \`acme\` gave up on \`user.created\` after 3 retries: runtime: \`x is not a function\``,
      alert,
    });
    expect(body).not.toContain('ada@example.com');
    expect(message.headers).not.toHaveProperty('x-scripts-event-signature');
  });

  it('says in the line for people how many dead letters and events an alert stands for', async () => {
    await channel().send(
      {
        ...alert,
        retryCount: 0,
        errorKind: null,
        reason: 'loop',
        error: 'too deep',
        count: 300,
        eventCount: 29,
      },
      deadLetter,
    );
    expect((JSON.parse(String(requests[0]?.body)) as { text: string }).text).toBe(
      `Script \`Welcome\` (${alert.scriptId}) of tenant \`acme\` gave up on \`user.created\` without a retry (29 events), and on 299 more: loop: \`too deep\``,
    );
  });

  it('posts a line that mentions nobody and has no link, whatever a tenant writes', async () => {
    const hostile =
      '<!channel> <https://evil.example|your bank> @all [bank](https://evil.example) & `x` *b*\n\u001b]8;;';
    await channel({ includePayload: true }).send(
      { ...alert, scriptName: hostile, tenantId: hostile, error: hostile },
      { payload: { note: hostile } } as unknown as DeadLetterEntry,
    );
    const body = String(requests[0]?.body);
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(body).not.toMatch(/[<>&\u0000-\u001f]/);
    const { text, alert: sent, payload } = JSON.parse(body) as Record<string, unknown>;
    const shown =
      "`&lt;!channel&gt; &lt;https://evil.example|your bank&gt; @all [bank](https://evil.example) &amp; 'x' *b*\\n\\x1b]8;;`";
    expect(text).toBe(
      `Script ${shown} (${alert.scriptId}) of tenant ${shown} gave up on \`user.created\` after 3 retries: runtime: ${shown}`,
    );
    expect(sent).toMatchObject({ tenantId: hostile });
    expect(payload).toEqual({ note: hostile });
  });

  it('sends the payload only when asked to', async () => {
    await channel({ includePayload: true }).send(alert, deadLetter);
    expect(JSON.parse(String(requests[0]?.body))).toMatchObject({ payload: { email: 'ada@example.com' } });
  });

  it('signs the time and the body with the secret', async () => {
    await channel({ secret: 'key' }).send(alert, deadLetter);
    const { message, body } = requests[0] as (typeof requests)[number];
    const [, seconds, signature] = /^t=(\d+),v1=([\da-f]{64})$/.exec(
      String(message.headers['x-scripts-event-signature']),
    ) as RegExpExecArray;
    expect(signature).toBe(createHmac('sha256', 'key').update(`${seconds}.${body}`).digest('hex'));
  });

  it.each([500, 503, 429, 408])('posts again after the answer %i', async (status) => {
    answers = [status, status];
    await channel().send(alert, deadLetter);
    expect(requests).toHaveLength(3);
  });

  it.each([400, 401, 404, 410])('does not post again after the answer %i', async (status) => {
    answers = [status];
    const refused = channel().send(alert, deadLetter);
    await expect(refused).rejects.toThrow(WebhookAlertError);
    await expect(refused).rejects.toMatchObject({
      retryable: false,
      message: expect.stringContaining(`answered ${status}`),
    });
    expect(requests).toHaveLength(1);
  });

  it('gives up after its number of attempts', async () => {
    answers = [500, 500, 500, 500];
    await expect(channel({ attempts: 2 }).send(alert, deadLetter)).rejects.toThrow('it answered 500');
    expect(requests).toHaveLength(2);
  });

  it('does not follow a redirect, which would carry the headers elsewhere', async () => {
    answers = [302];
    await expect(channel().send(alert, deadLetter)).rejects.toThrow('it answered 302');
    expect(requests).toHaveLength(1);
  });

  it('gives up if no answer comes within its timeout', async () => {
    answers = ['hang'];
    const sending = channel({ timeoutMs: 50, attempts: 1 }).send(alert, deadLetter);
    await expect(sending).rejects.toThrow('no answer within 50\u00a0ms');
  });

  it('names the host in its error if nothing listens there', async () => {
    const nobody = new WebhookAlertChannel({ url: 'http://127.0.0.1:1/hook', attempts: 1 });
    await expect(nobody.send(alert, deadLetter)).rejects.toThrow('at 127.0.0.1:1 failed: the request failed');
  });

  it('shows no path, header, secret or credential in an error', async () => {
    answers = [500];
    const url = address().replace('http://', 'http://user:pa%20ss@');
    const secretive = channel({ url, attempts: 1, secret: 'key-1', headers: { 'x-token': 'token-1' } });
    const error: Error = await secretive.send(alert, deadLetter).then(
      () => new Error('it did not fail'),
      (thrown: Error) => thrown,
    );
    expect(error).toBeInstanceOf(WebhookAlertError);
    for (const secret of ['S3CRET', 'pa%20ss', 'pa ss', 'key-1', 'token-1']) {
      expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toContain(secret);
    }
    const basic = `Basic ${Buffer.from('user:pa ss').toString('base64')}`;
    expect(requests[0]?.message.headers.authorization).toBe(basic);
  });

  it.each(['ftp://example.com', 'example.com/hook', ''])(
    'refuses the address %j without repeating it',
    (url) => {
      expect(() => new WebhookAlertChannel({ url })).toThrow(
        'Alert webhook at the configured address failed: it is not an http or https URL.',
      );
    },
  );
});
