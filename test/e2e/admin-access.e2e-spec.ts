import { ScriptsEventAdminModule } from '../../lib/admin/index.js';
import { buildApp, closeAfterStart } from '../support/app.builder.js';
import { createTestSchema } from '../support/postgres.js';
import { access, type Adapter, AdminHost, HostGuard } from './support/admin-host.js';
import { RecordedLog } from './support/recorded-log.js';

const SCRIPT = {
  name: '  Two  spaces ',
  eventTypes: ['user.created'],
  filters: { email: 'ada@example.com' },
  source: '  return ctx.input.email;  ',
};

describe.each<Adapter>(['Express', 'Fastify'])(
  'the API in a host on %s with a prefix, versions, pipes, guards and interceptors',
  (adapter) => {
    let admin: AdminHost;
    beforeAll(async () => {
      admin = await AdminHost.start({ adapter, busy: true });
    });
    afterEach(() => void admin.log.lines.splice(0));
    afterAll(() => admin.close());

    it('has addresses below the global prefix without a version, and answers that the host’s interceptors do not wrap', async () => {
      const { body, headers } = await admin.get('session').expect(200);
      expect(body).toMatchObject({
        actor: { id: 'ada', name: 'Ada' },
        tenants: ['acme'],
        onlyTenant: 'acme',
        allTenants: false,
        permissions: ['read', 'data', 'write', 'operate'],
      });
      expect(headers).toMatchObject({
        'content-type': expect.stringMatching(/^application\/json/),
        'cache-control': 'private, no-cache',
        'x-content-type-options': 'nosniff',
        'x-dns-prefetch-control': 'off',
        vary: expect.stringContaining('Cookie, Authorization'),
      });
    });

    it('stores a script exactly as it was sent, although pipes of the host change bodies', async () => {
      const made = await admin.post('scripts', SCRIPT).expect(201);
      const { warnings, ...script } = made.body as { id: string; warnings: object[] };
      expect(warnings).toEqual([]);
      const { id } = script;
      expect(made.body).toMatchObject({ source: SCRIPT.source, filters: SCRIPT.filters, createdBy: 'ada' });
      expect(made.headers.location).toBe(`scripts/${id}`);
      const { body, headers } = await admin.get(`scripts/${id}`).expect(200);
      expect(body).toEqual(script);
      expect(headers.etag).toBe(`"${(body as { revision: string }).revision}"`);
    });

    it('responds with 304 to a client that already has the answer', async () => {
      const { headers } = await admin.get('event-types').expect(200);
      const again = await admin
        .get('event-types', 'ada', { 'if-none-match': headers.etag as string })
        .expect(304);
      expect(again.text).toBe('');
      await admin.get('event-types', 'ada', { 'if-none-match': '"another"' }).expect(200);
    });

    it.each([
      ['nobody', undefined, 401, 'unauthenticated'],
      ['somebody whom the host does not know', 'stranger', 401, 'unauthenticated'],
      ['somebody whom a guard of the host refuses', 'mallory', 403, 'forbidden'],
      ['somebody without the permission', 'eve', 403, 'permission-missing'],
    ])('responds to %s with a problem', async (_who, user, status, code) => {
      const { body, headers } = await admin.send('get', 'scripts', user).expect(status);
      expect(headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(body).toEqual(
        expect.objectContaining({
          type: `urn:nestjs-scripts-event:${code}`,
          status,
          code,
          title: expect.any(String),
        }),
      );
    });

    it('answers 500 when the host returns an invalid session, and names the fault only in the log', async () => {
      const { body } = await admin.send('get', 'scripts', 'wrong').expect(500);
      expect(body).toMatchObject({ code: 'internal' });
      expect(JSON.stringify(body)).not.toContain('permissions');
      expect(admin.log.of('error').join()).toContain('returned a session whose permissions is a list');
    });

    it.each([
      ['an unknown tenant', 'nowhere'],
      ['a tenant that is not among those of the session', 'beta'],
    ])('answers 404 for %s', async (_kind, tenant) => {
      const { body } = await admin.get(`scripts?tenant=${tenant}`).expect(404);
      expect(body).toEqual({
        type: 'urn:nestjs-scripts-event:tenant-not-found',
        title: 'Not found',
        status: 404,
        detail: 'No such tenant.',
        code: 'tenant-not-found',
      });
    });

    it('requires an operator to name the tenant', async () => {
      const { body } = await admin.get('scripts', 'olga').expect(400);
      expect(body).toMatchObject({ code: 'tenant-needed', issues: [{ path: 'tenant' }] });
      await admin.get('scripts?tenant=acme', 'olga').expect(200);
    });

    it.each([
      ['a browser on another site', { 'sec-fetch-site': 'cross-site' }, 403, 'cross-site'],
      ['a browser on a neighbouring site', { 'sec-fetch-site': 'same-site' }, 403, 'cross-site'],
      [
        'a form',
        { 'x-scripts-event': '', 'content-type': 'application/x-www-form-urlencoded' },
        403,
        'header-missing',
      ],
      [
        'a client that sends no JSON',
        { 'content-type': 'application/x-www-form-urlencoded' },
        415,
        'json-needed',
      ],
    ])('refuses a POST request of %s', async (_who, headers, status, code) => {
      const { body } = await admin
        .send('post', 'filters/explain', 'ada', headers)
        .send('filters=1')
        .expect(status);
      expect(body).toMatchObject({ code });
    });

    it('accepts requests of its own page, and of a person who opens the address directly', async () => {
      await admin.get('session', 'ada', { 'sec-fetch-site': 'same-origin' }).expect(200);
      await admin.get('session', 'ada', { 'sec-fetch-site': 'none' }).expect(200);
    });

    it('names all unknown fields of a query in one answer, or all wrong values', async () => {
      const { body } = await admin
        .get('executions?limit=0&statuss=failed&from=2026-01-01&scriptId=7')
        .expect(400);
      expect(body).toMatchObject({
        code: 'invalid-request',
        issues: [{ path: 'statuss', code: 'unknown', message: 'Unknown field. Did you mean "status"?' }],
      });
      const wrong = await admin
        .get('executions?limit=0&from=2026-01-01&scriptId=7&status=failed&status=failed')
        .expect(400);
      const { issues } = wrong.body as { issues: { path: string; code: string }[] };
      expect(issues.map(({ path, code }) => `${path} ${code}`).toSorted()).toEqual([
        'from format',
        'limit range',
        'scriptId format',
        'status unknown',
      ]);
    });

    it('ignores a prototype that is sent as a field of the body', async () => {
      const sent = admin.send('post', 'dead-letters/replays', 'ada').set('content-type', 'application/json');
      // Fastify itself refuses such a body.
      await sent.send('{"__proto__":{"filter":{}},"dryRun":true}').expect(400);
    });
  },
);

describe('ScriptsEventAdminModule', () => {
  it.each([
    ['without options', undefined, /access is missing: pass a function/],
    ['without access', {}, /access is missing/],
    ['with an access that is no function', { access: true }, /access must be a function .*, not true\.$/],
    ['with an access that is a class', { access: class {} }, /access must be a function .*, not a class\.$/],
    ['with a path that is a pattern', { access, path: 'admin/:tenant' }, /path must be a plain path/],
    [
      'with a path that browsers change',
      { access, path: 'admin/../x' },
      /path must be a plain path .*, not "/,
    ],
    [
      'with guards that are no list',
      { access, guards: HostGuard },
      /guards must be a list .*, not a class\.$/,
    ],
    [
      'with guards that are not classes',
      { access, guards: ['AuthGuard'] },
      /guards\[0\] must be a class.*, not "AuthG/,
    ],
    [
      'with a function that makes guards',
      { access, guards: [HostGuard, () => HostGuard] },
      /guards\[1\] .* call a function that makes one/,
    ],
    ['with imports that are no list', { access, imports: String }, /imports must be a list of modules/],
    ['with a page that is no flag', { access, page: 'yes' }, /page must be true or false, not "yes"/],
    [
      'with a misspelt directive',
      { access, csp: { 'frame-ancestor': "'self'" } },
      /csp has "frame-ancestor", .*\(did you mean "frame-ancestors"\?\)/,
    ],
    [
      'with a text of two directives',
      { access, csp: { 'img-src': '*; x' } },
      /csp\.img-src must be the text of one/,
    ],
    [
      'with a link that runs a script',
      { access, links: { home: 'javascript:1' } },
      /links\.home must be a path/,
    ],
    [
      'with links of a page that is not served',
      { access, page: false, links: { home: '/' } },
      /links has no effect with page: false/,
    ],
    ['with a redact that is no function', { access, redact: 1 }, /redact must be a function .*, not 1\.$/],
    [
      'with an option of forRootAsync',
      { useFactory: () => ({ access }) },
      /useFactory belongs to forRootAsync/,
    ],
    [
      'with a misspelt option',
      { access, redcat: String },
      /Unknown option "redcat" \(did you mean "redact"\?\)/,
    ],
    [
      'with maxTestRuns of 0',
      { access, maxTestRuns: 0 },
      /maxTestRuns must be a whole number from 1 to 100, not 0\.$/,
    ],
  ])('refuses a forRoot() %s at once', (_what, options, message) => {
    expect(() => ScriptsEventAdminModule.forRoot(options as never)).toThrow(
      expect.objectContaining({ code: 'admin-options', message: expect.stringMatching(message) }),
    );
  });

  it.each([
    ['without a factory', undefined, /useFactory must be a function that returns \{ access \}/],
    [
      'with access beside the factory',
      { useFactory: () => ({}), access },
      /access is part of what useFactory/,
    ],
    [
      'with providers that are no list',
      { useFactory: () => ({}), inject: 'x' },
      /inject must be a list of prov/,
    ],
  ])('refuses a forRootAsync() %s at once', (_what, options, message) => {
    expect(() => ScriptsEventAdminModule.forRootAsync(options as never)).toThrow(
      expect.objectContaining({ code: 'admin-options', message: expect.stringMatching(message) }),
    );
  });

  it('makes the start fail when its factory returns no access', async () => {
    const imports = [ScriptsEventAdminModule.forRootAsync({ useFactory: () => ({}) as never })];
    const app = buildApp({ database: await createTestSchema(), imports, logger: new RecordedLog() });
    await expect(app).rejects.toMatchObject({
      code: 'admin-options',
      message: expect.stringContaining('access'),
    });
  });

  it('makes the start fail without ScriptsEventModule', async () => {
    const { Test } = await import('@nestjs/testing');
    const module = Test.createTestingModule({ imports: [ScriptsEventAdminModule.forRoot({ access })] });
    await expect(module.compile()).rejects.toMatchObject({ code: 'admin-module-missing' });
  });
});

describe('two admin modules in one application', () => {
  it('have their own paths, guards and sessions, whether forRoot or a factory gives the options', async () => {
    const database = await createTestSchema();
    const operators = ScriptsEventAdminModule.forRootAsync({
      path: 'operators',
      inject: [],
      useFactory: async () => ({
        access: () => ({ actor: { id: 'olga' }, tenants: 'all' as const, permissions: ['read' as const] }),
      }),
    });
    const tenants = ScriptsEventAdminModule.forRoot({ path: 'tenants', guards: [HostGuard], access });
    const module = await buildApp({ database, imports: [operators, tenants], logger: new RecordedLog() });
    const app = await module.createNestApplication().init();
    try {
      const { default: request } = await import('supertest');
      const server = app.getHttpServer() as never;
      const all = await request(server).get('/operators/api/session').expect(200);
      expect(all.body).toMatchObject({ actor: { id: 'olga' }, allTenants: true, tenants: null });
      await request(server).get('/tenants/api/session').expect(401);
      const own = await request(server).get('/tenants/api/session').set('x-user', 'ada').expect(200);
      expect(own.body).toMatchObject({ actor: { id: 'ada' } });
    } finally {
      await closeAfterStart(module);
    }
  });
});
