import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { FULL } from '../../support/test-form.js';

/** The browser of Debian's package `chromium-headless-shell`, unless `CHROME_PATH` names another one. */
const PROGRAM = process.env.CHROME_PATH ?? '/usr/bin/chromium-headless-shell';

/**
 * A describe for tests that need a browser. Without one they are skipped. `.ci/run` tries to install one, and fails if tests
 * are skipped.
 */
export const describeInBrowser = existsSync(PROGRAM) ? describe : describe.skip;

/**
 * A describe that the short form skips. The short form has one journey through the page. Besides, test/e2e tests what the API
 * answers and refuses, and test/unit/admin the parts of the page.
 */
export const inBrowserInFull = FULL ? describeInBrowser : describe.skip;

if (!existsSync(PROGRAM))
  process.stderr.write(
    `The page is not tested: there is no browser at ${PROGRAM}. Install chromium-headless-shell (Debian: apt-get install ` +
      'chromium-headless-shell), or set CHROME_PATH to a Chrome or Chromium.\n',
  );

export interface Visit {
  /** The value of the header `x-user`, by which the host's guard knows people. */
  user?: string;
  theme?: 'light' | 'dark';
  /** Width in pixels: 1440 for a desktop, 390 for a telephone. */
  width?: number;
  /** Called before the page is requested. */
  prepare?: (page: Page) => Promise<void>;
  /** What the visitor waits for: until all files are loaded, or until the document begins. Default: `load`. */
  until?: 'load' | 'commit';
}

/**
 * A browser and the people who look at the page with it. Every console message, error, violation of the content security
 * policy and request to another origin counts as a fault of the page.
 */
export class Visitors {
  /** The faults since the last call of {@link leave}. */
  private found: string[] = [];
  private readonly contexts: BrowserContext[] = [];

  private constructor(
    private readonly browser: Browser,
    /** The address of the page. */
    private readonly base: string,
  ) {}

  static async at(base: string): Promise<Visitors> {
    // As root, Chromium can't use its own sandbox. It opens nothing but the page.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    return new Visitors(await chromium.launch({ executablePath: PROGRAM, args }), base);
  }

  async close(): Promise<void> {
    await this.browser.close();
  }

  /**
   * Ends all visits.
   *
   * @param provoked statuses of responses that the test has provoked, or beginnings of messages that the browser shows for them
   * @throws Error with all other faults of the page
   */
  async leave(provoked: readonly (number | string)[] = []): Promise<void> {
    for (const context of this.contexts.splice(0)) await context.close();
    const faults = this.faults(provoked);
    if (faults.length > 0) throw new Error(`the page must not bring:\n${faults.join('\n')}`);
  }

  /** Opens the page at an address below its own. */
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
      // Reported in more detail below.
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

/** Replaces the whole text in an editor, as a person does. */
export async function rewrite(page: Page, editor: string, text: string): Promise<void> {
  await page.getByRole('textbox', { name: editor, exact: true }).click();
  await page.keyboard.press('ControlOrMeta+a');
  // If the text were typed over, Chromium would give it the old text's style, which the policy refuses.
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

/** The violations of WCAG 2.2 AA that axe finds, each with its elements. */
export async function barriersOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\n${html}\n${failureSummary ?? ''}`),
  );
}
