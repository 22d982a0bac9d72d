import { ScriptsEventAdminModule } from '../../lib/admin/index.js';
import { PAGE_ROUTES } from '../../lib/admin/serving/page.routes.js';
import { access, type Adapter, AdminHost } from './support/admin-host.js';

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const ADDRESSES = PAGE_ROUTES.filter(Boolean).map((path) => `/${path.replace(/:\w+/g, 'x1')}`);

/** Where the browser finds the page's script, when it has asked for a document there. */
function scriptOf(html: string, at: string): string {
  const [, src = ''] = /<script type="module" src="([^"]+)">/.exec(html) ?? [];
  return new URL(src, `https://host.example${at}`).pathname;
}

describe.each<Adapter>(['Express', 'Fastify'])('the page in a host on %s that has everything', (adapter) => {
  let admin: AdminHost;
  beforeAll(async () => {
    admin = await AdminHost.start({ adapter, busy: true, admin: { links: { signIn: '/login?next=a&b' } } });
  });
  afterAll(() => admin.close());

  it.each(['', ...ADDRESSES])(
    'is a document at its address "%s", and finds its script from there',
    async (path) => {
      const { text, headers } = await admin.page(path, 'ada', HTML).expect(200);
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
          "worker-src 'self'; require-trusted-types-for 'script'; trusted-types scripts-event; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      });
      expect(text).toMatch(/^<!doctype html>/);
      const script = scriptOf(text, `/back/admin/scripts${path}`);
      expect(script).toMatch(/^\/back\/admin\/scripts\/assets\/part-\w+\.js$/);
      const behindProxy = scriptOf(text, `/ops/tools/scripts${path}`);
      expect(behindProxy).toBe(script.replace('/back/admin', '/ops/tools'));
    },
  );

  // On Fastify, Nest takes the slash off its routes; a host may set Fastify's `ignoreTrailingSlash`. No link of the page has it.
  it('is at its mount with a slash as well, where the adapter has such an address', async () => {
    const { text } = await admin.page('/', 'ada', HTML).expect(adapter === 'Express' ? 200 : 404);
    const found = /^\/anywhere\/at\/all\/assets\/part-\w+\.js$/.test(scriptOf(text, '/anywhere/at/all/'));
    expect(found).toBe(adapter === 'Express');
  });

  it('sends its files compressed to who takes them so, and once', async () => {
    const { text } = await admin.page('', 'ada', HTML);
    const path = scriptOf(text, '/back/admin/scripts').replace('/back/admin/scripts', '');
    const first = await admin.page(path, 'ada', { 'accept-encoding': 'br, gzip' }).expect(200);
    expect(first.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'content-encoding': 'gzip',
      'cache-control': 'private, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      vary: expect.stringContaining('Accept-Encoding'),
      etag: expect.stringMatching(/^"part-\w+\.js-gzip"$/),
    });
    const plain = await admin.page(path, 'ada', { 'accept-encoding': 'gzip;q=0' }).expect(200);
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.headers.etag).not.toBe(first.headers.etag);
    expect(plain.text ?? plain.body.toString()).toBe(first.text ?? first.body.toString());
    await admin
      .page(path, 'ada', { 'accept-encoding': 'gzip', 'if-none-match': first.headers.etag as string })
      .expect(304);
  });

  it.each([
    '/assets/page.json',
    '/assets/..%2Fpage.json',
    '/assets/%2e%2e%2f%2e%2e%2findex.js',
    '/assets/none.js',
  ])('has no file %s', async (path) => {
    const { text } = await admin.page(path, 'ada').expect(404);
    expect(text).not.toContain('manifest');
  });

  it('begins with who looks at it, as the API would answer them', async () => {
    const { text } = await admin.page('/scripts', 'ada', HTML).expect(200);
    const [, content = ''] = /<meta name="scripts-event" content="([^"]+)">/.exec(text) ?? [];
    const given = JSON.parse(content.replaceAll('&quot;', '"').replaceAll('&amp;', '&')) as object;
    const { body } = await admin.get('session').expect(200);
    expect(given).toEqual({ session: body, links: { signIn: '/login?next=a&b' } });
  });

  it.each([
    ['/overview', 'ada', ''],
    ['/overview?tenant=acme', 'ada', ''],
    ['/overview?tenant=a%20%26b', 'olga', 'tenant=a+%26b'],
    ['/overview', 'olga', undefined],
    ['/overview', 'eve', undefined],
    ['/scripts', 'ada', undefined],
  ])('names what the page asks for first at "%s", for %s', async (path, user, tenant) => {
    const { text } = await admin.page(path, user, HTML).expect(200);
    const found = [...text.matchAll(/<link rel="preload" as="fetch" crossorigin href="([^"]+)">/g)];
    const asked = found.map(([, href = '']) => href.replaceAll('&amp;', '&'));
    const withTenant = (query: string): string => [tenant, query].filter(Boolean).join('&');
    const expected = ['scripts?limit=1', 'dead-letters/counts', 'script-health', 'executions/stats'].map(
      (one) => {
        const [name, query = ''] = one.split('?');
        return ['api/' + name, withTenant(query)].filter(Boolean).join('?');
      },
    );
    expect(asked).toEqual(tenant === undefined ? [] : expected);
  });

  it('leaves the API beside it as it is', async () => {
    const { body } = await admin.get('session').expect(200);
    expect(body).toMatchObject({ actor: { id: 'ada' } });
    const { headers } = await admin.get('nothing').expect(404);
    expect(headers['content-type']).not.toMatch(/html/);
  });

  it.each(['', ...ADDRESSES])('shows who has no session at "%s" only where to sign in', async (path) => {
    const { text, headers } = await admin.page(path, undefined, HTML).expect(401);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    expect(text).toContain('<a href="/login?next=a&amp;b">Sign in</a>');
    expect(text).not.toContain('assets/');
  });

  it('gives its files to no stranger, and to no other site', async () => {
    const { text } = await admin.page('', 'ada', HTML);
    const path = scriptOf(text, '/back/admin/scripts').replace('/back/admin/scripts', '');
    const { body } = await admin.page(path).expect(401);
    expect(body).toMatchObject({ code: 'unauthenticated' });
    await admin.page(path, 'ada', { 'sec-fetch-site': 'cross-site' }).expect(403);
  });

  it('opens from a link on another site, such as an alert in a chat', async () => {
    await admin.page('/overview', 'ada', { ...HTML, 'sec-fetch-site': 'cross-site' }).expect(200);
  });

  it('passes the guards of the host', async () => {
    const { text } = await admin.page('', 'mallory', HTML).expect(403);
    expect(text).toContain('Mallory is shut out.');
    expect(text).not.toContain('Sign in');
  });
});

