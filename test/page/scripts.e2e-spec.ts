import { AdminHost } from '../e2e/support/admin-host.js';
import { createTestSchema, engineSchemaOf } from '../support/postgres.js';
import { FULL } from '../support/test-form.js';
import { limitTests } from '../support/time-limits.js';
import { barriersOf, inBrowserInFull, Visitors } from './support/browser.js';

limitTests('busy');

inBrowserInFull('the scripts of a tenant', () => {
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
    const dialog = page.getByRole('dialog', { name: 'Pause this script?' });
    expect(await dialog.getByRole('button', { name: 'Pause' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Reason').fill('Waits for the new price list');
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Waits for the new price list').waitFor();
    await page.getByRole('button', { name: 'Activate' }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Activate' }).click();
    await page.getByText('Waits for the new price list').waitFor({ state: 'detached' });
  });

  it('are set in the editor, where the API’s words stand at the field that they are about', async () => {
    const id = await admin.host.script('return 4;', { name: 'Bounded', runsPerMinute: 7 });
    const page = await visitors.open(`/scripts/${id}/edit`);
    await page.getByText('Language, bindings and limits').click();
    const rate = page.getByLabel('Runs per minute');
    expect(await rate.inputValue()).toBe('7');
    // Nothing keeps order here.
    expect(await page.getByLabel('Order events by').count()).toBe(0);
    await page.getByLabel('Runs at the same time').fill('a few');
    await rate.fill('');
    await page.getByLabel('Memory limit').fill('lots');
    await page.getByText('Language, bindings and limits').click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    // The label of a field has what is wrong with it, and is unfolded for that.
    await page.getByLabel(/Runs at the same time.*whole number from 1 to 1000/s).waitFor();
    await page.getByLabel(/Memory limit.*whole number from 8/s).waitFor();
    await page.getByLabel('Runs at the same time').fill(' 2 ');
    await page.getByLabel('Memory limit').fill('32');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved: version 1').waitFor();
    const { body } = await admin.get(`scripts/${id}`).expect(200);
    expect(body).toMatchObject({ maxConcurrency: 2, runsPerMinute: null, limits: { memoryMb: 32 } });
    await page.getByRole('link', { name: 'Bounded' }).click();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByText('Runs at the same time').waitFor();
    await visitors.leave([400]);
  });

  it('show the schedules of one with their next times', async () => {
    const schedules = [{ cron: '0 8 * * 1', timezone: 'Asia/Tashkent', payload: { team: 'sales' } }];
    const id = await admin.host.script('return 4;', { name: 'Digest', eventTypes: [], schedules });
    const page = await visitors.open(`/scripts/${id}?tab=settings`);
    const section = page.locator('section', { has: page.getByRole('heading', { name: 'Schedules' }) });
    await section.getByText('in Asia/Tashkent').waitFor();
    expect(await section.getByRole('listitem').count()).toBe(5);
    expect(await barriersOf(page)).toEqual([]);
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

inBrowserInFull('a script whose events keep their order', () => {
  let admin: AdminHost;
  let visitors: Visitors;
  beforeAll(async () => {
    const database = await createTestSchema({ engine: true });
    const buffer = { driver: 'graphile-worker', schema: engineSchemaOf(database) } as const;
    admin = await AdminHost.start({ database, options: { buffer } });
    visitors = await Visitors.at(await admin.listen());
  });
  afterEach(() => visitors.leave());
  afterAll(async () => {
    await visitors.close();
    await admin.close();
  });

  it('is told in the editor by which field, and what follows a failure', async () => {
    const id = await admin.host.script('return 1;', { name: 'In order' });
    const page = await visitors.open(`/scripts/${id}/edit`);
    await page.getByText('Language, bindings, limits and order').click();
    const after = page.getByLabel('After a failure, later events');
    expect(await after.isDisabled()).toBe(true);
    await page.getByLabel('Order events by').fill('a..b');
    await after.selectOption('skip');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByLabel(/Order events by.+path/s).waitFor();
    await page.getByLabel('Order events by').fill('userId');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved: version 1').waitFor();
    const { body } = await admin.get(`scripts/${id}`).expect(200);
    expect(body).toMatchObject({ orderingKey: 'userId', onOrderedFailure: 'skip' });
    await page.goto(page.url().replace(/\/edit$/, '?tab=settings'));
    await page.getByText('by userId; after a failure, later events go on').waitFor();
    await visitors.leave([400]);
  });
});
