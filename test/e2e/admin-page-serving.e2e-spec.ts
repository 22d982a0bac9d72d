import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ScriptsEventAdminModule } from '../../lib/admin/index.js';
import { PAGE_ROUTES } from '../../lib/admin/serving/page.routes.js';
import { PAGE_PLACE } from '../../lib/admin/serving/page-place.js';
import { access, type Adapter, AdminHost } from './support/admin-host.js';

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const ADDRESSES = PAGE_ROUTES.filter(Boolean).map((path) => `/${path.replace(/:\w+/g, 'x1')}`);

/** The path of the file with the page's other screens, as a browser resolves it in a document at the address `at`. */
function scriptOf(html: string, at: string): string {
  const [, src = ''] = /<script type="module" src="([^"]+)">/.exec(html) ?? [];
  return new URL(src, `https://host.example${at}`).pathname;
}

/** The data that a document contains for the page's script. */
interface Given {
  up: string;
  session: object;
  links: object;
  answers: { path: string; query: Record<string, string | number>; value: unknown }[];
}

const ENTITIES: Record<string, string> = { quot: '"', '#39': "'", lt: '<', gt: '>', amp: '&' };

function givenBy(html: string): Given {
  const [, content = ''] = /<meta name="scripts-event" content="([^"]*)">/.exec(html) ?? [];
  return JSON.parse(
    content.replace(/&(quot|#39|lt|gt|amp);/g, (_, name: string) => ENTITIES[name] ?? ''),
  ) as Given;
}

/** Text that would end a script or an attribute of a document, or begin a comment, if it were not escaped. */
const HOSTILE = '</script><!--<script>alert(1)</script>"\'><img src=x onerror=alert(1)>&quot;\u2028';

const hashOf = (text = ''): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe.each<Adapter>(['Express', 'Fastify'])(
  'the page in a host on %s with a prefix, versions, pipes, guards and interceptors',
  (adapter) => {
    let admin: AdminHost;
    beforeAll(async () => {
      admin = await AdminHost.start({ adapter, busy: true, admin: { links: { signIn: '/login?next=a&b' } } });
    });
    afterAll(() => admin.close());

    it.each(['', ...ADDRESSES])(
      'is a document at the address "%s", from which the browser finds its script, also behind a proxy',
      async (path) => {
        const { text, headers } = await admin.page(path, 'ada', HTML).expect(200);
        const [, style] = /<style>(.*?)<\/style>/s.exec(text) ?? [];
        const [, script] = /<script type="module">(.*?)<\/script>/s.exec(text) ?? [];
        expect(headers).toMatchObject({
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-store',
          vary: expect.stringContaining('Accept-Encoding'),
          'x-content-type-options': 'nosniff',
          'content-security-policy':
            `default-src 'none'; script-src 'self' ${hashOf(script)}; style-src 'self' ${hashOf(style)}; ` +
            "img-src 'self' data:; connect-src 'self'; worker-src 'self'; require-trusted-types-for 'script'; trusted-types scripts-event; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        });
        expect(text).toMatch(/^<!doctype html>/);
        const others = scriptOf(text, `/back/admin/scripts${path}`);
        expect(others).toMatch(/^\/back\/admin\/scripts\/assets\/part-\w+\.js$/);
        const behindProxy = scriptOf(text, `/ops/tools/scripts${path}`);
        expect(behindProxy).toBe(others.replace('/back/admin', '/ops/tools'));
        const mount = new URL(givenBy(text).up, `https://host.example/ops/tools/scripts${path}`).pathname;
        expect(mount).toBe('/ops/tools/scripts/');
      },
    );

    // On Fastify, Nest removes the slash from its routes. A host may set `ignoreTrailingSlash`, and no link of the page needs it.
    it('is at its path with a slash at the end, too, on Express; Fastify answers 404', async () => {
      const { text } = await admin.page('/', 'ada', HTML).expect(adapter === 'Express' ? 200 : 404);
      const found = /^\/anywhere\/at\/all\/assets\/part-\w+\.js$/.test(scriptOf(text, '/anywhere/at/all/'));
      expect(found).toBe(adapter === 'Express');
    });

    it('sends its files compressed to browsers that accept that, and answers 304 when they ask again', async () => {
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
    ])('answers 404 for the file %s', async (path) => {
      const { text } = await admin.page(path, 'ada').expect(404);
      expect(text).not.toContain('manifest');
    });

    it.each([
      '/backtests',
      '/backtests/x1',
      '/overview/x1',
      '/scripts/x1/edit/x1',
      '/Secrets',
      '/scripts/x1/Edit',
    ])('is not at "%s", where it has no screen', async (path) => {
      const { text } = await admin.page(path, 'ada', HTML).expect(404);
      expect(text).not.toMatch(/assets\/|<script/);
    });

    it('contains the session that the API would return', async () => {
      const { text } = await admin.page('/scripts', 'ada', HTML).expect(200);
      const { session, links, answers } = givenBy(text);
      const { body } = await admin.get('session').expect(200);
      expect({ session, links, answers }).toEqual({
        session: body,
        links: { signIn: '/login?next=a&b' },
        answers: [],
      });
    });

    it('is sent compressed to browsers that accept that, with the same content', async () => {
      const plain = await admin
        .page('/scripts', 'ada', { ...HTML, 'accept-encoding': 'identity' })
        .expect(200);
      expect(plain.headers['content-encoding']).toBeUndefined();
      const zipped = await admin.page('/scripts', 'ada', { ...HTML, 'accept-encoding': 'gzip' }).expect(200);
      expect(zipped.headers['content-encoding']).toBe('gzip');
      expect(zipped.text).toBe(plain.text);
    });

    const OF_OVERVIEW = ['scripts', 'dead-letters/counts', 'script-health', 'executions/stats', 'failures'];
    it.each([
      ['/overview', 'ada', '', [...OF_OVERVIEW, 'health', 'event-types']],
      ['/overview?tenant=acme', 'ada', '', [...OF_OVERVIEW, 'health', 'event-types']],
      ['', 'ada without operate', '', [...OF_OVERVIEW, 'event-types']],
      ['/overview?tenant=a%20%26b', 'olga', 'a &b', [...OF_OVERVIEW, 'health', 'event-types']],
      [
        `/overview?tenant=${encodeURIComponent(HOSTILE)}`,
        'olga',
        HOSTILE,
        [...OF_OVERVIEW, 'health', 'event-types'],
      ],
      ['/overview?tenant=beta', 'ada', '', []],
      ['/overview?tenant=acme&tenant=beta', 'olga', '', []],
      ['/overview', 'olga', '', []],
      ['/overview', 'eve', '', []],
      ['/scripts', 'ada', '', []],
    ])(
      'contains at "%s" the answers that %s would get from the API',
      async (path, user, tenant, expected) => {
        const { text } = await admin.page(path, user, HTML).expect(200);
        expect(text).not.toMatch(/alert\(1\)<|<img|<!--/);
        const { answers } = givenBy(text);
        expect(answers.map((one) => one.path)).toEqual(expected);
        for (const { path: asked, query, value } of answers) {
          const ofTenant = !['health', 'event-types'].includes(asked);
          expect(query).toEqual({
            ...(tenant && ofTenant ? { tenant } : {}),
            ...(asked === 'scripts' ? { limit: 1 } : {}),
            ...(asked === 'failures' ? { limit: 5 } : {}),
          });
          const search = new URLSearchParams(query as Record<string, string>);
          const { body } = await admin.get(`${asked}?${search}`, user).expect(200);
          // They differ each time.
          const moments = { checkedAt: expect.anything(), components: expect.anything() };
          expect(value).toEqual(asked === 'health' ? { ...body, ...moments } : body);
        }
      },
    );

    it('does not change the API beside it', async () => {
      const { body } = await admin.get('session').expect(200);
      expect(body).toMatchObject({ actor: { id: 'ada' } });
      const { headers } = await admin.get('nothing').expect(404);
      expect(headers['content-type']).not.toMatch(/html/);
    });

    it.each(['', ...ADDRESSES])(
      'tells somebody without a session at "%s" to sign in, and nothing else',
      async (path) => {
        const { text, headers } = await admin.page(path, undefined, HTML).expect(401);
        const [, style = ''] = /<style>(.*?)<\/style>/s.exec(text) ?? [];
        expect(headers).toMatchObject({
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-store',
          'referrer-policy': 'same-origin',
          'www-authenticate': 'Session realm="scripts-event"',
          'content-security-policy':
            `default-src 'none'; style-src ${hashOf(style)}; img-src data:; base-uri 'none'; form-action 'none'; ` +
            "frame-ancestors 'none'",
        });
        expect(style).toContain('light-dark(');
        expect(text).toContain(
          '<main><h1>You are not signed in</h1><p>Only people who are signed in to the application can see this page.</p>' +
            '<p><a href="/login?next=a&amp;b">Sign in</a></p></main>',
        );
        expect(text).not.toMatch(/assets\/|<script|acme/);
      },
    );

    it('refuses its files to people without a session and to other sites', async () => {
      const { text } = await admin.page('', 'ada', HTML);
      const path = scriptOf(text, '/back/admin/scripts').replace('/back/admin/scripts', '');
      const { body } = await admin.page(path).expect(401);
      expect(body).toMatchObject({ code: 'unauthenticated' });
      await admin.page(path, 'ada', { 'sec-fetch-site': 'cross-site' }).expect(403);
    });

    it('opens from a link on another site, such as an alert in a chat', async () => {
      const followed = { ...HTML, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
      await admin.page('/overview', 'ada', followed).expect(200);
    });

    it('refuses requests by scripts of another site', async () => {
      const fetched = { ...HTML, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' };
      const { text } = await admin.page('/overview', 'ada', fetched).expect(403);
      expect(text).not.toContain('acme');
    });

    it('is refused when a guard of the host refuses the person', async () => {
      const { text } = await admin.page('', 'mallory', HTML).expect(403);
      expect(text).toContain('<h1>You have no access</h1><p>Mallory is shut out.</p>');
      expect(text).not.toContain('Sign in');
    });
  },
);

describe('the first load of the page', () => {
  it('takes at most 60 KiB, including the screens that are loaded after the overview', () => {
    const place = dirname(PAGE_PLACE);
    const { style, next } = JSON.parse(readFileSync(PAGE_PLACE, 'utf8')) as { style: string; next: string[] };
    const documented = gzipSync(
      readFileSync(join(place, 'inline.js'), 'utf8') + readFileSync(join(place, 'assets', style), 'utf8'),
    ).length;
    const files = next.map((name) => readFileSync(join(place, 'assets', `${name}.gz`)).length);
    expect((documented + files.reduce((sum, bytes) => sum + bytes, 0)) / 1_024).toBeLessThanOrEqual(60);
  });
});

describe('the options of the page', () => {
  it('let a host show the page in a frame, and keep the rest of the content security policy', async () => {
    const admin = await AdminHost.start({
      admin: { csp: { 'frame-ancestors': "'self' https://portal.example" } },
    });
    try {
      const { headers } = await admin.page('', 'ada', HTML).expect(200);
      const policy = headers['content-security-policy'] ?? '';
      expect(policy).toContain("frame-ancestors 'self' https://portal.example");
      expect(policy).toContain("default-src 'none'; script-src 'self' 'sha256-");
    } finally {
      await admin.close();
    }
  });

  it('switch the page off, and keep the API', async () => {
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
    ['a page that is neither true nor false', { page: 'yes' }, /page must be true or false/],
    ['a policy that is a text', { csp: "default-src 'self'" }, /csp must be an object/],
    [
      'a directive that contains another one',
      { csp: { 'img-src': "'self'; script-src *" } },
      /csp\.img-src must be/,
    ],
    [
      'a directive without a proper name',
      { csp: { 'img-src x': '' } },
      /csp has "img-src x", which is no directive/,
    ],
    ['a link that runs a script', { links: { home: 'javascript:alert(1)' } }, /links\.home must be a path/],
    [
      'a link to another host that looks like a path',
      { links: { signIn: '//evil.example' } },
      /links\.signIn/,
    ],
    ['a link that the page does not have', { links: { sigIn: '/' } }, /did you mean "signIn"/],
  ])('are checked at once; refused is %s', (_what, options, message) => {
    expect(() => ScriptsEventAdminModule.forRoot({ access, ...(options as object) })).toThrow(
      expect.objectContaining({ code: 'admin-options', message: expect.stringMatching(message) }),
    );
  });
});
