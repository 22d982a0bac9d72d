import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Response } from 'supertest';
import { ScriptStoreService } from '../../lib/index.js';
import { ROOT } from '../unit/docs/pages.js';
import { inShortOneIn } from '../support/test-form.js';
import { newKey } from '../support/tenant-values.js';
import { AdminHost } from './support/admin-host.js';

interface Operation {
  operationId: string;
  'x-permission'?: string;
  'x-operators'?: boolean;
  parameters: { name: string; in: string; required?: boolean }[];
  requestBody?: object;
}

interface Route extends Operation {
  method: 'get' | 'post' | 'patch' | 'delete';
  path: string;
}

const { paths } = JSON.parse(readFileSync(join(ROOT, 'openapi', 'admin.json'), 'utf8')) as {
  paths: Record<string, Record<Route['method'], Operation>>;
};
const ALL_ROUTES: Route[] = Object.entries(paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, operation]) => ({
    ...operation,
    method: method as Route['method'],
    path: path.slice(1),
  })),
);
const ROUTES = inShortOneIn(4, ALL_ROUTES);
const ofTenants = inShortOneIn(
  2,
  ALL_ROUTES.filter(({ parameters }) => parameters.some(({ name }) => name === 'tenant')),
);
const named = (routes: readonly Route[]) =>
  routes.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const);

/** A word in all data of the tenant, by which a test finds any of it in a response. */
const MARK = 'only-for-acme';

/** Reads the first bytes of a stream, and a problem to its end. */
function beginning(response: IncomingMessage, done: (error: Error | null, body: unknown) => void): void {
  response.setEncoding('utf8');
  let text = '';
  response.on('data', (part: string) => {
    text += part;
    (response as { text?: string }).text = text;
    if (response.statusCode !== 200) return;
    done(null, text);
    response.destroy();
  });
  response.on('end', () => done(null, JSON.parse(text)));
  response.on('error', () => undefined);
}

/** The name of a secret or a variable. All such names have the same length. */
const nameOf = (id: string): string => `n${id.replaceAll('-', '_')}`;

/** The things that a route requires in its query. */
const namedInQuery = ({ parameters }: Route): string[] =>
  parameters.filter(({ in: place, required }) => place === 'query' && required).map(({ name }) => name);
const namesAThing = (route: Route): boolean => route.path.includes('{') || namedInQuery(route).length > 0;

/** Ids and names of a tenant's things, by the name of the path parameter. */
interface Things {
  script: string;
  execution: string;
  deadLetter: string;
  event: string;
  /** A secret and a variable, by their names. */
  secret: string;
  variable: string;
  /** A key of the script's own store. */
  key: string;
}

