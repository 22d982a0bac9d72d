import { AdminHost } from '../e2e/support/admin-host.js';
import { createTestSchema, engineSchemaOf } from '../support/postgres.js';
import { FULL } from '../support/test-form.js';
import { limitTests } from '../support/time-limits.js';
import { waitFor } from '../support/wait-for.js';
import { barriersOf, inBrowserInFull, rewrite, Visitors } from './support/browser.js';

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

  it('are paused with a reason, which is shown until they are active again', async () => {
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

  it('have their limits set in the editor, which shows an error of the API at its field', async () => {
    const id = await admin.host.script('return 4;', { name: 'Bounded', runsPerMinute: 7 });
    const page = await visitors.open(`/scripts/${id}/edit`);
    await page.getByText('Language, bindings and limits').click();
    const rate = page.getByLabel('Runs per minute');
    expect(await rate.inputValue()).toBe('7');
    // The memory buffer keeps no order.
    expect(await page.getByLabel('Order events by').count()).toBe(0);
    await page.getByLabel('Runs at the same time').fill('a few');
    await rate.fill('');
    await page.getByLabel('Memory limit').fill('lots');
    await page.getByText('Language, bindings and limits').click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    // The label of a field contains its error, and the section with the field is opened.
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

  it('show their schedules with the next times', async () => {
    const schedules = [{ cron: '0 8 * * 1', timezone: 'Asia/Tashkent', payload: { team: 'sales' } }];
    const id = await admin.host.script('return 4;', { name: 'Digest', eventTypes: [], schedules });
    const page = await visitors.open(`/scripts/${id}?tab=settings`);
    const section = page.locator('section', { has: page.getByRole('heading', { name: 'Schedules' }) });
    await section.getByText('in Asia/Tashkent').waitFor();
    expect(await section.getByRole('listitem').count()).toBe(5);
    expect(await barriersOf(page)).toEqual([]);
  });

  it('have their schedules set in the editor, which shows the next times before a save', async () => {
    const id = await admin.host.script('return ctx.input;', { name: 'Weekly' });
    const page = await visitors.open(`/scripts/${id}/edit`);
    await page.getByRole('button', { name: 'Add a schedule' }).click();
    const first = page.getByRole('group', { name: 'Schedule 1', exact: true });
    await first.getByRole('textbox', { name: 'Payload of schedule 1' }).waitFor();
    await first.getByLabel('Time zone').fill('Asia/Tashkent');
    await first.getByText('Next times in Asia/Tashkent').waitFor();
    expect(await first.getByRole('listitem').count()).toBe(5);
    // Mondays at eight in that time zone.
    await first
      .getByText(/^Mon, .* 08:00:00$/)
      .first()
      .waitFor();

    await first.getByLabel('Time zone').fill('Asia/Taschkent');
    await first.getByLabel(/Time zone.*isn't a time zone.*Did you mean "Asia\/Tashkent"/s).waitFor();
    expect(await first.getByRole('listitem').count()).toBe(0);
    await first.getByLabel('Time zone').fill('Asia/Tashkent');
    await first.getByLabel('Times').fill('0 8 * *');
    await first.getByLabel(/Times.*isn't a cron expression/s).waitFor();
    // An error of the save is shown there, too.
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page
      .getByRole('alert')
      .getByText(/isn't a cron expression/)
      .waitFor();
    await first.getByLabel('Times').fill('30 6 * * 1-5');
    await first.getByText('Next times in Asia/Tashkent').waitFor();

    await rewrite(page, 'Payload of schedule 1', '{ "team": ');
    await first.getByText('This is not JSON yet.').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('alert').getByText('The payload of schedule 1 is not JSON.').waitFor();
    await rewrite(page, 'Payload of schedule 1', '{ "team": "sales" }');
    await first.getByLabel('After an outage').selectOption('none');
    await first.getByLabel('While the last run goes on').selectOption('queue');

    await page.getByRole('button', { name: 'Add a schedule' }).click();
    await page.getByRole('button', { name: 'Add a schedule' }).click();
    await page.getByRole('button', { name: 'Remove schedule 2' }).click();
    const second = page.getByRole('group', { name: 'Schedule 2', exact: true });
    await second.getByLabel('Times').fill('30 6 * * 1-5');
    await second.getByLabel('Time zone').fill('Asia/Tashkent');
    await second.getByText('Next times in Asia/Tashkent').waitFor();
    expect(await barriersOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await second.getByLabel(/Times.*has the same times/s).waitFor();
    await page.getByRole('button', { name: 'Remove schedule 2' }).click();
    await page.getByRole('button', { name: 'Stop listening to user.created' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved: version 1').waitFor();
    const { body } = await admin.get(`scripts/${id}`).expect(200);
    expect(body).toMatchObject({
      eventTypes: [],
      schedules: [
        {
          cron: '30 6 * * 1-5',
          timezone: 'Asia/Tashkent',
          catchUp: 'none',
          overlap: 'queue',
          payload: { team: 'sales' },
        },
      ],
    });

    // A test run of a script without event types uses one of its schedules.
    await page.reload();
    expect(await page.getByLabel('Type', { exact: true }).inputValue()).toBe('schedule');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('region', { name: 'Result' }).getByText('sales').waitFor();
    await page.getByText('This event would run the script.').waitFor();
    await visitors.leave([400]);
  });

  it('show the whole source of a single version without a comparison', async () => {
    const source = Array.from({ length: 9 }, (_, line) => `// line ${line}`).join('\n');
    const id = await admin.host.script(source, { name: 'Never changed' });
    const page = await visitors.open(`/scripts/${id}?tab=versions`);
    await page.getByRole('heading', { name: 'Version 1', exact: true }).waitFor();
    for (const line of [0, 4, 8]) await page.getByText(`// line ${line}`).waitFor();
    expect(await page.getByText('no difference').count()).toBe(0);
  });

  it('compare any two of their versions, and go back to one', async () => {
    const id = await admin.host.script('return "first";', { name: 'Versioned' });
    for (const source of ['return "second";', 'return "third";'])
      await admin.send('patch', `scripts/${id}`, 'walt', { 'if-match': '*' }).send({ source }).expect(200);
    const page = await visitors.open(`/scripts/${id}?tab=versions`);
    await page.getByText('Version 2 → Version 3: 1 line added, 1 line removed').waitFor();
    await page.getByLabel('Compare with').selectOption('version 1');
    await page.getByRole('heading', { name: 'Version 3 compared with version 1' }).waitFor();
    await page.locator('del').getByText('first').waitFor();
    await page.locator('ins').getByText('third').waitFor();
    expect(await page.getByRole('button', { name: 'Revert to this version' }).count()).toBe(0);
    // The version of the comparison stays the same when another version is chosen, which may be the earlier one.
    await page.getByRole('button', { name: /^Version 2/ }).click();
    await page.getByRole('heading', { name: 'Version 2 compared with version 1' }).waitFor();
    await page.getByLabel('Compare with').selectOption('version 3');
    await page.locator('del').getByText('third').waitFor();
    expect(await barriersOf(page)).toEqual([]);
    await page.getByRole('button', { name: /^Version 1/ }).click();
    await page.getByRole('button', { name: 'Revert to this version' }).click();
    await page.getByRole('dialog').getByText('Its source becomes version 4').waitFor();
    // Somebody else saves first. Their change is not lost.
    await admin
      .send('patch', `scripts/${id}`, 'walt', { 'if-match': '*' })
      .send({ description: 'x' })
      .expect(200);
    await page.getByRole('dialog').getByRole('button', { name: 'Revert' }).click();
    await page
      .getByRole('alert')
      .getByText(/changed/)
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('x', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Revert to this version' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revert' }).click();
    await page.getByText('Versioned has the source of version 1 again').waitFor();
    expect((await admin.get(`scripts/${id}`).expect(200)).body).toMatchObject({
      version: 4,
      source: 'return "first";',
      updatedBy: 'ada',
    });
    await page.getByRole('button', { name: /^Version 4/ }).waitFor();
    await visitors.leave([412]);
  });

  it('keep their filter if the text of a new one is not valid', async () => {
    const filters = { userId: { gt: 3 } };
    const id = await admin.host.script('return 1;', { name: 'Filtered', filters });
    const page = await visitors.open(`/scripts/${id}/edit`);
    await page.getByRole('textbox', { name: 'Filter', exact: true }).waitFor();
    await rewrite(page, 'Filter', '{ "userId": ');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('alert').getByText('The filter is not valid. Correct it or clear it.').waitFor();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.locator('.test').getByText('The filter is not valid.').waitFor();
    expect((await admin.get(`scripts/${id}`).expect(200)).body).toMatchObject({ filters });
  });

  // The short form looks once, on a telephone.
  it.each(FULL ? (['light', 'dark'] as const) : (['dark'] as const))(
    'have no accessibility barriers in the theme %s',
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

  it('has its ordering key, and what follows a failure, set in the editor', async () => {
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

// One request returns at most 200 scripts.
inBrowserInFull('a person whose tenant has more scripts than a page of a list', () => {
  const MANY = 215;
  let admin: AdminHost;
  let visitors: Visitors;
  beforeAll(async () => {
    admin = await AdminHost.start();
    visitors = await Visitors.at(await admin.listen());
    const [first] = [await admin.host.script('return 1;', { name: 'Script 1', active: false })];
    await admin.host.database.dataSource.query(
      `WITH made AS (
         INSERT INTO scripts SELECT (jsonb_populate_record(s, jsonb_build_object(
           'id', gen_random_uuid(), 'name', 'Script ' || n, 'created_at', s.created_at + make_interval(secs => n)))).*
         FROM scripts s, generate_series(2, ${MANY}) n WHERE s.id = $1 RETURNING id
       )
       INSERT INTO script_versions SELECT (jsonb_populate_record(v, jsonb_build_object('script_id', made.id))).*
       FROM script_versions v, made WHERE v.script_id = $1`,
      [first],
    );
  });
  afterEach(() => visitors.leave());
  afterAll(async () => {
    await visitors.close();
    await admin.close();
  });

  it('sees each of them once, page by page, and finds one that no page has shown yet', async () => {
    const page = await visitors.open('/scripts');
    const links = page.getByRole('table', { name: 'Scripts' }).getByRole('link');
    await links.first().waitFor();
    while ((await page.getByRole('button', { name: 'Show more' }).count()) > 0) {
      const before = await links.count();
      await page.getByRole('button', { name: 'Show more' }).click();
      await waitFor('the next page is there', async () => (await links.count()) > before);
      await waitFor('nothing is loading', async () => (await page.getByText('Loading…').count()) === 0);
    }
    const names = await links.allTextContents();
    expect(new Set(names).size).toBe(MANY);
    expect(names).toHaveLength(MANY);
    expect(await page.getByRole('button', { name: /^Show \d+.* new$/ }).count()).toBe(0);
    await page.reload();
    await page.getByLabel('Name').fill('Script 215');
    await waitFor('the list is filtered', async () => (await links.count()) === 1);
    expect(await links.allTextContents()).toEqual(['Script 215']);
  });

  it('can filter executions by one of the newest 200 scripts, and is told that there are more', async () => {
    const page = await visitors.open('/executions', { theme: 'dark', width: 390 });
    const choice = page.locator('label', { hasText: /^Script/ }).getByRole('combobox');
    await choice.getByText('Only the newest 200 are listed').waitFor({ state: 'attached' });
    // An option for all scripts, 200 scripts, and an option that says that there are more.
    expect(await choice.getByRole('option').count()).toBe(202);
    expect(await barriersOf(page)).toEqual([]);
  });
});
