import { BindingCallError } from '../../../lib/common/binding-call.error.js';
import { digest } from '../../../lib/secrets/sdk-digest.js';
import { RunSecrets } from '../../../lib/secrets/run-secrets.js';

const secret = (name: string, value: string, more: { hosts?: string[]; bindings?: string[] } = {}) => ({
  name,
  hosts: more.hosts ?? [],
  bindings: more.bindings ?? [],
  open: async () => value,
  used: () => undefined,
  refused: () => undefined,
});

async function opened(...secrets: ReturnType<typeof secret>[]) {
  const run = new RunSecrets(secrets);
  await run.open();
  const marker = (at: number): string => `_secret_${run.nonce}_${at}_`;
  return { run, marker };
}

const refused = (act: () => unknown): string => {
  try {
    act();
    return 'let through';
  } catch (error) {
    return (error as BindingCallError).code;
  }
};

describe('the secrets of a run', () => {
  it('replace the markers of their own run only, wherever they are in a text', async () => {
    const { run, marker } = await opened(secret('a', 'first-value'), secret('b', 'second-value'));
    expect(run.fill(`${marker(0)}x${marker(1)}${marker(0)}9`, { inProcess: true })).toBe(
      'first-valuexsecond-valuefirst-value9',
    );
    const other = new RunSecrets([secret('a', 'first-value')]);
    for (const text of [
      `_secret_${other.nonce}_0_`,
      marker(2),
      marker(0).toUpperCase(),
      marker(0).slice(0, -1),
      [...marker(0)].join(' '),
      `_secret_${run.nonce}_0000_`,
    ])
      expect(run.fill(text, { inProcess: true })).toBe(text);
  });

  it.each([
    ['the host itself', 'api.example.com', 'https://api.example.com/x', 'let through'],
    ['the host with its own port', 'api.example.com', 'https://api.example.com:443/', 'let through'],
    ['a name in other letters', 'bücher.example', 'https://xn--bcher-kva.example/', 'let through'],
    ['the port of the list', 'api.example.com:8443', 'https://api.example.com:8443/', 'let through'],
    ['another port', 'api.example.com', 'https://api.example.com:8443/', 'secret-not-allowed'],
    [
      'the scheme without a port of the list',
      'api.example.com:8443',
      'https://api.example.com/',
      'secret-not-allowed',
    ],
    ['a name below', 'example.com', 'https://api.example.com/', 'secret-not-allowed'],
    ['a name that ends in it', 'example.com', 'https://notexample.com/', 'secret-not-allowed'],
    ['a name with a final dot', 'api.example.com', 'https://api.example.com./', 'secret-not-allowed'],
    ['a wildcard in the list', '*.example.com', 'https://api.example.com/', 'secret-not-allowed'],
    ['another form of an address', '127.0.0.1', 'https://2130706433/', 'let through'],
  ])('may be sent to the exact host only: %s', async (_what, host, url, verdict) => {
    const { run, marker } = await opened(secret('a', 'first-value', { hosts: [host] }));
    expect(refused(() => run.check(`x ${marker(0)}`, { host: new URL(url) }))).toBe(verdict);
    expect(refused(() => run.check('no marker', { host: new URL(url) }))).toBe('let through');
  });

  it('are masked in every encoding of a value with special characters', async () => {
    const value = `p/"Q&ü <+'%=:\\\n€${'k'.repeat(6)}1`;
    const { run } = await opened(secret('a', value));
    const json = JSON.stringify(value).slice(1, -1);
    const bytes = Buffer.from(value);
    const ascii = json.replaceAll(
      /[^ -~]/g,
      (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    for (const form of [
      value,
      json,
      json.replaceAll('/', '\\/'),
      ascii,
      ascii.replaceAll('/', '\\/'),
      JSON.stringify(json).slice(1, -1),
      encodeURIComponent(value),
      encodeURIComponent(value).replaceAll(/%[\dA-F]{2}/g, (one) => one.toLowerCase()),
      encodeURI(value),
      new URLSearchParams({ v: value }).toString().slice(2),
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
    ])
      expect(run.mask(`a${form}z`)).toBe('a[secret:a]z');
    for (const before of ['', 'u', 'us', 'use', 'user:'])
      for (const encoding of ['base64', 'base64url'] as const) {
        const masked = run.mask(Buffer.from(`${before}${value} after`).toString(encoding));
        expect(masked).toContain('[secret:a]');
        // Digits of the value remain only if they also encode a neighbouring character.
        expect(
          Buffer.from(masked.split('[')[0]!, encoding)
            .toString()
            .replace(/\ufffd.*$/, '').length,
        ).toBeLessThanOrEqual(before.length + 1);
      }
  });

  it('are masked in JSON so that it stays JSON: after an escape, in names of fields and in numbers', async () => {
    const { run } = await opened(secret('a', 'newline-value'), secret('n', '1234567890'));
    const text = JSON.stringify({ x: '\newline-value', 'newline-value': [1234567890, 12], ok: true });
    expect(JSON.parse(run.maskJson(text))).toEqual({
      x: '\newline-value',
      '[secret:a]': ['[secret:n]', 12],
      ok: true,
    });
    const untouched = '{"a" : 1}';
    expect(run.maskJson(untouched)).toBe(untouched);
  });

  it('are masked by the longer of two values of which one contains the other', async () => {
    const { run } = await opened(secret('short', 'abcdefgh'), secret('long', 'abcdefgh-ijkl'));
    expect(run.mask('abcdefgh-ijkl abcdefgh')).toBe('[secret:long] [secret:short]');
  });

  it('become markers again in the address of a redirect', async () => {
    const { run, marker } = await opened(secret('a', 'first/value'));
    expect(run.remark('https://b.example/?t=first%2Fvalue')).toBe(`https://b.example/?t=${marker(0)}`);
  });

  it('are opened all or none, and again at the next call if that failed', async () => {
    let works = false;
    const run = new RunSecrets([
      { ...secret('a', ''), open: async () => (works ? 'first-value' : Promise.reject(new Error('kms'))) },
    ]);
    await expect(run.open()).rejects.toMatchObject({ code: 'secret-unavailable', retryable: true });
    works = true;
    await run.open();
    expect(run.fill(`_secret_${run.nonce}_0_`, { inProcess: true })).toBe('first-value');
  });

  it('give the length that a text will have before any value is filled in', async () => {
    const { run, marker } = await opened(secret('a', 'v'.repeat(8_000) + 'w'));
    const text = `${marker(0)} and ${marker(0)} and ${marker(7)}`;
    expect(run.filledLength(text)).toBe(run.fill(text, { inProcess: true }).length);
    expect(run.filledLength('plain')).toBe(5);
  });

  it('give the bytes that a text will have, whatever its characters and those of the value', async () => {
    const { run, marker } = await opened(secret('a', '€'.repeat(100) + '😀é'));
    const text = `größe ${marker(0)} and ${marker(0)} and ${marker(7)}`;
    expect(run.filledBytes(text)).toBe(Buffer.byteLength(run.fill(text, { inProcess: true })));
  });

  it('are not signed or hashed in a text that they make too large only in bytes', async () => {
    const { run, marker } = await opened(secret('a', '€'.repeat(1_000) + 'wx'));
    const most = 256 * 1024 - Buffer.byteLength('€'.repeat(1_000) + 'wx');
    const digested = (more: number): Promise<string> =>
      digest('sdk.hash', { text: marker(0) + '€'.repeat(1_000) + 'x'.repeat(most - 3_000 + more) }, run);
    expect(await digested(0)).toMatch(/^[0-9a-f]{64}$/);
    await expect(digested(1)).rejects.toMatchObject({
      message: expect.stringContaining('more than 262144 bytes'),
    });
  });

  it('are not signed or hashed in a text that they make too long', async () => {
    const { run, marker } = await opened(secret('a', 'v'.repeat(8_000) + 'wx'));
    const text = marker(0).repeat(40);
    for (const [name, input] of [
      ['sdk.hash', { text }],
      ['sdk.hmac', { secret: marker(0), text }],
      ['sdk.hmac', { secret: text, text: 'x' }],
    ] as const)
      await expect(digest(name, input, run)).rejects.toMatchObject({
        code: 'invalid-input',
        message: expect.stringContaining('262144'),
      });
  });

  it('are masked in the most frequent encodings of a long value', async () => {
    const value = `-----BEGIN KEY-----\n${'Ab/+9='.repeat(300)}`;
    const { run } = await opened(secret('a', value));
    for (const form of [
      value,
      JSON.stringify(value).slice(1, -1),
      encodeURIComponent(value),
      new URLSearchParams({ v: value }).toString().slice(2),
      Buffer.from(value).toString('hex'),
    ])
      expect(run.mask(`a${form}z`)).toBe('a[secret:a]z');
    expect(run.mask(Buffer.from(`user:${value}`).toString('base64'))).toContain('[secret:a]');
  });
});
