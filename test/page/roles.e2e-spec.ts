import { ADA } from '../e2e/support/test-host.js';
import { AdminHost } from '../e2e/support/admin-host.js';
import { limitTests } from '../support/time-limits.js';
import { inBrowserInFull, rewrite, Visitors } from './support/browser.js';

limitTests('long');

inBrowserInFull('the page', () => {
  let admin: AdminHost;
  let visitors: Visitors;
  let script: string;
  beforeAll(async () => {
    admin = await AdminHost.start({
      busy: true,
      options: { retry: { maxRetries: 0 } },
      admin: { links: { signIn: '/login', home: '/back-office' } },
    });
    visitors = await Visitors.at(await admin.listen());
    script = await admin.host.script("sdk.log.info('of', ctx.input.email); throw new Error('no luck');", {
      name: 'Fails',
    });
    admin.host.emit('user.created', { ...ADA, tenantId: 'acme' });
    await admin.host.deadLetter('exhausted');
  });
  afterEach(() => visitors.leave());
  afterAll(async () => {
    await visitors.close();
    await admin.close();
  });

  it('shows no payload and no button for changes to a person who may only read', async () => {
    const page = await visitors.open('/dead-letters', { user: 'rita' });
    await page.getByRole('link', { name: /Fails/ }).click();
    await page.getByText('You don’t have permission to see payloads.').waitFor();
    for (const name of ['Replay', 'Discard', 'Try in the editor'])
      expect(await page.getByText(name, { exact: true }).count()).toBe(0);
    expect(await page.locator('#app').innerHTML()).not.toContain(ADA.email);
    await page.getByRole('link', { name: 'Fails' }).click();
    await page.getByRole('heading', { level: 1, name: 'Fails' }).waitFor();
    expect(await page.locator('main').getByRole('button').count()).toBe(0);
    await page.getByText('Read only').waitFor();
    await page.getByRole('link', { name: /user.created/ }).click();
    await page.getByText('You don’t have permission to see payloads, results and logs.').waitFor();
    expect(await page.locator('#app').innerHTML()).not.toContain(ADA.email);
  });

  it('shows nothing of another tenant at any address', async () => {
    for (const path of [`/scripts/${script}`, `/scripts/${script}/edit`]) {
      const page = await visitors.open(path, { user: 'ben' });
      await page.getByRole('heading', { name: 'Not found' }).waitFor();
    }
    const page = await visitors.open('/scripts?tenant=acme', { user: 'ben' });
    await page.getByRole('heading', { name: 'Not found' }).waitFor();
    expect(await page.content()).not.toContain('Fails');
    await visitors.leave([404]);
  });

  it('leads from a script to its dead letters, and lets a person try such an event, or a changed copy, in the editor', async () => {
    const page = await visitors.open(`/scripts/${script}`);
    await page.getByRole('link', { name: '1 dead letter needs attention' }).click();
    await page.getByRole('link', { name: /Fails/ }).click();
    await page.getByRole('link', { name: 'Try in the editor' }).click();
    await page.getByRole('region', { name: 'Payload' }).getByText(ADA.email).waitFor();
    await page.getByRole('button', { name: 'Edit a copy' }).click();
    await page.getByRole('textbox', { name: 'Payload', exact: true }).getByText(ADA.email).waitFor();
    await rewrite(page, 'Payload', '{ "email": "copy@example.com" }');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText('failed: runtime').waitFor();
    await page.getByRole('listitem').filter({ hasText: 'copy@example.com' }).waitFor();
  });

  it('links to closed dead letters when no open one matches', async () => {
    const page = await visitors.open(`/dead-letters?eventType=user.deleted`);
    await page.getByRole('heading', { name: 'No matching open dead letters' }).waitFor();
    await page.getByRole('link', { name: 'Show resolved ones' }).click();
    await page.getByRole('heading', { name: 'No matching dead letters' }).waitFor();
    const { searchParams } = new URL(page.url());
    expect([searchParams.get('status'), searchParams.get('eventType')]).toEqual(['resolved', 'user.deleted']);
  });

  it('lists all tenants for an operator, those in trouble first, and shows one of them on a click', async () => {
    await admin.host.script('return 1;', { name: 'Well', tenantId: 'beta' });
    const page = await visitors.open('/overview', { user: 'olga' });
    await page.getByRole('link', { name: 'Show all tenants' }).click();
    const rows = page.getByRole('table', { name: 'Tenants' }).getByRole('row');
    await rows.nth(2).waitFor();
    expect(await rows.nth(1).textContent()).toContain('acme');
    await page.getByRole('link', { name: 'acme' }).click();
    await page.getByRole('heading', { name: '1 dead letter needs attention' }).waitFor();
    await page.getByRole('link', { name: 'Scripts', exact: true }).click();
    await page.getByRole('link', { name: 'Fails' }).waitFor();
    expect(new URL(page.url()).searchParams.get('tenant')).toBe('acme');
  });

  it('links to the sign-in and hides all data once the session has ended', async () => {
    const page = await visitors.open('/scripts');
    await page.getByRole('link', { name: 'Fails' }).waitFor();
    await page.context().setExtraHTTPHeaders({ 'x-user': 'nobody' });
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    expect(await page.getByRole('link', { name: 'Sign in' }).getAttribute('href')).toBe('/login');
    expect(await page.getByText('Fails').count()).toBe(0);
    await visitors.leave([401]);
  });

  it('moves the focus to the title of each screen, also when the title is shown later than the address', async () => {
    const page = await visitors.open('/failures');
    const follow = async (name: string | RegExp, title: string): Promise<void> => {
      await page.getByRole('link', { name }).first().focus();
      await page.keyboard.press('Enter');
      await page.locator('h1:focus').getByText(title, { exact: true }).waitFor();
    };
    await follow(/no luck/, 'Dead letters');
    await follow(/Fails/, 'Dead letter of Fails');
    await follow('Try in the editor', 'Edit Fails');
    await follow('Overview', 'Overview');
  });

  it('can be used by the keyboard alone', async () => {
    const page = await visitors.open('/scripts');
    await page.getByRole('link', { name: 'Fails' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Fails' }).focus();
    await page.keyboard.press('Enter');
    const heading = page.getByRole('heading', { level: 1, name: 'Fails' });
    await heading.waitFor();
    await page.getByRole('button', { name: 'Pause' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.locator(':focus').textContent()).toBe('Pause');
  });
});
