import { type Browser, chromium, type Page } from 'playwright-core';
import { withBusyDay } from './busy-day.js';
import { USER_COOKIE } from './tenancy/people.js';

const BROWSER = process.env.CHROME_PATH ?? '/usr/bin/chromium-headless-shell';
const RUNS = Number(process.env.RUNS ?? 9);

/** Connections, which the browser's throttling simulates: milliseconds of latency, and bytes per second. */
const LINES = {
  'Fast 3G (562.5 ms, 1.44 Mbit/s)': {
    latency: 562.5,
    downloadThroughput: 1_440_000 / 8,
    uploadThroughput: 675_000 / 8,
  },
  '150 ms, 1.6 Mbit/s': { latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 },
  'no throttling': { latency: 0, downloadThroughput: -1, uploadThroughput: -1 },
};

/** Milliseconds since the address was opened. */
interface FirstLoad {
  /** All of the overview is on the screen. */
  shown: number;
  /** A click on another screen in the navigation has taken effect, in the same document. */
  usable: number;
}

/**
 * Measures how soon a person who opens the page for the first time can use the overview: it shows every figure, and its
 * navigation works. Prints medians of several runs.
 */
async function main(url: string): Promise<void> {
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath: BROWSER, args });
  try {
    for (const [name, line] of Object.entries(LINES)) {
      const loads: (FirstLoad & { bytes: number })[] = [];
      for (let run = 0; run < RUNS; run += 1) loads.push(await firstLoad(browser, url, line));
      const median = (of: keyof (typeof loads)[number]): number =>
        loads.map((load) => load[of]).toSorted((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
      const all = loads.map(({ usable }) => (usable / 1_000).toFixed(2)).join(' ');
      console.log(
        `${name}: shown after ${(median('shown') / 1_000).toFixed(2)} s, usable after ` +
          `${(median('usable') / 1_000).toFixed(2)} s (${all}), first load ${(median('bytes') / 1_024).toFixed(1)} KiB`,
      );
    }
  } finally {
    await browser.close();
  }
}

async function firstLoad(
  browser: Browser,
  url: string,
  line: (typeof LINES)[keyof typeof LINES],
): Promise<FirstLoad & { bytes: number }> {
  const context = await browser.newContext({ viewport: { width: 1_280, height: 800 } });
  try {
    await context.addCookies([{ name: USER_COOKIE, value: 'ada', url }]);
    const page = await context.newPage();
    await page.addInitScript(watch);
    const bytes = await throttled(page, line);
    await page.goto(`${url}/scripts-event/overview`);
    await page.waitForFunction(() => 'firstLoad' in globalThis);
    const load = await page.evaluate(() => (globalThis as unknown as { firstLoad: FirstLoad }).firstLoad);
    // The click has opened another screen, whose file belongs to the first load.
    await page.getByRole('heading', { name: 'Scripts', exact: true }).waitFor();
    return { ...load, bytes: bytes() };
  } finally {
    await context.close();
  }
}

/** Counts the bytes of the document and its files. */
async function throttled(page: Page, line: object): Promise<() => number> {
  let bytes = 0;
  const files = new Set<string>();
  const session = await page.context().newCDPSession(page);
  session.on('Network.requestWillBeSent', ({ requestId, request: { url } }) => {
    if (!url.startsWith('data:') && !url.includes('/api/')) files.add(requestId);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (files.has(requestId)) bytes += encodedDataLength;
  });
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', { offline: false, ...line } as never);
  return () => bytes;
}

/** The parts of a browser's window that are used here: this program has no DOM types. */
interface PageWindow {
  document: {
    querySelector(selector: string): { click(): void; getAttribute(name: string): string | null } | null;
    querySelectorAll(selector: string): { length: number };
  };
  requestAnimationFrame(look: () => void): void;
}

/** Runs in the page. Checks before each frame whether everything is shown, then clicks, and checks whether that took effect. */
function watch(): void {
  const { document, requestAnimationFrame } = globalThis as unknown as PageWindow;
  const parts = ['.verdict h2', '.bars svg', 'table tbody a', '.parts li'];
  let shown = 0;
  const look = (): void => {
    const link = document.querySelector('nav a[href$="/scripts"]');
    const all =
      parts.every((part) => document.querySelector(part)) && document.querySelectorAll('.tile').length === 5;
    if (shown === 0 && link && all) {
      shown = performance.now();
      link.click();
    }
    if (shown > 0 && link?.getAttribute('aria-current') === 'page')
      Object.assign(globalThis, { firstLoad: { shown, usable: performance.now() } });
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

withBusyDay(main).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
