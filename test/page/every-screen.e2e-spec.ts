import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { ScriptStoreService, SecretService, VariableService } from '../../lib/index.js';
import { ADA } from '../e2e/support/test-host.js';
import { AdminHost } from '../e2e/support/admin-host.js';
import { limitTests } from '../support/time-limits.js';
import { waitFor } from '../support/wait-for.js';
import { barriersOf, inBrowserInFull, Visitors } from './support/browser.js';

limitTests('busy');

/** Title of a screen, its address, and the person who looks at it. */
type Screen = [title: string, address: (ids: Ids) => string, user: string];

interface Ids {
  script: string;
  execution: string;
  event: string;
  deadLetter: string;
}

const SCREENS: Screen[] = [
  ['Overview', () => '/overview', 'ada'],
  ['Edit Greets', ({ script }) => `/scripts/${script}/edit`, 'ada'],
  ['Dead letters', () => '/dead-letters', 'ada'],
  ['Scripts', () => '/scripts', 'ada'],
  ['Greets', ({ execution }) => `/executions/${execution}`, 'ada'],
  ['Greets', ({ script }) => `/scripts/${script}?tab=versions`, 'ada'],
  ['Greets', ({ script }) => `/scripts/${script}`, 'ada'],
  ['Dead letter of Greets', ({ deadLetter }) => `/dead-letters/${deadLetter}`, 'ada'],
  ['Executions', () => '/executions', 'ada'],
  ['Failures', () => '/failures', 'ada'],
  ['Greets', ({ script }) => `/scripts/${script}?tab=settings`, 'ada'],
  ['user.created', ({ event }) => `/events/${event}`, 'ada'],
  ['New script', () => '/scripts/new', 'ada'],
  ['Tenants', () => '/tenants', 'olga'],
  ['Choose a tenant', () => '/scripts', 'olga'],
  ['Overview', () => '/overview', 'ben'],
  ['Secrets', () => '/secrets', 'ada'],
  ['Variables', () => '/variables', 'ada'],
  ['Store', () => '/store', 'ada'],
  ['Store of Greets', ({ script }) => `/store?of=${script}`, 'ada'],
  ['Store', () => '/store', 'walt'],
];

const LOOKS = [
  ['dark', 390],
  ['light', 1_440],
  ['dark', 1_440],
  ['light', 390],
] as const;

// Only in the full form: the test of a person's journey looks for barriers at its end.
inBrowserInFull('every screen', () => {
  let admin: AdminHost;
  let visitors: Visitors;
  let ids: Ids;
  beforeAll(async () => {
    admin = await AdminHost.start({
      busy: true,
      options: {
        retry: { maxRetries: 0 },
        storage: { keepInput: true },
        secrets: { keys: [`2026:${randomBytes(32).toString('base64')}`] },
      },
      admin: { links: { home: '/' } },
    });
    visitors = await Visitors.at(await admin.listen());
    const script = await admin.host.script(
      "sdk.log.warn('of', ctx.input);\nif (ctx.input.userId > 1) throw new Error('nobody <b>greets</b> ' + ctx.input.email);\nreturn ctx.input;",
      { name: 'Greets', filters: { userId: { gt: 0 } }, description: 'Greets who comes.' },
    );
    const hosts = ['api.example.com', 'a-rather-long-name-of-a-host.example.com:8443'];
    await admin.host
      .get(SecretService)
      .create('acme', { name: 'api_key', value: 'correct horse', hosts }, 'ada');
    await admin.host.get(VariableService).set('acme', 'limits', { daily: 20, of: 'x'.repeat(300) }, 'ada');
    const store = admin.host.get(ScriptStoreService);
    const seen = { list: ['x'.repeat(300)] };
    await store.set('acme', 'k'.repeat(200), seen, { scriptId: script, ttl: '2h', by: 'ada' });
    await store.set('acme', 'payments', 12);
    for (const userId of [1, 2]) admin.host.emit('user.created', { ...ADA, tenantId: 'acme', userId });
    const deadLetter = await admin.host.deadLetter('exhausted');
    const execution = (await admin.host.executed(2)).find(({ status }) => status === 'failed');
    ids = { script, deadLetter: deadLetter.id, execution: execution?.id ?? '', event: deadLetter.eventId };
  });
  afterEach(() => visitors.leave());
  afterAll(async () => {
    await visitors.close();
    await admin.close();
  });

  async function look(title: string, path: string, visit: Parameters<Visitors['open']>[1]): Promise<Page> {
    const page = await visitors.open(path, visit);
    await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
    await waitFor('nothing is loading', async () => (await page.getByLabel('Loading').count()) === 0);
    return page;
  }

  it.each(SCREENS)(
    'fits in the window and has no accessibility barriers: %s',
    async (title, address, user) => {
      for (const [theme, width] of LOOKS) {
        const page = await look(title, address(ids), { theme, width, user });
        const root = page.locator('html');
        const widest = await root.evaluate((one: unknown) => (one as { scrollWidth: number }).scrollWidth);
        expect(widest).toBeLessThanOrEqual(width);
        expect(await barriersOf(page)).toEqual([]);
        await visitors.leave();
      }
    },
  );

  // The server sends the page to no such address, but the router may still be led to one.
  it('says that an address has no screen, and leads to the overview', async () => {
    const page = await look('Scripts', '/scripts', {});
    await page.evaluate(
      "history.pushState(null, '', 'nowhere'); dispatchEvent(new PopStateEvent('popstate'))",
    );
    await page.getByRole('heading', { level: 1, name: 'Not found' }).waitFor();
    expect(await barriersOf(page)).toEqual([]);
    await page.getByRole('link', { name: 'Go to the overview' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });
});
