import { createHash } from 'node:crypto';
import { CallSecrets } from '../../../lib/bindings/binding-secrets.js';
import { filled, redirectOf } from '../../../lib/bindings/http/filled-request.js';
import { BindingCallError } from '../../../lib/common/binding-call.error.js';
import { digest } from '../../../lib/secrets/sdk-digest.js';
import { RunSecrets } from '../../../lib/secrets/run-secrets.js';

const VALUE = `xoxb-"Q/ü&<'+%=^!(k)${'9f3a'.repeat(4)}`;
const OTHER = `other-${'7b2c'.repeat(4)}`;

const opened = async (value = VALUE) => {
  const one = (name: string, text: string, hosts: string[], bindings: string[]) => ({
    name,
    hosts,
    bindings,
    open: async () => text,
    used: () => undefined,
    refused: () => undefined,
  });
  const secrets = new RunSecrets([
    one('a', value, ['a.example'], ['mail.send']),
    one('b', OTHER, ['b.example'], ['crm.send']),
  ]);
  await secrets.open();
  return { secrets, marker: (at: number): string => `_secret_${secrets.nonce}_${at}_` };
};

const outcomeOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof BindingCallError)) throw error;
    return error.code;
  }
};

const percent = (text: string, of = /[^]/gu): string =>
  text.replaceAll(of, (one) =>
    [...Buffer.from(one)].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join(''),
  );
const unicode = (text: string): string =>
  text
    .split('')
    .map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

describe('a hostile author with a secret for a.example', () => {
  const request = (address: string, more: { headers?: Record<string, string>; body?: string } = {}) => ({
    address,
    method: 'POST',
    headers: more.headers ?? {},
    body: more.body ?? null,
  });

  it.each([
    ['a tab in the path', (a: string, b: string) => `https://a.example/${a}/${b.replace('_1_', '\t_1_')}`],
    [
      'a line break in the query',
      (a: string, b: string) => `https://a.example/?${a}&${b.replace('t_', 't\n_')}`,
    ],
  ])(
    'sends no secret of another host whose marker the URL parser puts together: %s',
    async (_what, address) => {
      const { secrets, marker } = await opened();
      const broken = address(marker(0), marker(1));
      expect(secrets.isIn(broken)).toBe(true);
      expect(outcomeOf(() => filled(request(broken), secrets, 65_536))).toBe('secret-not-allowed');
    },
  );

  it('gets no value from a marker in a host, a user, a port, a fragment or the name of a header', async () => {
    const { secrets, marker } = await opened();
    const at = marker(0);
    for (const address of [
      `https://${at}.b.example/`,
      `https://${at}/`,
      `https://b.example/#${at}`,
      `https://b.example:80/${at}`,
      `https://${at}@b.example/`,
      `https://a.example.b.example/${at}`,
      `https://a.example@b.example/${at}`,
      `https://b.example\\@a.example/${at}`,
    ])
      expect(outcomeOf(() => filled(request(address), secrets, 65_536))).toBe('secret-not-allowed');
    // On the allowed host, too, a part that isn't sent as text keeps the marker.
    for (const address of [`https://a.example/#${at}`, `https://${at}@a.example/`]) {
      const { url, path } = filled(request(address), secrets, 65_536);
      expect(`${url.href}${path}`).not.toContain('9f3a');
    }
    const named = filled(request(`https://a.example/${at}`, { headers: { [at]: 'x' } }), secrets, 65_536);
    expect(Object.keys(named.headers)).toEqual([at]);
  });

  it('gets no value from a marker that is split, changed, of another secret, of another run, or in base64', async () => {
    const { secrets, marker } = await opened();
    const { secrets: next } = await opened();
    const at = marker(0);
    for (const text of [
      [...at].join('.'),
      at.toUpperCase(),
      at.slice(1),
      at.replace('_0_', '_00000_'),
      at.replace('_0_', '_7_'),
      `_secret_${next.nonce}_0_`,
      Buffer.from(at).toString('base64'),
      percent(at),
      unicode(at),
    ]) {
      const sent = filled(request('https://a.example/', { body: text }), secrets, 65_536);
      expect(sent).toMatchObject({ body: text });
    }
    // A marker that the script puts together again is refused like a whole one.
    expect(
      outcomeOf(() =>
        filled(
          request('https://b.example/', { body: [at.slice(0, 9), at.slice(9)].join('') }),
          secrets,
          65_536,
        ),
      ),
    ).toBe('secret-not-allowed');
  });

  it('gets a digest of the whole value or of none of it', async () => {
    const { secrets, marker } = await opened();
    const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
    const digestOf = (text: string): Promise<string> => digest('sdk.hash', { text }, secrets);
    expect(await digestOf(marker(0))).toBe(hash(VALUE));
    for (const part of [
      marker(0).slice(0, -1),
      marker(0).slice(1),
      [...marker(0)].join(' '),
      marker(0).toUpperCase(),
    ])
      expect(await digestOf(part)).toBe(hash(part));
  });

  it('gets no value from a binding that joins the parts of a marker that it may not resolve', async () => {
    const { secrets, marker } = await opened();
    const inUse = new CallSecrets(secrets, 'mail.send');
    const [first, rest] = [marker(1).slice(0, 12), marker(1).slice(12)];
    expect(inUse.resolve(`${first}${rest}`)).toBe(marker(1));
    expect(inUse.resolve(`${marker(0)} ${first}${rest}`)).toBe(`${VALUE} ${marker(1)}`);
  });

  it.each([
    ['as it is', VALUE, (value: string) => `?t=${value}`],
    ['as encodeURI leaves it', VALUE, encodeURI],
    ['encoded by RFC 3986', VALUE, (value: string) => percent(value, /[^\w.~-]/g)],
    ['encoded twice', VALUE, (value: string) => percent(percent(value))],
    ['in base64', VALUE, (value: string) => Buffer.from(value).toString('base64')],
    ['with a tab in it', VALUE, (value: string) => `?t=${value.slice(0, 7)}\t${value.slice(7)}`],
  ])('learns nothing from a redirect to a host of their own: the value %s', async (_what, value, form) => {
    const { secrets } = await opened(value);
    const from = new URL('https://a.example/');
    const next = redirectOf(request(from.href), from, 302, `https://b.example/${form(value)}`, secrets);
    expect(outcomeOf(() => filled(next, secrets, 65_536))).toBe('secret-not-allowed');
  });

  it('learns nothing from a redirect with the value in its host or user, which the URL parser changes', async () => {
    const value = 'MyKey-ABCDEF12';
    const { secrets } = await opened(value);
    const from = new URL('https://a.example/');
    for (const location of [
      `https://${value}.b.example/`,
      `//${value}.b.example`,
      `https://u:${value}@b.example/`,
    ]) {
      const next = redirectOf(request(from.href), from, 302, location, secrets);
      expect(outcomeOf(() => filled(next, secrets, 65_536))).toBe('secret-not-allowed');
    }
  });
});

