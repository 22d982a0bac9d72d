import type { QueryRunner } from 'typeorm';
import { waitFor } from '../support/wait-for.js';
import { type Adapter, AdminHost } from './support/admin-host.js';

const LISTS = [
  'scripts',
  'scripts?q=a',
  'script-health',
  'executions',
  'executions/stats',
  'failures',
  'events/evt',
  'dead-letters',
  'dead-letters/counts',
];

/** Locks all tables or none. Locked one after the other, they would cause a deadlock with a statement that reads two of them. */
async function lockTables(runner: QueryRunner): Promise<boolean> {
  try {
    await runner.query(
      'BEGIN; LOCK TABLE scripts, script_executions, script_statistics, dead_letter_queue, script_health NOWAIT',
    );
    return true;
  } catch (error) {
    await runner.query('ROLLBACK');
    if ((error as { code?: string }).code === '55P03') return false;
    throw error;
  }
}

describe.each<Adapter>(['Express', 'Fastify'])('requests that cannot be read on %s', (adapter) => {
  let admin: AdminHost;
  beforeAll(async () => {
    admin = await AdminHost.start({ adapter, busy: true });
  });
  afterAll(() => admin.close());

  const sent = (body: string, type = 'application/json') =>
    admin.send('post', 'filters/explain', 'ada', { 'content-type': type }).send(body);

  it.each([
    ['no JSON', '{"filters": only-for-acme', 'application/json', 400, 'malformed-body'],
    ['too large', `{"a":"${'only-for-acme'.repeat(100_000)}"}`, 'application/json', 413, 'body-too-large'],
    ['JSON with a prototype', '{"__proto__":{"only-for-acme":1}}', 'application/json', 400, undefined],
    ['of an unknown kind', '<xml>only-for-acme</xml>', 'application/xml', 415, 'json-needed'],
  ])('are answered with a problem: %s', async (_what, body, type, status, code) => {
    const answer = await sent(body, type).expect(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ status, ...(code === undefined ? {} : { code }) });
    expect(answer.text).not.toContain('only-for-acme');
  });

  // Express decompresses bodies, and doesn't parse an empty one. Fastify does neither, so each adapter has its own case.
  it(`are answered with a problem that says what to send: ${adapter === 'Express' ? 'a body that is not gzip although its header says so' : 'an empty body of type JSON'}`, async () => {
    const headers: Record<string, string> =
      adapter === 'Express' ? { 'content-encoding': 'gzip' } : { 'content-length': '0' };
    const asked = admin.send('post', 'filters/explain', 'ada', {
      'content-type': 'application/json',
      ...headers,
    });
    const answer = await (adapter === 'Express' ? asked.send('{}') : asked).expect(400);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({
      code: 'malformed-body',
      detail: expect.stringContaining(adapter === 'Express' ? 'not valid JSON' : 'The body is empty'),
    });
  });

  it("are answered outside of the API in the host's own way", async () => {
    const answer = await admin.outside('post', 'elsewhere', '{').expect(400);
    expect(answer.headers['content-type']).not.toMatch(/problem/);
  });

  it.each([
    ['get', 'nowhere'],
    ['get', 'scripts/a/b/c/d?q=1'],
    ['delete', 'executions'],
    ['patch', 'scripts'],
    ['post', 'scripts/a/nothing'],
  ] as const)('are answered with a problem when there is no such route: %s %s', async (method, path) => {
    const answer = await admin.send(method, path, 'ada').expect(404);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ status: 404, code: 'unknown-route' });
    await admin.send(method, path).expect(401);
    await admin.send(method, path, 'mallory').expect(403);
  });

  it("are answered in the host's own way when a part of the address is empty, with and without a session", async () => {
    for (const user of ['ada', undefined]) {
      const answer = await admin.send('get', '/x', user).expect(404);
      expect(answer.headers['content-type']).not.toMatch(/problem/);
    }
  });

  it('get 401 with a challenge for which no browser shows a password prompt', async () => {
    const { headers } = await admin.send('get', 'scripts').expect(401);
    expect(headers['www-authenticate']).toBe('Session realm="scripts-event"');
  });
});

it('the API answers 400 with a problem when Express cannot decode a path', async () => {
  const admin = await AdminHost.start();
  try {
    const { body } = await admin.get('scripts/%zz').expect(400);
    expect(body).toMatchObject({ code: 'malformed-path' });
  } finally {
    await admin.close();
  }
});

it('the API refuses a charset other than UTF-8 with a problem', async () => {
  const admin = await AdminHost.start();
  try {
    const headers = { 'content-type': 'application/json; charset=iso-8859-1' };
    const { body } = await admin.send('post', 'filters/explain', 'ada', headers).send('{}').expect(415);
    expect(body).toMatchObject({ code: 'json-needed' });
  } finally {
    await admin.close();
  }
});

it('the API answers 503 for lists, groups and statistics when the database takes longer than 5 seconds', async () => {
  const admin = await AdminHost.start();
  const { dataSource } = admin.host.database;
  const runner = dataSource.createQueryRunner();
  try {
    await waitFor('all tables are locked', () => lockTables(runner));
    const answers = await Promise.all([
      ...LISTS.map((path) => admin.get(path)),
      admin.get('tenants', 'olga'),
      admin.post('dead-letters/replays', { filter: { eventType: 'user.created' }, dryRun: true }),
    ]);
    for (const { status, body, headers } of answers) {
      expect({ status, body }).toMatchObject({
        status: 503,
        body: { code: 'query-too-slow', detail: expect.stringContaining('longer than 5\u00a0s') },
      });
      expect(headers['retry-after']).toBe('5');
    }
    await runner.query('ROLLBACK');
    for (const path of LISTS) expect((await admin.get(path)).status).not.toBe(503);
  } finally {
    await runner.release();
    await admin.close();
  }
}, 60_000);

it('the API undoes a replay or a discard of many that the database does not finish in 10 seconds, and says so', async () => {
  const admin = await AdminHost.start({ options: { retry: { maxRetries: 0 } } });
  const { dataSource } = admin.host.database;
  const runner = dataSource.createQueryRunner();
  try {
    const { body: script } = await admin
      .post('scripts', { name: 'fails', eventTypes: ['user.created'], source: 'throw 1;', active: true })
      .expect(201);
    admin.host.emit('user.created', { tenantId: 'acme', userId: 'u', email: 'u@e' });
    const letter = await admin.host.deadLetter('exhausted', (script as { id: string }).id);
    const act = (path: string, more: object) =>
      admin.post(path, { filter: { eventType: 'user.created' }, dryRun: false, ...more });
    // Reads go on, writes wait.
    await runner.query('BEGIN; LOCK TABLE dead_letter_queue IN SHARE MODE');
    for (const { status, body, headers } of await Promise.all([
      act('dead-letters/replays', {}),
      act('dead-letters/discards', { note: 'why' }),
    ])) {
      expect({ status, body }).toMatchObject({
        status: 503,
        body: { code: 'change-too-slow', detail: expect.stringContaining('nothing has changed') },
      });
      expect(headers['retry-after']).toBe('5');
    }
    expect(admin.log.of('warn').filter((line) => line.includes('change-too-slow'))).toEqual([
      expect.stringContaining(' [tenant acme]'),
    ]);
    await runner.query('ROLLBACK');
    expect((await admin.get(`dead-letters/${letter.id}`)).body).toMatchObject({ status: 'exhausted' });
    expect((await act('dead-letters/discards', { note: 'why' })).body).toMatchObject({ changed: 1 });
  } finally {
    await runner.release();
    await admin.close();
  }
}, 60_000);
