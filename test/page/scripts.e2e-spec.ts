import { AdminHost } from '../e2e/support/admin-host.js';
import { FULL } from '../support/test-form.js';
import { barriersOf, describeInBrowser, Visitors } from './support/browser.js';

describeInBrowser('the scripts of a tenant', () => {
  let admin: AdminHost;
  let visitors: Visitors;
  beforeAll(async () => {
    admin = await AdminHost.start({ busy: true });
    visitors = await Visitors.at(await admin.listen());
    await admin.host.script('return 1;', { name: 'Welcome', description: 'Greets who comes.' });
    await admin.host.script('return 2;', { name: 'Farewell', eventTypes: ['client.deleted'] });
    await admin.host.script('return 3;', { name: 'Of somebody else', tenantId: 'beta' });
  });
  afterEach(() => visitors.leave());
  afterAll(async () => {
    await visitors.close();
    await admin.close();
  });

  it('are listed, and found by their names', async () => {
    const page = await visitors.open('/scripts');
    await page.getByRole('link', { name: 'Welcome' }).waitFor();
    expect(await page.getByText('Of somebody else').count()).toBe(0);
    await page.getByLabel('Name').fill('fare');
    await page.getByRole('link', { name: 'Welcome' }).waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('q')).toBe('fare');
    await page.getByRole('link', { name: 'Farewell' }).click();
    await page.getByRole('heading', { level: 1, name: 'Farewell' }).waitFor();
    expect(await page.title()).toBe('Farewell · Scripts');
  });

  it('are paused with a reason, which everybody then sees', async () => {
    const page = await visitors.open('/scripts');
    await page.getByRole('link', { name: 'Welcome' }).click();
    await page.getByRole('button', { name: 'Pause' }).click();
    const dialog = page.getByRole('dialog', { name: 'Pause the script?' });
    expect(await dialog.getByRole('button', { name: 'Pause' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Why?').fill('Waits for the new price list');
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Waits for the new price list').waitFor();
    await page.getByRole('button', { name: 'Activate' }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Activate' }).click();
    await page.getByText('Waits for the new price list').waitFor({ state: 'detached' });
  });

  // The short form: once, on a telephone.
  it.each(FULL ? (['light', 'dark'] as const) : (['dark'] as const))(
    'can be used by everybody, %s',
    async (theme) => {
      for (const width of FULL ? [1_440, 390] : [390]) {
        const page = await visitors.open('/scripts', { theme, width });
        await page.getByRole('link', { name: 'Welcome' }).waitFor();
        expect(await barriersOf(page)).toEqual([]);
      }
    },
  );
});
