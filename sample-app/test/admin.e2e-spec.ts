import type { Test } from 'supertest';
import { PEOPLE, type Person } from '../src/tenancy/people.js';
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

  it('lets an operator see the state of all tenants, and refuses the operator’s changes', async () => {
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

  it('refuses requests without a valid tenant and user', async () => {
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
    ])(
      'emits an event for the tenant of the person who has signed in, on the button %s',
      async (act, eventType) => {
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
      },
    );

    it('asks a visitor who has not signed in to do so, also when they press a button', async () => {
      const { text } = await office.send('get', '/', null).expect(200);
      expect(text).toContain('<a href="/sign-in">Sign in</a> first.');
      const answer = await office.send('post', '/', null).type('form').send({ act: 'client' }).expect(303);
      expect(answer.headers.location).toBe('/');
    });
  });

  describe('the people of its sign-in page', () => {
    interface Sight {
      /** Statuses of the requests for the scripts of both tenants, all tenants, the health report, and a tenant's store. */
      statuses: Record<'acme' | 'newco' | 'tenants' | 'health' | 'store', number>;
      /** The tenant whose execution the person looks at, and whether they see its result. */
      execution: [tenant: 'acme' | 'newco', hasResult: boolean];
      /** Status of saving a script. */
      saves: number;
    }

    const SIGHTS: Record<Person, Sight> = {
      ada: {
        statuses: { acme: 200, newco: 404, tenants: 403, health: 200, store: 200 },
        execution: ['acme', true],
        saves: 201,
      },
      nora: {
        statuses: { acme: 404, newco: 200, tenants: 403, health: 200, store: 200 },
        execution: ['newco', true],
        saves: 201,
      },
      rita: {
        statuses: { acme: 200, newco: 404, tenants: 403, health: 403, store: 403 },
        execution: ['acme', false],
        saves: 403,
      },
      olga: {
        statuses: { acme: 200, newco: 200, tenants: 200, health: 200, store: 403 },
        execution: ['acme', false],
        saves: 403,
      },
    };

    const executions: Record<string, string> = {};
    beforeAll(async () => {
      for (const tenant of ['acme', 'newco']) {
        const { id } = await office.script(tenant, 'client.created', 'return ctx.input.email;');
        await office.create(tenant, '/clients', { name: 'Ada', email: 'result@client.com' });
        const [execution] = await office.items(tenant, `/executions?scriptId=${id}`, 1);
        executions[tenant] = String(execution?.id);
      }
    });

    /** Signs in as a browser does, and returns the cookie. */
    async function signIn(person: string): Promise<{ cookie: string }> {
      const answer = await office
        .send('post', '/sign-in', null)
        .type('form')
        .send({ as: person })
        .expect(303);
      expect(answer.headers.location).toBe('/scripts-event/overview');
      return { cookie: String(answer.headers['set-cookie'] ?? '').split(';')[0] ?? '' };
    }

    it.each(Object.entries(SIGHTS) as [Person, Sight][])(
      'see what belongs to their role, and nothing else: %s',
      async (person, { statuses, execution: [tenant, hasResult], saves }) => {
        const cookie = await signIn(person);
        const { name, role } = PEOPLE[person];
        const home = await office.send('get', '/', null).set(cookie).expect(200);
        expect(home.text).toContain(`You are signed in as ${name}, ${role}.`);
        await office.send('get', '/scripts-event/overview', null).set(cookie).expect(200);
        const places = {
          acme: 'scripts?tenant=acme',
          newco: 'scripts?tenant=newco',
          tenants: 'tenants',
          health: 'health',
          store: `store?tenant=${tenant}`,
        };
        const found: Record<string, number> = {};
        for (const [what, path] of Object.entries(places)) found[what] = (await get(path, cookie)).status;
        expect(found).toEqual(statuses);
        const { body } = await get(`executions/${executions[tenant]}?tenant=${tenant}`, cookie).expect(200);
        expect(JSON.stringify(body).includes('result@client.com')).toBe(hasResult);
        await office
          .send('post', `/scripts-event/api/scripts?tenant=${tenant}`, null)
          .set({ ...cookie, 'x-scripts-event': '1' })
          .send({ name: `By ${person}`, eventTypes: ['debt.created'], source: 'return 1;' })
          .expect(saves);
      },
    );

    it('are the only ones who see the admin page; anybody else is told where to sign in', async () => {
      const stranger = await signIn('mallory');
      expect(stranger).toEqual({ cookie: '' });
      const page = office.send('get', '/scripts-event/overview', null).set('accept', 'text/html');
      const { text } = await page.set('cookie', 'sample-user=mallory').expect(401);
      expect(text).toContain('<a href="/sign-in">Sign in</a>');
    });
  });
});
