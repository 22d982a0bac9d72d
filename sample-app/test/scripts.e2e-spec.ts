import { EventEmitter2 } from '@nestjs/event-emitter';
import { getRepositoryToken } from '@nestjs/typeorm';
import { EVENT_TYPES, ExecutionService, ScriptService } from 'nestjs-scripts-event';
import type { Repository } from 'typeorm';
import { waitFor } from '../../test/support/wait-for.js';
import { seedScripts } from '../src/automation/seed.js';
import { Session } from '../src/core/sessions/session.entity.js';
import { SessionService } from '../src/core/sessions/session.service.js';
import { Memory, STEPS } from '../src/demo/steps.js';
import { BackOffice } from './support/back-office.js';

const USER = { email: 'ada@acme.com', firstName: 'Ada', lastName: 'King', password: 'analytical engine' };
const CLIENT = { name: 'Important & Partners', email: 'important@client.com' };

describe('scripts over HTTP', () => {
  let office: BackOffice;
  beforeAll(async () => {
    office = await BackOffice.start();
  });
  afterAll(() => office.stop());

  it('shows the execution that an event led to, with its log', async () => {
    const source = "sdk.log.info('User created', { email: ctx.input.email }); return ctx.actor;";
    const { id } = await office.script('seen', 'user.created', source);
    await office.send('post', '/users', 'seen').set('x-user-id', 'grace').send(USER).expect(201);

    const [execution] = await office.items('seen', `/executions?scriptId=${id}`, 1);
    const { body } = await office.send('get', `/executions/${String(execution?.id)}`, 'seen').expect(200);
    expect(body).toMatchObject({
      status: 'completed',
      eventType: 'user.created',
      attempt: 1,
      result: { id: 'grace' },
      logs: [{ level: 'info', message: 'User created', data: { email: 'ada@acme.com' } }],
    });
  });

  it('makes test runs of a script and of an unsaved source, which leave one record and no dead letter', async () => {
    const { id } = await office.script('tried', 'user.created', "throw new Error('not yet');");
    const event = { type: 'user.created', input: { userId: 7, email: 'ada@acme.com' } };
    const post = (body: object) => office.send('post', `/scripts/${id}/test`, 'tried').send(body);
    const { body: saved } = await post({ event }).expect(200);
    expect(saved).toMatchObject({ status: 'failed', error: { message: 'not yet', line: 1 } });
    const source = 'return (ctx.input.userId as number) + 1;';
    const { body: edited } = await post({ event, source, language: 'typescript' }).expect(200);
    expect(edited).toMatchObject({ status: 'completed', result: 8, routing: { wouldRun: true } });
    await post({ event: { executionId: saved.executionId } }).expect(409);
    await post({ event: {} }).expect(400);
    expect(await office.items('tried', '/executions', 1)).toMatchObject([{ trigger: 'test' }]);
    expect(await office.items('tried', '/dead-letters', 0)).toEqual([]);
  });

  it('emits each of the fifteen event types through its API', async () => {
    const types = Object.values(EVENT_TYPES);
    await office.create('all', '/scripts', {
      name: 'Every event',
      eventTypes: types,
      source: 'return ctx.event.type;',
      active: true,
    });
    const memory = new Memory();
    for (const { method, path, body, saveAs } of STEPS) {
      const verb = method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
      const answer = await office.send(verb, memory.fill(path), 'all').send(memory.fill(body));
      expect(answer.status).toBeLessThan(300);
      if (saveAs) memory.remember(saveAs, (answer.body as { id: string }).id);
    }
    const emitted = STEPS.flatMap(({ emits }) => emits);
    const executions = await office.items('all', '/executions?limit=200', emitted.length);
    expect(executions.map(({ eventType }) => eventType).toSorted()).toEqual(emitted.toSorted());
    expect(new Set(emitted)).toEqual(new Set(types));
  });

  it('keeps tenants apart: no tenant sees scripts, executions or dead letters of another one', async () => {
    const { id } = await office.script('left', 'client.created', "throw new Error('no');");
    const other = await office.script('right', 'client.created', 'return ctx.tenant.id;');
    await office.create('left', '/clients', CLIENT);
    await office.create('right', '/clients', CLIENT);

    const [deadLetter] = await office.items('left', '/dead-letters', 1);
    const [execution] = await office.items('right', '/executions', 1);
    expect(execution).toMatchObject({ scriptId: other.id, status: 'completed' });
    expect(await office.items('right', '/dead-letters', 0)).toEqual([]);
    for (const path of [`/scripts/${id}`, `/dead-letters/${String(deadLetter?.id)}`])
      await office.send('get', path, 'right').expect(404);
    await office.send('delete', `/scripts/${id}`, 'right').expect(404);
    await office.send('post', `/dead-letters/${String(deadLetter?.id)}/replay`, 'right').expect(404);
    await office.send('get', `/executions/${String(execution?.id)}`, 'left').expect(404);
  });

  it('names every problem of a script with its place', async () => {
    const script = { name: 'Broken', eventTypes: ['payment.created'], source: 'return 1;' };
    const wrong = { ...script, filters: { amount: { gtt: 5 } }, eventTypes: ['not a type'] };
    const answer = await office.send('post', '/scripts', 'acme').send(wrong).expect(400);
    const { code, issues } = answer.body as { code: string; issues: { path: string }[] };
    expect(code).toBe('invalid-script');
    expect(issues.map(({ path }) => path).toSorted()).toEqual(['eventTypes[0]', 'filters.amount.gtt']);
  });

  it('names the line of a syntax error', async () => {
    const script = { name: 'Broken', eventTypes: ['payment.created'], source: 'const a = 1;\nreturn a +;' };
    const answer = await office.send('post', '/scripts', 'acme').send(script).expect(400);
    expect(answer.body).toMatchObject({
      code: 'invalid-script-source',
      issues: [{ path: 'source', code: 'syntax', line: 2 }],
    });
  });

  it('answers 409 to a name that is taken and to a pause of a draft', async () => {
    const draft = { name: 'Once', eventTypes: ['user.created'], source: 'return 1;' };
    const { id } = await office.create('acme', '/scripts', draft);
    const taken = await office.send('post', '/scripts', 'acme').send(draft).expect(409);
    expect(taken.body).toMatchObject({ code: 'duplicate-script-name' });
    const paused = await office.send('post', `/scripts/${id}/pause`, 'acme').send({}).expect(409);
    expect(paused.body).toMatchObject({ code: 'script-status' });
  });

  it('does not run a script that is paused, and runs it when it is active again', async () => {
    const { id } = await office.script('pausing', 'client.created', 'return ctx.input.name;');
    const control = await office.script('pausing', 'client.created', 'return 1;');
    await office.send('post', `/scripts/${id}/pause`, 'pausing').send({ reason: 'too chatty' }).expect(200);
    await office.create('pausing', '/clients', CLIENT);
    await office.items('pausing', `/executions?scriptId=${control.id}`, 1);
    await office.send('post', `/scripts/${id}/activate`, 'pausing').expect(200);
    await office.create('pausing', '/clients', { ...CLIENT, name: 'Second' });
    await office.items('pausing', `/executions?scriptId=${control.id}`, 2);
    const runs = await office.items('pausing', `/executions?scriptId=${id}`, 1);
    expect(runs).toHaveLength(1);
    const run = await office.send('get', `/executions/${String(runs[0]?.id)}`, 'pausing').expect(200);
    expect(run.body).toMatchObject({ result: 'Second' });
  });

  it('shows the health of a script, and answers 409 to a resume of a healthy one', async () => {
    const { id } = await office.script('healthy', 'client.created', 'return 1;');
    const health = await office.send('get', `/scripts/${id}/health`, 'healthy').expect(200);
    expect(health.body).toMatchObject({ state: 'healthy', waiting: 0, blame: null });
    const resumed = await office.send('post', `/scripts/${id}/resume`, 'healthy').send({}).expect(409);
    expect(resumed.body).toMatchObject({ code: 'script-healthy' });
    await office.send('post', `/scripts/${id}/resume`, 'healthy').send({ replay: 'all' }).expect(400);
  });

  it('replays a dead letter with the corrected script, and discards one with a note', async () => {
    const { id } = await office.script('mending', 'client.created', "throw new Error('no such system');");
    await office.create('mending', '/clients', CLIENT);
    await office.create('mending', '/clients', CLIENT);
    const [first, second] = await office.items('mending', '/dead-letters?status=exhausted', 2);

    const count = await office.send('post', '/dead-letters/replay', 'mending').send({ dryRun: true });
    expect(count.body).toEqual({ dryRun: true, matched: 2, changed: 0 });

    await office
      .send('post', `/dead-letters/${String(second?.id)}/discard`, 'mending')
      .send({ note: 'test client' })
      .expect(204);
    await office.send('put', `/scripts/${id}/source`, 'mending').send({ source: 'return 1;' }).expect(200);
    await office.send('post', `/dead-letters/${String(first?.id)}/replay`, 'mending').expect(202);

    const resolved = await office.items('mending', '/dead-letters?status=resolved', 1);
    expect(resolved).toEqual([expect.objectContaining({ id: first?.id })]);
    const discarded = await office.items('mending', '/dead-letters?status=discarded', 1);
    expect(discarded).toEqual([expect.objectContaining({ id: second?.id, note: 'test client' })]);
  });

  it('delivers a script’s event to the host, which makes the client a VIP', async () => {
    const source = "events.publish('crm.vip_client_found', { clientId: ctx.input.clientId });";
    await office.script('vip', 'client.created', source, { filters: { email: CLIENT.email } });
    const plain = await office.create('vip', '/clients', { name: 'Shop', email: 'shop@shop.com' });
    const { id } = await office.create('vip', '/clients', CLIENT);
    const isVip = async (client: string) =>
      ((await office.send('get', `/clients/${client}`, 'vip')).body as { vip: boolean }).vip;
    await waitFor('the client is a VIP', () => isVip(id));
    expect(await isVip(plain.id)).toBe(false);
  });

  it('lets a script ask for a client of its tenant, if its list of bindings says so', async () => {
    const source = 'return crm.findClient({ clientId: ctx.input.note });';
    const bindings = ['crm.findClient'];
    const { id: mine } = await office.create('asking', '/clients', CLIENT);
    const { id: foreign } = await office.create('asked', '/clients', CLIENT);
    const asking = await office.script('asking', 'crm.asked', source, { bindings });
    const unlisted = await office.script('asking', 'crm.asked', source);
    const service = office.app.get(ExecutionService);
    const ask = async (script: { id: string }, note: string) =>
      service.execute(script.id, { note }, { tenantId: 'asking' });

    const { name, email } = CLIENT;
    expect(await ask(asking, mine)).toMatchObject({ result: { clientId: mine, name, email, vip: false } });
    expect(await ask(asking, foreign)).toMatchObject({ status: 'completed', result: null });
    expect(await ask(asking, 'no id')).toMatchObject({
      status: 'failed',
      error: { name: 'BindingError', message: 'crm.findClient: clientId must be a UUID' },
    });
    expect(await ask(unlisted, mine)).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('add "crm.findClient" to its bindings') },
    });
    const unknown = { name: 'Unknown', eventTypes: ['crm.asked'], source, bindings: ['crm.findCleint'] };
    const answer = await office.send('post', '/scripts', 'asking').send(unknown).expect(400);
    expect(answer.body).toMatchObject({ issues: [{ path: 'bindings[0]', code: 'unknown' }] });
  });

  it('emits one event for each expired session, whether a person or the clock ends it', async () => {
    const expired: unknown[] = [];
    office.app
      .get(EventEmitter2)
      .on('session.expired', (event: { sessionId: string }) => expired.push(event.sessionId));
    await office.create('sessions', '/users', USER);
    const login = { email: USER.email, password: USER.password };
    const byPerson = await office.create('sessions', '/sessions', login);
    const byClock = await office.create('sessions', '/sessions', login);
    await office.create('sessions', '/sessions', login);

    const expire = () => office.send('post', `/sessions/${byPerson.id}/expire`, 'sessions').expect(200);
    await Promise.all([expire(), expire()]);
    const sessions = office.app.get<Repository<Session>>(getRepositoryToken(Session));
    await sessions.update({ id: byClock.id }, { expiresAt: new Date(Date.now() - 1) });
    const service = office.app.get(SessionService);
    await Promise.all([service.expireDue(), service.expireDue()]);

    expect(expired).toEqual([byPerson.id, byClock.id]);
  });

  it('creates the scripts of the sample once for a tenant', async () => {
    const scripts = office.app.get(ScriptService);
    expect(await seedScripts(scripts, 'fresh')).toBe(22);
    expect(await seedScripts(scripts, 'fresh')).toBe(0);
    const active = await office.items('fresh', '/scripts?status=active', 22);
    expect(active.map(({ name }) => name)).toContain('User welcome');
  });
});
