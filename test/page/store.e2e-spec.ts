import { ExecutionService, ScriptStoreService } from '../../lib/index.js';
import { AdminHost } from '../e2e/support/admin-host.js';
import { limitTests } from '../support/time-limits.js';
import { barriersOf, inBrowserInFull, Visitors } from './support/browser.js';

limitTests('long');

const LONGEST = 'k'.repeat(200);

inBrowserInFull('the store of a tenant', () => {
  let admin: AdminHost;
  let visitors: Visitors;
  let store: ScriptStoreService;
  beforeAll(async () => {
    admin = await AdminHost.start({ busy: true, options: { limits: { tenantStoreKeys: 150 } } });
    visitors = await Visitors.at(await admin.listen());
    store = admin.host.get(ScriptStoreService);
  });
  afterEach(async () => {
    await visitors.leave();
    await admin.host.empty();
    await store.clear('acme');
  });
  afterAll(async () => {
    await visitors.close();
    await admin.close();
  });

  it('begins with its purpose, and an example line that works in a script', async () => {
    const page = await visitors.open('/overview');
    await page.getByRole('link', { name: 'Store', exact: true }).click();
    await page.getByRole('heading', { name: 'No script remembers anything yet' }).waitFor();
    const example = await page.getByRole('region', { name: 'Example of a script that counts' }).textContent();
    expect(await barriersOf(page)).toEqual([]);
    const id = await admin.host.script(example ?? '', { name: 'Counts payments' });
    const ended = await admin.host.get(ExecutionService).execute(id, {}, { tenantId: 'acme' });
    expect(ended).toMatchObject({ status: 'completed', result: { payments: 1 } });
    const row = page.getByRole('row', { name: /Counts payments/ });
    await row.getByText('9 bytes').waitFor();

    // From the script to its keys, and to the execution that has written one.
    await page.goto(page.url().replace('/store', `/scripts/${id}?tab=settings`));
    await page.getByRole('link', { name: 'What it remembers' }).click();
    await page.getByRole('heading', { level: 1, name: 'Store of Counts payments' }).waitFor();
    await page
      .getByRole('row', { name: /payments/ })
      .getByRole('link', { name: 'a run' })
      .click();
    await page.getByRole('heading', { level: 1, name: 'Counts payments' }).waitFor();
  });

  it('shows sizes against the quota, lists keys by script and by prefix, and shows each value printable', async () => {
    const id = await admin.host.script('return 1;', { name: 'Reads the news' });
    for (let at = 0; at < 140; at++) await store.set('acme', `seen ${at}`, at, { scriptId: id });
    const value = { note: 'to \u202egnirts\u200b', bell: '\u0007', markup: '<b>&' };
    await store.set('acme', 'last visit', value, { ttl: '90m', by: 'walt' });
    const page = await visitors.open('/store');
    const quota = page.getByRole('region', { name: 'Quota' });
    await quota.getByText('141 of 150 keys').waitFor();
    await quota.getByText('of 16 MiB').waitFor();
    await quota.getByText('The quota is nearly used up.').waitFor();
    expect(await barriersOf(page)).toEqual([]);

    await page.getByRole('link', { name: 'Shared store' }).click();
    const row = page.getByRole('row', { name: /last visit/ });
    await row.getByText('by walt').waitFor();
    await row.getByText('in 1 hr.').waitFor();
    await row.getByRole('button', { name: 'Show value: last visit' }).click();
    const dialog = page.getByRole('dialog', { name: 'last visit' });
    const shown = (await dialog.getByRole('region', { name: 'Value' }).textContent()) ?? '';
    expect(JSON.parse(shown)).toEqual(value);
    expect(shown).toContain('to \\u202egnirts\\u200b');
    expect(shown).toContain('<b>&');
    expect(await barriersOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    await page.getByRole('main').getByRole('link', { name: 'Store', exact: true }).click();
    await page.getByRole('link', { name: 'Reads the news' }).click();
    const keys = page.getByRole('table', { name: 'Keys' });
    await keys.getByText('seen 0', { exact: true }).waitFor();
    expect(await keys.getByRole('row').count()).toBe(51);
    await page.getByRole('button', { name: 'Show more' }).click();
    await keys.getByRole('row').nth(100).waitFor();
    // A key that a run adds among the listed ones is counted, and no row moves.
    await store.set('acme', 'seen 0b', 0, { scriptId: id });
    await page.getByRole('button', { name: 'Show 1 new' }).click();
    await keys.getByText('seen 0b').waitFor();
    await page.getByRole('searchbox', { name: 'Key' }).fill('seen 13');
    await keys.getByText('seen 0', { exact: true }).waitFor({ state: 'detached' });
    await keys.getByText('seen 139', { exact: true }).waitFor();
    expect(await keys.getByRole('row').count()).toBe(12);
    await page.getByRole('searchbox', { name: 'Key' }).fill('none');
    await page.getByRole('heading', { name: 'No matching keys' }).waitFor();
  });

  it('removes one key, those with a prefix, or all, after a person has confirmed their number', async () => {
    const id = await admin.host.script('return 1;', { name: 'Forgets' });
    for (const key of ['a 1', 'a 2', 'b', 'c']) await store.set('acme', key, 1, { scriptId: id });
    for (let at = 0; at < 120; at++) await store.set('acme', `${at}`, at);
    const page = await visitors.open(`/store?of=${id}`);
    await page.getByRole('button', { name: 'Delete: c' }).click();
    let dialog = page.getByRole('dialog', { name: 'Delete c?' });
    await dialog.getByRole('button', { name: 'Delete permanently' }).click();
    await page.getByText('c is deleted', { exact: true }).waitFor();
    await page.getByRole('row', { name: /^c/ }).waitFor({ state: 'detached' });

    await page.getByRole('searchbox', { name: 'Key' }).fill('a');
    await page.getByRole('button', { name: 'Delete matching keys' }).click();
    dialog = page.getByRole('dialog', { name: 'Delete matching keys?' });
    await dialog.getByText('2 keys that begin with a are deleted.').waitFor();
    expect(await barriersOf(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Delete permanently: 2' }).click();
    await page.getByText('2 keys deleted', { exact: true }).waitFor();
    expect((await store.list('acme', { scriptId: id })).items.map(({ key }) => key)).toEqual(['b']);

    await page.goto(page.url().replace(/\?.*/, ''));
    await page.getByRole('button', { name: 'Clear: Shared store' }).click();
    dialog = page.getByRole('dialog', { name: 'Clear the shared store?' });
    const sure = dialog.getByRole('button', { name: 'Delete permanently: 120' });
    expect(await sure.isDisabled()).toBe(true);
    await dialog.getByLabel('Type 120 to confirm').fill('120');
    await sure.click();
    await page.getByText('120 keys deleted', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Shared store' }).waitFor({ state: 'detached' });
    expect(await store.usage('acme')).toMatchObject({ keys: 1 });
    expect(admin.log.of('log').join('\n')).toMatch(/120 keys were removed .* by "ada"/);
  });

  it('can be read, and not changed, with the permission for data only, and is hidden without it', async () => {
    await store.set('acme', 'name', 'Ada');
    const reader = await visitors.open('/store?of=shared', { user: 'ada without write' });
    await reader.getByRole('button', { name: 'Show value: name' }).waitFor();
    const buttons = await reader.locator('main').getByRole('button').allTextContents();
    expect(buttons).toEqual(['Show value']);
    const other = await visitors.open('/store', { user: 'walt' });
    await other.getByRole('heading', { name: 'You don’t see what scripts remember' }).waitFor();
    const menu = other.getByRole('navigation', { name: 'Screens' });
    await menu.getByRole('link', { name: 'Variables' }).waitFor();
    expect(await menu.getByRole('link', { name: 'Store' }).count()).toBe(0);
    expect(await other.content()).not.toContain('Ada');
  });

  it('can be used by the keyboard alone, on a telephone and in the dark theme', async () => {
    await store.set('acme', 'payments', 12);
    await store.set('acme', LONGEST, 'x'.repeat(1_000));
    const page = await visitors.open('/overview', { theme: 'dark', width: 390 });
    await page.getByRole('button', { name: 'Menu' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Store', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Shared store' }).focus();
    await page.keyboard.press('Enter');
    const remove = page.getByRole('button', { name: 'Delete: payments' });
    await remove.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Delete payments?' }).waitFor();
    expect(await barriersOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await remove.evaluate((element) => element.matches(':focus'))).toBe(true);
    expect(await store.usage('acme')).toMatchObject({ keys: 2 });

    // The longest possible key, without a blank.
    await page.getByRole('button', { name: `Show value: ${LONGEST}` }).click();
    const dialog = page.getByRole('dialog', { name: LONGEST });
    await dialog.getByRole('region', { name: 'Value' }).waitFor();
    const overflow = await dialog.evaluate((element: unknown) => {
      const { scrollWidth, clientWidth } = element as { scrollWidth: number; clientWidth: number };
      return scrollWidth - clientWidth;
    });
    expect(overflow).toBe(0);
    expect(await barriersOf(page)).toEqual([]);
  });
});
