import type { Page } from 'playwright-core';
import { ADA } from '../e2e/support/test-host.js';
import { AdminHost } from '../e2e/support/admin-host.js';
import { waitFor } from '../support/wait-for.js';
import { limitTests } from '../support/time-limits.js';
import { inBrowserInFull, Visitors } from './support/browser.js';

limitTests('long');

/** Chrome's own “Fast 3G”, which it calls “Slow 4G” since 2024. */
const FAST_3G = {
  offline: false,
  latency: 562.5,
  downloadThroughput: (1_600_000 / 8) * 0.9,
  uploadThroughput: (750_000 / 8) * 0.9,
};

/** The `display` that the style sheet gives to an element of the page. */
const drawn = (element: unknown): string =>
  (globalThis as unknown as { getComputedStyle(of: unknown): { display: string } }).getComputedStyle(element)
    .display;

/** One request with its response. Times are in seconds. */
interface Exchange {
  url: string;
  began: number;
  ended: number;
  bytes: number;
}

/** Slows down the connection of a page, and records its requests. */
async function slowDown(page: Page): Promise<Exchange[]> {
  const ended: Exchange[] = [];
  const open = new Map<string, Exchange>();
  const session = await page.context().newCDPSession(page);
  session.on('Network.requestWillBeSent', ({ requestId, timestamp, request: { url } }) => {
    if (!url.startsWith('data:')) open.set(requestId, { url, began: timestamp, ended: 0, bytes: 0 });
  });
  session.on('Network.loadingFinished', ({ requestId, timestamp, encodedDataLength }) => {
    const exchange = open.get(requestId);
    if (exchange) ended.push(Object.assign(exchange, { ended: timestamp, bytes: encodedDataLength }));
  });
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', FAST_3G);
  return ended;
}

/** The length of the longest chain of exchanges in which each began after the previous one had ended. */
function roundsOf(exchanges: readonly Exchange[]): number {
  const rounds = new Map<Exchange, number>();
  for (const one of exchanges.toSorted((a, b) => a.began - b.began)) {
    const before = exchanges.filter(({ ended }) => ended <= one.began);
    rounds.set(one, 1 + Math.max(0, ...before.map((earlier) => rounds.get(earlier) ?? 0)));
  }
  return Math.max(...rounds.values());
}

/** A name and an error message of a script that attacks the page of its reader. */
const HOSTILE = '</script><!--<script>alert(x)</script><img src=x onerror=alert(x)>"\'&amp;\u2028';

