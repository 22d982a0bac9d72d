import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FULL } from '../support/test-form.js';
import { ROOT } from '../unit/docs/pages.js';
import { type Adapter, AdminHost } from './support/admin-host.js';

interface Operation {
  operationId: string;
  parameters: { name: string; in: string }[];
  requestBody?: object;
}
type Method = 'get' | 'post' | 'patch' | 'delete';

const { paths } = JSON.parse(readFileSync(join(ROOT, 'openapi', 'admin.json'), 'utf8')) as {
  paths: Record<string, Record<Method, Operation>>;
};
const ROUTES = Object.entries(paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, operation]) => ({ ...operation, method: method as Method, path })),
);

/** Values that no honest client sends, as they are written in a path or a query. */
const VALUES = [
  '%00',
  '..%2f..%2fsession',
  "'%20OR%201=1--",
  '%F0%9F%92%A9',
  '%E2%80%AEtxt',
  '__proto__',
  'constructor',
  '0198c0de-0000-7000-8000-00000000000g',
  '%7B%22$ne%22:1%7D',
  '-1',
  '9'.repeat(400),
  'a'.repeat(5_000),
  '2026-13-45T99:99:99Z',
  '%0d%0aset-cookie:x=1',
  'null',
  'NaN',
];
/** Names that a parser may misread as something else than a name. */
const QUERIES = [
  'tenant=acme&tenant=beta',
  'tenant=beta&tenant=acme',
  '%74enant=acme',
  'tenant=ACME',
  'tenant=acme.',
  'tenant=acme%20',
  'tenant=acme%00',
  'tenant=%EF%BD%81cme',
  'tenant=beta;tenant=acme',
  'tenant=beta%26tenant=acme',
  'tenant=all',
  'tenant=',
  'Tenant=acme',
  'tenant[]=acme',
  'tenant[x]=acme',
  '__proto__[x]=1',
  'constructor.prototype.x=1',
  'limit=1e9',
  'limit=0x10',
  'limit=%D9%A1',
  'limit[]=1',
  'cursor=1:%00',
  'cursor[$gt]=',
  'from=2026-01-01T00:00:00Z&from=2026-01-01T00:00:00Z',
  'status[__proto__]=failed',
  'a=1&'.repeat(2_000),
];
/** Bodies that are valid JSON and that no route accepts. */
const BODIES = [
  'null',
  '[]',
  '"text"',
  '7',
  '{"constructor":{"prototype":{"x":1}}}',
  '{"filter":{"tenantId":"beta"},"note":"x"}',
  '{"filter":[],"note":{}}',
  '{"name":{"toString":1},"source":[],"eventTypes":{"length":1e9}}',
  '{"name":"\\u0000","source":"\\ud800","eventTypes":["\\u202e"]}',
  `{"filters":${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)},"event":{"type":"user.created"}}`,
  `{"reason":"${'x'.repeat(50_000)}","note":"${'x'.repeat(50_000)}"}`,
  `{"event":{"type":"user.created","input":{"__defineGetter__":1,"then":"x"}},"source":"return 1;","limits":{"timeoutMs":1e308}}`,
  `{${Array.from({ length: 2_000 }, (_, n) => `"k${n}":1`).join(',')}}`,
];
const HEADERS: Record<string, string>[] = [
  { 'if-match': '"' },
  { 'if-match': `"${'9'.repeat(500)}"` },
  { 'if-match': '*, "1"' },
  { 'if-none-match': '*'.repeat(2_000) },
  { 'x-user': 'ben' },
  { 'x-scripts-event': '1, 1' },
  { 'sec-fetch-site': 'Cross-Site' },
  { 'content-type': 'application/json; charset=utf-8; boundary=x' },
];

/** In the short form each route gets one item in four, and the next route the next ones: a fourth of the routes gets each. */
const some = <One>(table: readonly One[], route: number): readonly One[] =>
  table.filter((_, position) => FULL || (position + route) % 4 === 0);

/** The two adapters have their own parsers of requests. The code after them is the same, so the short form uses one. */
const ADAPTERS: Adapter[] = FULL ? ['Express', 'Fastify'] : ['Express'];

describe.each<Adapter>(ADAPTERS)('routes that get hostile requests on %s', (adapter) => {
  let admin: AdminHost;
  const secret = 'only-for-acme';

  beforeAll(async () => {
    admin = await AdminHost.start({ adapter, options: { storage: { keepInput: true } } });
    const body = { name: secret, eventTypes: ['user.created'], source: `return "${secret}";`, active: true };
    await admin.post('scripts', body).expect(201);
    admin.host.emit('user.created', { tenantId: 'acme', email: secret });
    await admin.host.executed(1);
  });
  afterAll(() => admin.close());

  /** Says which answers a session of another tenant must never get: an internal error, or data of acme. */
  const judge = (what: string, answer: { status: number; text?: string }): string[] =>
    answer.status >= 500 || (answer.text ?? '').includes(secret)
      ? [`${what}: ${answer.status} ${(answer.text ?? '').slice(0, 200)}`]
      : [];

  const routes = ROUTES.filter(({ operationId }) => operationId !== 'openLiveStream');

  it.each(
    routes
      .filter(({ path }) => path.includes('{'))
      .map((route, at) => [`${route.method} ${route.path}`, route, at] as const),
  )(
    '%s answers hostile ids with neither an error of the server nor data of another tenant',
    async (_name, { method, path }, at) => {
      const bad: string[] = [];
      for (const value of some(VALUES, at)) {
        const place = path.slice(1).replaceAll(/\{\w+\}/g, value);
        const answer = await admin.send(method, place, 'ben', { 'if-match': '*' });
        bad.push(...judge(place.slice(0, 80), answer));
      }
      expect(bad).toEqual([]);
    },
  );

  it.each(routes.map((route, at) => [`${route.method} ${route.path}`, route, at] as const))(
    '%s answers hostile queries, bodies and headers with neither an error of the server nor data of another tenant',
    async (_name, { method, path, parameters, requestBody }, at) => {
      const place = path.slice(1).replaceAll(/\{\w+\}/g, '0198c0de-0000-7000-8000-000000000000');
      const bad: string[] = [];
      const names = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
      const queries = [...QUERIES, ...names.flatMap((name) => VALUES.map((value) => `${name}=${value}`))];
      for (const query of some(queries, at))
        bad.push(
          ...judge(
            query.slice(0, 80),
            await admin.send(method, `${place}?${query}`, 'ben', { 'if-match': '*' }),
          ),
        );
      for (const headers of some(HEADERS, at))
        bad.push(
          ...judge(JSON.stringify(headers).slice(0, 80), await admin.send(method, place, 'ben', headers)),
        );
      for (const body of requestBody ? some(BODIES, at) : []) {
        const sent = admin.send(method, place, 'ben', {
          'content-type': 'application/json',
          'if-match': '*',
        });
        bad.push(...judge(body.slice(0, 80), await sent.send(body)));
      }
      expect(bad).toEqual([]);
    },
  );

  it('leave no error in the log', () => {
    expect(admin.log.of('error')).toEqual([]);
  });
});
