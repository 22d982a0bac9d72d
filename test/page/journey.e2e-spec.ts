import { type Adapter, AdminHost } from '../e2e/support/admin-host.js';
import { StrippingProxy } from '../support/stripping-proxy.js';
import { FULL, itInFull } from '../support/test-form.js';
import { limitTests } from '../support/time-limits.js';
import { barriersOf, describeInBrowser, inBrowserInFull, rewrite, Visitors } from './support/browser.js';
import { firstScript } from './support/first-script.js';

limitTests('long');

const start = (adapter: Adapter): Promise<AdminHost> =>
  AdminHost.start({ adapter, busy: true, options: { retry: { maxRetries: 1 } } });

const ADAPTERS: Adapter[] = FULL ? ['Express', 'Fastify'] : ['Express'];

describeInBrowser.each(ADAPTERS)('a person who has never seen the page, on %s', (adapter) => {
  let admin: AdminHost;
  let visitors: Visitors;
  beforeAll(async () => {
    admin = await start(adapter);
    visitors = await Visitors.at(await admin.listen());
  });
  afterEach(() => visitors.leave());
  afterAll(async () => {
    await visitors.close();
    await admin.close();
  });

  it('writes a first script, finds out why it failed, corrects it with the event that failed, and replays that event', async () => {
    const page = await visitors.open('');
    await firstScript(page, admin);
    expect(await barriersOf(page)).toEqual([]);
  });

  // Only in the full form: test/e2e/admin-resources.e2e-spec.ts proves that the API refuses the second save.
  itInFull(
    'sees both texts when somebody else has saved meanwhile, and both are kept as versions',
    async () => {
      const id = await admin.host.script('return 1;', { name: 'Shared' });
      const page = await visitors.open(`/scripts/${id}/edit`);
      await page.getByRole('textbox', { name: 'Source', exact: true }).waitFor();
      await rewrite(page, 'Source', 'return "mine";');
      await admin
        .send('patch', `scripts/${id}`, 'walt', { 'if-match': '*' })
        .send({ source: 'return "theirs";' })
        .expect(200);
      await page.keyboard.press('ControlOrMeta+s');
      const dialog = page.getByRole('dialog', { name: 'Someone else has saved this script' });
      await dialog.getByText('walt saved it').waitFor();
      await dialog.getByText('"theirs"').waitFor();
      await dialog.getByText('"mine"').waitFor();
      await dialog.getByRole('button', { name: 'Save mine over theirs' }).click();
      await page.getByText('Saved: version 3').waitFor();
      const { body } = await admin.get(`scripts/${id}/versions`).expect(200);
      expect(body).toMatchObject({ items: [{ createdBy: 'ada' }, { createdBy: 'walt' }, { version: 1 }] });
      // The status of the refused save.
      await visitors.leave([412]);
    },
  );
});

inBrowserInFull.each(ADAPTERS)('a person behind a proxy that removes a path, on %s', (adapter) => {
  let admin: AdminHost;
  let proxy: StrippingProxy;
  let visitors: Visitors;
  beforeAll(async () => {
    admin = await start(adapter);
    const address = await admin.listen();
    proxy = await StrippingProxy.before(address, '/ops/tools');
    visitors = await Visitors.at(proxy.addressOf(address));
  });
  afterEach(() => visitors.leave());
  afterAll(async () => {
    await visitors.close();
    await proxy.close();
    await admin.close();
  });

  it('can do the same, and the page requests nothing outside of that path', async () => {
    const page = await visitors.open('');
    await firstScript(page, admin);
    expect(new URL(page.url()).pathname).toMatch(/^\/ops\/tools\/back\/admin\/scripts\/executions\//);
    await page.reload();
    await page.getByRole('region', { name: 'Result' }).waitFor();
    expect(proxy.strays).toEqual([]);
  });
});