describe('an answer with the value of a secret', () => {
  const entities = (text: string, form: (code: number) => string): string =>
    [...text].map((one) => form(one.codePointAt(0)!)).join('');
  const bytes = Buffer.from(VALUE);
  const lines = (text: string, width: number): string =>
    text.replaceAll(new RegExp(`.{${width}}`, 'g'), '$&\r\n');

  it.each([
    ['every character percent-encoded', percent(VALUE)],
    ['in lower-case hex', percent(VALUE).toLowerCase()],
    ['encoded by RFC 3986', percent(VALUE, /[^\w.~-]/g)],
    ['some characters encoded', percent(VALUE, /[&9"']/g)],
    ['encoded twice', percent(percent(VALUE))],
    ['encoded twice, the way of URLs', encodeURIComponent(encodeURIComponent(VALUE))],
    ['in Latin-1 percents', percent(VALUE, /[^ü]/g).replace('ü', '%FC')],
    [
      'in the way of escape()',
      VALUE.replaceAll(/[^\w]/g, (one) => `%u${one.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ],
    ['in \\u escapes', unicode(VALUE)],
    ['in \\u escapes inside JSON', JSON.stringify(unicode(VALUE))],
    [
      'in \\x escapes',
      [...bytes.toString('latin1')]
        .map((one) => `\\x${one.charCodeAt(0).toString(16)}`)
        .join('')
        .replace('\\xc3\\xbc', '\\xfc'),
    ],
    ['in decimal entities', entities(VALUE, (code) => `&#${code};`)],
    ['in hexadecimal entities', entities(VALUE, (code) => `&#x${code.toString(16)};`)],
    [
      'in named entities',
      VALUE.replaceAll(
        /[&<"']/g,
        (one) => ({ '&': '&amp;', '<': '&lt;', '"': '&quot;', "'": '&apos;' })[one]!,
      ),
    ],
    [
      'in entities of entities',
      VALUE.replaceAll('&', '&amp;').replaceAll('&', '&amp;').replaceAll('<', '&amp;lt;'),
    ],
    ['percent-encoded in JSON in JSON', JSON.stringify(JSON.stringify(percent(VALUE, /["/]/g)))],
    ['upper case', VALUE.toUpperCase()],
    ['lower case', VALUE.toLowerCase()],
    [
      'with a NUL behind each character, as UTF-16 read as UTF-8',
      Buffer.from(VALUE.replace('ü', 'u'), 'utf16le').toString(),
    ],
    ['in base64 of lines', lines(bytes.toString('base64'), 8)],
    ['in base64 of lines inside JSON', JSON.stringify(lines(bytes.toString('base64'), 8))],
    ['in hex of lines', lines(bytes.toString('hex'), 16)],
    ['decomposed', VALUE.normalize('NFD')],
  ])('has the mask in place of the value: %s', async (what, text) => {
    const { secrets } = await opened(what.includes('UTF-16') ? VALUE.replace('ü', 'u') : VALUE);
    const masked = secrets.mask(`before ${text} after`);
    expect(masked).toContain('[secret:a]');
    expect(masked).toMatch(/^before .* after$/s);
    expect(masked).not.toMatch(/9f3a|OWYzY|396633|%39|\\u0039|&#57|&#x39/i);
  });

  it('has the mask in place of a number of many digits, which JSON rounds', async () => {
    for (const digits of ['12345678901234567890', '0012345678', '1'.repeat(9) + '23'.repeat(12)]) {
      const { secrets } = await opened(digits);
      expect(secrets.maskValue({ token: Number(digits) })).toEqual({ token: '[secret:a]' });
    }
  });

  it('keeps every other character, even if it is encoded', async () => {
    const { secrets } = await opened();
    const around = 'a%20b \\u0041 &amp;\r\n100% \\';
    expect(secrets.mask(around)).toBe(around);
    expect(secrets.mask(`${around}${percent(VALUE)}${around}`)).toBe(`${around}[secret:a]${around}`);
    expect(secrets.mask(`${percent(VALUE)}${percent(OTHER)}\n`)).toBe('[secret:a][secret:b]\n');
  });
});