inBrowserInFull('the page on a slow connection', () => {
  let admin: AdminHost;
  let visitors: Visitors;
  beforeAll(async () => {
    admin = await AdminHost.start({
      busy: true,
      options: { retry: { maxRetries: 0 } },
      admin: {
        redact: (_, kind, value) => (kind === 'error' ? String(value).replace('the pin', 'a secret') : value),
      },
    });
    visitors = await Visitors.at(await admin.listen());
    await admin.host.script("throw new Error('no luck with the pin');", { name: 'Fails' });
    await admin.host.script(`throw new Error(${JSON.stringify(HOSTILE)});`, {
      name: HOSTILE,
      tenantId: 'beta',
    });
    for (const tenantId of ['acme', 'beta']) admin.host.emit('user.created', { ...ADA, tenantId });
    await waitFor('both have failed', async () => (await admin.host.deadLetters()).length === 2);
  });
  afterEach(() => visitors.leave());
  afterAll(async () => {
    await visitors.close();
    await admin.close();
  });

  // Each further round trip takes half a second on a slow connection.
  it('shows the whole overview and its navigation works after one round trip, with the document only', async () => {
    let exchanges: Exchange[] = [];
    const page = await visitors.open('/overview', {
      until: 'commit',
      prepare: async (blank) => {
        exchanges = await slowDown(blank);
        // Only the document is answered.
        await blank.route(/\/(assets|api)\//, () => undefined);
      },
    });
    await page.getByRole('heading', { name: '1 dead letter needs attention' }).waitFor();
    await page.getByRole('link', { name: 'no luck with a secret' }).waitFor();
    await page.getByRole('img', { name: /0 executions completed and 1 failed/ }).waitFor();
    await page.getByRole('heading', { name: 'Application health' }).waitFor();
    await page.getByLabel('Theme').selectOption('dark');
    expect(await page.locator('html').getAttribute('style')).toContain('dark');
    await page.getByRole('link', { name: 'Scripts', exact: true }).click();
    await page.getByRole('status', { name: 'Loading' }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/\/scripts$/);
    expect(exchanges).toHaveLength(1);
  });

  it('has every screen except the editor after 60 KiB, and requests nothing twice', async () => {
    let exchanges: Exchange[] = [];
    const page = await visitors.open('/overview', {
      prepare: async (blank) => void (exchanges = await slowDown(blank)),
    });
    await page.getByRole('link', { name: /no luck/ }).waitFor();
    await page.getByRole('link', { name: 'Scripts', exact: true }).click();
    await page.getByRole('link', { name: 'Fails' }).waitFor();
    const files = exchanges.filter(({ url }) => !url.includes('/api/'));
    expect(roundsOf(files)).toBe(2);
    expect(files.reduce((sum, { bytes }) => sum + bytes, 0) / 1_024).toBeLessThanOrEqual(60);
    const asked = exchanges.map(({ url }) => url);
    expect(
      asked.filter((url) => /scripts\?limit=1|counts|script-health|stats|failures|health/.test(url)),
    ).toEqual([]);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('shows hostile text of a tenant as text', async () => {
    const page = await visitors.open('/overview', { user: 'ben' });
    const message = page.getByRole('link', { name: /onerror=alert/ });
    await message.waitFor();
    expect(await message.locator('strong').textContent()).toContain(HOSTILE.replace('\u2028', ''));
    expect(await page.locator('img').count()).toBe(0);
  });

  it('loads its files when a further policy forbids the script and the style in the document', async () => {
    const page = await visitors.open('/overview', {
      prepare: async (blank) => {
        await blank.route(/\/overview$/, async (route) => {
          const response = await route.fetch();
          const own = response.headers()['content-security-policy'] ?? '';
          const headers = {
            ...response.headers(),
            'content-security-policy': `${own}, script-src 'self'; style-src 'self'`,
          };
          await route.fulfill({ response, headers });
        });
      },
    });
    await page.getByRole('heading', { name: '1 dead letter needs attention' }).waitFor();
    await page.getByRole('link', { name: 'Scripts', exact: true }).click();
    await page.getByRole('link', { name: 'Fails' }).click();
    await page.getByRole('link', { name: 'Edit', exact: true }).click();
    await page.getByRole('textbox', { name: 'Source', exact: true }).waitFor();
    expect(await page.getByRole('navigation', { name: 'Screens' }).evaluate(drawn)).toBe('grid');
    await visitors.leave(['console error: ']);
  });

  it('loads its files at once when the host’s own policy forbids scripts and styles in the document', async () => {
    const strict = await AdminHost.start({
      adapter: 'Fastify',
      busy: true,
      admin: { csp: { 'script-src': "'self'", 'style-src': "'self'" } },
    });
    const others = await Visitors.at(await strict.listen());
    try {
      await strict.host.script('return 1;', { name: 'Well' });
      const page = await others.open('/overview');
      await page.getByRole('heading', { name: 'All is well' }).waitFor();
      await page.getByRole('link', { name: 'Scripts', exact: true }).click();
      await page.getByRole('link', { name: 'Well' }).click();
      await page.getByRole('link', { name: 'Edit', exact: true }).click();
      await page.getByRole('textbox', { name: 'Source', exact: true }).waitFor();
      await others.leave();
    } finally {
      await others.close();
      await strict.close();
    }
  });
});
