import board from '../../grafana/scripts-event.json';
import { definitionOf } from '../../test/support/promql.js';
import { RULES } from '../../test/support/promtool.js';
import { waitFor } from '../../test/support/wait-for.js';
import { BackOffice } from './support/back-office.js';

const USER = { email: 'ada@acme.com', firstName: 'Ada', lastName: 'Lovelace', password: 'analytical engine' };

describe('the back office over HTTP', () => {
  let office: BackOffice;
  beforeAll(async () => {
    office = await BackOffice.start();
  });
  afterAll(() => office.stop());

  it.each([
    ['is missing', null],
    ['is empty', ''],
    ['has upper-case letters', 'ACME'],
    ['is a path', '../globex'],
  ])('answers 400 when the tenant header %s', async (_, tenantId) => {
    const { body } = await office.send('get', '/clients', tenantId).expect(400);
    expect(body).toMatchObject({ message: expect.stringContaining('x-tenant-id') });
  });

  it.each([
    ['/users', { ...USER, email: 'nobody' }, 'email must be an email'],
    ['/users', { ...USER, password: 'short' }, 'password must be longer than or equal to 8 characters'],
    ['/users', { ...USER, isAdmin: true }, 'property isAdmin should not exist'],
    ['/clients', { name: '', email: 'a@b.com' }, 'name should not be empty'],
    ['/payments', { amount: -1, currency: 'EUR' }, 'amount must be a positive number'],
    ['/payments', { amount: 0.001, currency: 'EUR' }, 'amount must be a number conforming to'],
    ['/payments', { amount: 1, currency: 'euros' }, 'currency must be a valid ISO4217 currency code'],
    ['/transactions', { amount: 1, currency: 'EUR', status: 'maybe' }, 'status must be one of'],
    ['/debts', { amount: 1, currency: 'EUR', type: 'gift' }, 'type must be one of'],
    ['/expenses', { amount: 1, currency: 'EUR' }, 'category should not be empty'],
    ['/chats', { clientId: 7 }, 'clientId must be a UUID'],
    ['/reports', { month: '2026-13' }, 'month must be written as 2026-01'],
  ])('answers 400 to %s with %j and names the field', async (path, body, message) => {
    const answer = await office.send('post', path, 'acme').send(body).expect(400);
    const { message: messages } = answer.body as { message: string[] };
    expect(messages).toContainEqual(expect.stringContaining(message));
  });

  it('answers 409 to a second user with the same e-mail in a tenant, and accepts that e-mail in another tenant', async () => {
    await office.create('acme', '/users', USER);
    await office.send('post', '/users', 'acme').send(USER).expect(409);
    await office.create('globex', '/users', USER);
  });

  it('never shows a password hash or a tenant id', async () => {
    const { body } = await office.send('get', '/users', 'acme').expect(200);
    expect(Object.keys((body as object[])[0] ?? {}).toSorted()).toEqual([
      'createdAt',
      'email',
      'firstName',
      'id',
      'lastName',
    ]);
  });

  it('answers 401 to a login with a wrong password', async () => {
    const login = { email: USER.email, password: 'difference engine' };
    await office.send('post', '/sessions', 'acme').send(login).expect(401);
  });

  it('answers 404 to the id of another tenant’s client', async () => {
    const { id } = await office.create('acme', '/clients', { name: 'Shop', email: 'shop@shop.com' });
    await office.send('get', `/clients/${id}`, 'acme').expect(200);
    await office.send('get', `/clients/${id}`, 'globex').expect(404);
    await office.send('delete', `/clients/${id}`, 'globex').expect(404);
  });

  it('completes a payment once, with one transaction, when two requests do so at the same time', async () => {
    const { id } = await office.create('once', '/payments', { amount: 10.5, currency: 'EUR' });
    const complete = () => office.send('post', `/payments/${id}/complete`, 'once');
    const statuses = (await Promise.all([complete(), complete()])).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 409]);
    const { body } = await office.send('get', '/transactions', 'once').expect(200);
    expect(body).toEqual([expect.objectContaining({ paymentId: id, amount: 10.5, status: 'succeeded' })]);
  });

  it('says that it is healthy, and serves metrics, to a caller without a tenant', async () => {
    const health = await waitFor('it is healthy', async () => {
      const answer = await office.send('get', '/health', null);
      return answer.status === 200 && (answer.body as { status: string }).status === 'ok' && answer;
    });
    expect(health.body).toMatchObject({ details: { database: { status: 'up' } } });
    const metrics = await office.send('get', '/metrics', null).expect(200);
    expect(metrics.text).toContain('# TYPE scripts_events_received_total counter');
  });

  it('serves every metric that the alerts and the board query', async () => {
    const { text } = await office.send('get', '/metrics', null).expect(200);
    const served = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    const asked = [...RULES.map(({ expr }) => expr), JSON.stringify(board)].flatMap((part) =>
      Array.from(part.matchAll(/\bscripts_\w+/g), ([name]) => definitionOf(name)?.name ?? name),
    );
    expect(asked.length).toBeGreaterThan(40);
    expect(served).toEqual(expect.arrayContaining([...new Set(asked)].toSorted()));
  });
});
