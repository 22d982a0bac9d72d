import type { Test } from 'supertest';
import { BackOffice } from './support/back-office.js';

describe('the back office, with the admin API', () => {
  let office: BackOffice;
  beforeAll(async () => {
    office = await BackOffice.start();
  });
  afterAll(() => office.stop());

  const get = (path: string, headers: Record<string, string>): Test =>
    office.send('get', `/scripts-event/api/${path}`, null).set(headers);
  const administrator = (tenantId: string) => ({ 'x-tenant-id': tenantId, 'x-user-id': 'ada' });
  const operator = { 'x-operator': 'olga' };

  it('lets a tenant’s administrator see and change the tenant’s own scripts', async () => {
    const { id } = await office.script('acme', 'client.created', 'return 1;');
    const { body } = await get('scripts', administrator('acme')).expect(200);
    expect(body).toMatchObject({ items: [{ id }] });
    const pause = office.send('post', `/scripts-event/api/scripts/${id}/pause`, 'acme');
    const paused = await pause
      .set({ 'x-user-id': 'ada', 'x-scripts-event': '1' })
      .send({ reason: 'why' })
      .expect(200);
    expect(paused.body).toMatchObject({ status: 'paused', updatedBy: 'ada' });
    await get(`scripts/${id}`, administrator('globex')).expect(404);
    await get('tenants', administrator('acme')).expect(403);
  });

  it('lets an operator see how all tenants are, without what they carry, and write nothing', async () => {
    const { body } = await get('tenants', operator).expect(200);
    expect(body).toMatchObject({ items: [{ tenantId: 'acme', trouble: false }] });
    await get('scripts?tenant=acme', operator).expect(200);
    await get('health', operator).expect(200);
    const write = office.send('post', '/scripts-event/api/scripts?tenant=acme', null);
    await write
      .set({ ...operator, 'x-scripts-event': '1' })
      .send({})
      .expect(403);
  });

  it('lets nobody in who does not say who they are', async () => {
    await get('session', {}).expect(401);
    await get('session', { 'x-tenant-id': 'acme' }).expect(401);
    await get('session', { 'x-tenant-id': '../acme', 'x-user-id': 'ada' }).expect(401);
  });

  describe('its start page', () => {
    const as = (person: string) => ({ cookie: `sample-user=${person}` });

    it.each([
      ['client', 'client.created'],
      ['expense', 'expense.created'],
      ['payment', 'payment.completed'],
    ])('makes something happen for the tenant of who has signed in: %s', async (act, eventType) => {
      const { id } = await office.script('newco', eventType, 'return 1;');
      const answer = await office
        .send('post', '/', null)
        .set(as('nora'))
        .type('form')
        .send({ act })
        .expect(303);
      expect(answer.headers.location).toBe(`/?done=${act}`);
      await office.items('newco', `/executions?scriptId=${id}`, 1);
      const { text } = await office.send('get', `/?done=${act}`, null).set(as('nora')).expect(200);
      expect(text).toContain(`Done: the event ${eventType} has happened.`);
    });

    it('asks who comes without a name to sign in, and does nothing for them', async () => {
      const { text } = await office.send('get', '/', null).expect(200);
      expect(text).toContain('<a href="/sign-in">Sign in</a> first.');
      const answer = await office.send('post', '/', null).type('form').send({ act: 'client' }).expect(303);
      expect(answer.headers.location).toBe('/');
    });
  });
});
