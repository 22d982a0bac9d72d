import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { FULL } from '../../support/test-form.js';

/** Where Debian's `chromium-headless-shell` puts it; `CHROME_PATH` names another one. */
const PROGRAM = process.env.CHROME_PATH ?? '/usr/bin/chromium-headless-shell';

/**
 * The tests of the page need a browser. Without one they are skipped, which `.ci/run` takes for a failure after it has tried
 * to install one.
 */
export const describeInBrowser = existsSync(PROGRAM) ? describe : describe.skip;

/**
 * The short form has one journey over the page, and a look at some screens. What the page shows and does beyond that, the API
 * refuses and answers in test/e2e, and its parts are tested in test/unit/admin.
 */
export const inBrowserInFull = FULL ? describeInBrowser : describe.skip;

if (!existsSync(PROGRAM))
  process.stderr.write(
    `The page is not tested: there is no browser at ${PROGRAM}. Install chromium-headless-shell (Debian: apt-get install ` +
      'chromium-headless-shell), or set CHROME_PATH to a Chrome or Chromium.\n',
  );

export interface Visit {
  /** The value of the header `x-user`, as the host's guard knows people. */
  user?: string;
  theme?: 'light' | 'dark';
  /** Pixels: 1440 is a desk, 390 a telephone. */
  width?: number;
  /** What is done before the page is asked for. */
  prepare?: (page: Page) => Promise<void>;
  /** Until when the visitor waits: all files are there, or the document begins. Default `load`. */
  until?: 'load' | 'commit';
}

/**
 * A browser and those who look at the page with it. Whatever the browser says on its console, an error, a breach of the
 * Content-Security-Policy or a request to another origin is a fault of the page.
 */
export class Visitors {
  /** Gathered since the last look. */
  private found: string[] = [];
  private readonly contexts: BrowserContext[] = [];

  private constructor(
    private readonly browser: Browser,
    /** The mount of the page. */
    private readonly base: string,
  ) {}

  static async at(base: string): Promise<Visitors> {
    // As root, Chromium has no sandbox of its own; it opens nothing but the page.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    return new Visitors(await chromium.launch({ executablePath: PROGRAM, args }), base);
  }

  async close(): Promise<void> {
    await this.browser.close();
  }

  /**
   * Ends all visits.
   *
   * @param provoked statuses of answers that the test has provoked, or beginnings of what the browser says of it
   * @throws Error for what the page brought that it must not
   */
  async leave(provoked: readonly (number | string)[] = []): Promise<void> {
    for (const context of this.contexts.splice(0)) await context.close();
    const faults = this.faults(provoked);
    if (faults.length > 0) throw new Error(`the page must not bring:\n${faults.join('\n')}`);
  }

  /** Opens the page at an address below its mount. */
  async open(
    path: string,
    { user = 'ada', theme = 'light', width = 1_440, prepare, until = 'load' }: Visit = {},
  ): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: { width, height: width < 600 ? 844 : 900 },
      colorScheme: theme,
      extraHTTPHeaders: { 'x-user': user },
      reducedMotion: 'reduce',
    });
    this.contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    this.watch(page);
    await prepare?.(page);
    await page.goto(`${this.base}${path}`, { waitUntil: until });
    return page;
  }

  private watch(page: Page): void {
    const { origin } = new URL(this.base);
    page.on('console', (message) => {
      // Told with more words below.
      if (message.text().startsWith('Failed to load resource')) return;
      this.found.push(`console ${message.type()}: ${message.text()}`);
    });
    page.on('response', (response) => {
      if (response.status() < 400) return;
      const request = response.request();
      this.found.push(
        `answered ${response.status()}: ${request.method()} ${request.url()} ${request.postData() ?? ''}`,
      );
    });
    page.on('pageerror', (error) => this.found.push(`error: ${error.stack ?? error.message}`));
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol !== 'data:' && url.origin !== origin) this.found.push(`foreign request: ${url.href}`);
    });
  }

  private faults(provoked: readonly (number | string)[]): string[] {
    const expected = provoked.map((one) => (typeof one === 'number' ? `answered ${one}:` : one));
    const faults = this.found.filter((fault) => !expected.some((text) => fault.startsWith(text)));
    this.found = [];
    return faults;
  }
}

/** Replaces all that stands in an editor, as a person does. */
export async function rewrite(page: Page, editor: string, text: string): Promise<void> {
  await page.getByRole('textbox', { name: editor, exact: true }).click();
  await page.keyboard.press('ControlOrMeta+a');
  // Typed over, Chromium would give the new text the old one's style, which the policy refuses.
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

/** What axe finds against WCAG 2.2 AA, each with the elements that it is about. */
export async function barriersOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\n${html}\n${failureSummary ?? ''}`),
  );
}