describe('the routes of openapi.json', () => {
  let admin: AdminHost;
  let things: Things;

  beforeAll(async () => {
    admin = await AdminHost.start({
      options: {
        storage: { keepInput: true },
        retry: { maxRetries: 0 },
        secrets: { keys: [newKey('2026')] },
        limits: { tenantSecrets: 1_000, tenantVariables: 1_000 },
      },
    });
    things = await made();
  });
  afterAll(() => admin.close());

  /** Creates a script of the tenant, lets it fail, and returns what that has made. */
  async function made(): Promise<Things> {
    const body = {
      name: `${MARK} ${Math.random()}`,
      description: MARK,
      eventTypes: ['user.created'],
      source: `console.log("${MARK}"); throw new Error("${MARK}");`,
      active: true,
    };
    const script = ((await admin.post('scripts', body).expect(201)).body as { id: string }).id;
    admin.host.emit('user.created', { tenantId: 'acme', userId: MARK, email: MARK });
    const letter = await admin.host.deadLetter('exhausted', script);
    const [execution] = await admin.host.executed(1, script);
    const name = nameOf(randomUUID());
    const secret = { name, value: `${MARK} value`, description: MARK };
    await admin.post('secrets', secret).expect(201);
    await admin
      .send('patch', 'variables', 'ada')
      .send({ values: { [name]: MARK } })
      .expect(200);
    const key = randomUUID();
    await admin.host.get(ScriptStoreService).set('acme', key, MARK, { scriptId: script });
    const { id: deadLetter, eventId: event } = letter;
    return { script, execution: execution?.id ?? '', deadLetter, event, secret: name, variable: name, key };
  }

  /** A body that the tenant's own administrator may send, for each operation that needs one. */
  const bodyOf = (operationId: string, { script, deadLetter }: Things): object | undefined =>
    ({
      createScript: { name: `new ${Math.random()}`, eventTypes: ['user.created'], source: 'return 1;' },
      updateScript: { description: 'changed' },
      pauseScript: { reason: 'why' },
      revertScript: { version: 1 },
      disableScript: { reason: 'why' },
      resumeScript: { replay: 'none' },
      previewSchedules: { schedules: [{ cron: '0 8 * * 1' }] },
      explainFilter: { filters: {}, event: { deadLetterId: deadLetter } },
      runTest: { scriptId: script, event: { deadLetterId: deadLetter } },
      replayDeadLetters: { filter: { scriptId: script }, dryRun: false },
      discardDeadLetters: { filter: { scriptId: script }, note: 'why' },
      discardDeadLetter: { note: 'why' },
      createSecret: { name: nameOf(randomUUID()), value: 'a value to keep' },
      updateSecret: { description: 'changed' },
      setVariables: { values: { [nameOf(randomUUID())]: 'eu' } },
      setVariable: { value: 'changed' },
      clearStore: { scriptId: script },
    })[operationId];

  function placeOf({ path }: Route, of: Things): string {
    const { script, execution, deadLetter, event, secret, variable } = of;
    const [resource = ''] = path.split('/');
    const ids: Record<string, string> = {
      scripts: script,
      executions: execution,
      'dead-letters': deadLetter,
    };
    return path
      .replace('{id}', ids[resource] ?? `no id for ${resource}`)
      .replace('{version}', '1')
      .replace('{name}', resource === 'secrets' ? secret : variable)
      .replace('{eventId}', event);
  }

  async function ask(
    route: Route,
    user: string | undefined,
    of: Things,
    ...query: string[]
  ): Promise<Response> {
    const headers: Record<string, string> = route.parameters.some(({ name }) => name === 'If-Match')
      ? { 'if-match': '*' }
      : {};
    const names: Record<string, string> = { key: `key=${of.key}&scriptId=${of.script}` };
    const asked = [...namedInQuery(route).map((name) => names[name] ?? `no ${name}`), ...query].join('&');
    const sent = admin.send(route.method, `${placeOf(route, of)}?${asked}`, user, headers);
    if (route.operationId === 'openLiveStream') void sent.buffer(true).parse(beginning as never);
    const body = bodyOf(route.operationId, of);
    return body ? sent.send(body) : sent;
  }

  /** All rows of the tenant's things. */
  const stored = (of: Things): Promise<unknown> =>
    Promise.all([
      admin.host.database.dataSource.query('SELECT * FROM scripts WHERE tenant_id = $1', ['acme']),
      admin.host.database.dataSource.query('SELECT * FROM script_secrets WHERE tenant_id = $1', ['acme']),
      admin.host.database.dataSource.query('SELECT * FROM script_variables WHERE tenant_id = $1', ['acme']),
      admin.host.database.dataSource.query('SELECT * FROM script_store WHERE tenant_id = $1', ['acme']),
      admin.host.database.dataSource.query('SELECT * FROM dead_letter_queue WHERE id = $1', [of.deadLetter]),
      admin.host.database.dataSource.query('SELECT * FROM script_executions WHERE id = $1', [of.execution]),
    ]);

  it('that need a body have one in this test', () => {
    const without = ALL_ROUTES.filter(({ requestBody }) => requestBody !== undefined).filter(
      ({ operationId }) => bodyOf(operationId, things) === undefined,
    );
    expect(without).toEqual([]);
  });

  it.each(named(ROUTES))('%s answers 401 without a session', async (_name, route) => {
    const { status, body } = await ask(route, undefined, things);
    expect({ status, code: (body as { code: string }).code }).toEqual({
      status: 401,
      code: 'unauthenticated',
    });
  });

  it.each(named(ROUTES.filter((route) => route['x-permission'] !== undefined)))(
    '%s refuses a session without its permission',
    async (_name, route) => {
      const { status, body } = await ask(route, `ada without ${route['x-permission']}`, things);
      expect({ status, body }).toMatchObject({
        status: 403,
        body: { code: 'permission-missing', permission: route['x-permission'] },
      });
    },
  );

  it.each(named(ALL_ROUTES.filter((route) => route['x-operators'])))(
    '%s refuses a session that is not an operator’s',
    async (_name, route) => {
      const { status, body, text } = await ask(route, 'ada', things);
      expect({ status, body }).toMatchObject({ status: 403, body: { code: 'operators-only' } });
      expect(text).not.toContain('acme');
    },
  );

  it.each(named(ofTenants))('%s shows and changes nothing of another tenant', async (_name, route) => {
    const before = await stored(things);
    const foreign = await ask(route, 'ben', things, 'tenant=acme');
    expect({ status: foreign.status, body: foreign.body }).toMatchObject({
      status: 404,
      body: { code: 'tenant-not-found', detail: 'No such tenant.' },
    });
    // A request in ben's own tenant, with ids of the other tenant.
    const own = await ask(route, 'ben', things);
    expect(own.text).not.toContain(MARK);
    if (namesAThing(route)) expect(own.status).toBe(404);
    expect(await stored(things)).toEqual(before);
  });

  it.each(named(ofTenants.filter(namesAThing)))(
    '%s answers an id of another tenant exactly like an unknown id',
    async (_name, route) => {
      const unknown = '00000000-0000-7000-8000-000000000000';
      const strange = await ask(route, 'ben', things);
      const none = await ask(route, 'ben', {
        script: unknown,
        execution: unknown,
        deadLetter: unknown,
        event: unknown,
        secret: nameOf(unknown),
        variable: nameOf(unknown),
        key: unknown,
      });
      const bare = ({ status, text }: Response): object => ({
        status,
        text: text.replace(/[\da-f]{8}[-_][-_\da-f]{27}/g, 'id'),
      });
      expect(bare(strange)).toEqual(bare(none));
    },
  );

  // Without this test, the refusals above would prove nothing.
  it.each(named(ROUTES))(
    "%s answers the tenant's own administrator, or an operator where only they may ask",
    async (_name, route) => {
      const own = await made();
      if (route.operationId === 'restoreScript')
        await admin.post(`scripts/${own.script}/archive`).expect(200);
      if (route.operationId === 'activateScript') await admin.post(`scripts/${own.script}/pause`).expect(200);
      if (route.operationId === 'resumeScript')
        await admin.post(`scripts/${own.script}/disable`, { reason: 'why' }).expect(200);
      const { status, body } = await ask(route, route['x-operators'] ? 'olga' : 'ada', own);
      // These three refuse for the last possible reason: nothing runs, and a failed execution is replayed by its dead letter.
      const last = {
        cancelExecution: 'execution-not-running',
        getRunningExecution: 'execution-not-running',
        replayExecution: 'execution-not-replayable',
      }[route.operationId];
      if (last !== undefined) expect(body).toMatchObject({ code: last });
      else expect({ body, good: status < 300 }).toMatchObject({ good: true });
    },
  );
});
