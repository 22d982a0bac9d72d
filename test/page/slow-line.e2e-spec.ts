import type { Page } from 'playwright-core';
import { ADA } from '../e2e/support/test-host.js';
import { AdminHost } from '../e2e/support/admin-host.js';
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

/** One request with its answer; moments in seconds. */
interface Exchange {
  url: string;
  began: number;
  ended: number;
  bytes: number;
}

/** Slows the line of a page down, and gathers what goes over it. */
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

/** As many exchanges as the longest chain has in which each began after the one before had ended. */
function roundsOf(exchanges: readonly Exchange[]): number {
  const rounds = new Map<Exchange, number>();
  for (const one of exchanges.toSorted((a, b) => a.began - b.began)) {
    const before = exchanges.filter(({ ended }) => ended <= one.began);
    rounds.set(one, 1 + Math.max(0, ...before.map((earlier) => rounds.get(earlier) ?? 0)));
  }
  return Math.max(...rounds.values());
}

inBrowserInFull('the page on a slow line', () => {
  let admin: AdminHost;
  let visitors: Visitors;
  beforeAll(async () => {
    admin = await AdminHost.start({ busy: true, options: { retry: { maxRetries: 0 } } });
    visitors = await Visitors.at(await admin.listen());
    await admin.host.script("throw new Error('no luck');", { name: 'Fails' });
    admin.host.emit('user.created', { ...ADA, tenantId: 'acme' });
    await admin.host.deadLetter('exhausted');
  });
  afterEach(() => visitors.leave());
  afterAll(async () => {
    await visitors.close();
    await admin.close();
  });

  // Its document, then its files and data together: each further round costs a slow line half a second.
  it('says how all is after two rounds of requests and 64 KiB, and the rest after a third one', async () => {
    let exchanges: Exchange[] = [];
    const page = await visitors.open('/overview', {
      prepare: async (blank) => void (exchanges = await slowDown(blank)),
    });
    await page.getByRole('heading', { name: '1 dead letter needs attention' }).waitFor();
    const first = [...exchanges];
    await page.getByRole('link', { name: /no luck/ }).waitFor();
    expect(roundsOf(first)).toBe(2);
    expect(roundsOf(exchanges)).toBe(3);
    expect(first.reduce((sum, { bytes }) => sum + bytes, 0) / 1_024).toBeLessThanOrEqual(64);
    // What came together with the script was asked for once.
    const asked = exchanges.map(({ url }) => url);
    expect(new Set(asked).size).toBe(asked.length);
  });
});