describe('the options of the page', () => {
  it('let a host show it in a frame of its own, and take nothing else away', async () => {
    const admin = await AdminHost.start({
      admin: { csp: { 'frame-ancestors': "'self' https://portal.example" } },
    });
    try {
      const { headers } = await admin.page('', 'ada', HTML).expect(200);
      const policy = headers['content-security-policy'] ?? '';
      expect(policy).toContain("frame-ancestors 'self' https://portal.example");
      expect(policy).toContain("default-src 'none'; script-src 'self'");
    } finally {
      await admin.close();
    }
  });

  it('switch it off, and leave the API', async () => {
    const admin = await AdminHost.start({ admin: { page: false } });
    try {
      await admin.page('', 'ada', HTML).expect(404);
      await admin.page('/overview', 'ada', HTML).expect(404);
      await admin.get('session').expect(200);
    } finally {
      await admin.close();
    }
  });

  it.each([
    ['page', { page: 'yes' }, /page must be true or false/],
    ['a policy that is a text', { csp: "default-src 'self'" }, /csp must be an object/],
    [
      'a directive that brings another',
      { csp: { 'img-src': "'self'; script-src *" } },
      /csp\.img-src must be/,
    ],
    ['a directive without a proper name', { csp: { 'img-src x': '' } }, /csp has no directive/],
    ['a link that runs a script', { links: { home: 'javascript:alert(1)' } }, /links\.home must be a path/],
    [
      'a link to another host that looks like a path',
      { links: { signIn: '//evil.example' } },
      /links\.signIn/,
    ],
    ['a link that the page does not have', { links: { sigIn: '/' } }, /did you mean "signIn"/],
  ])('are checked at once: %s', (_what, options, message) => {
    expect(() => ScriptsEventAdminModule.forRoot({ access, ...(options as object) })).toThrow(
      expect.objectContaining({ code: 'admin-options', message: expect.stringMatching(message) }),
    );
  });
});
