import type { Locator, Page } from 'playwright-core';
import { AdminHost } from '../e2e/support/admin-host.js';
import { limitTests } from '../support/time-limits.js';
import { barriersOf, inBrowserInFull, Visitors, type Visit } from './support/browser.js';

limitTests('long');

/** Puts the cursor at the end of an editor's text. */
async function toTheEnd(page: Page, editor: Locator): Promise<void> {
  await editor.click();
  await page.keyboard.press('ControlOrMeta+End');
}

/** Types one letter after the other, as a person does, because text that is inserted at once completes nothing. */
const type = (page: Page, text: string): Promise<void> => page.keyboard.type(text);

const sourceOf = (page: Page): Locator => page.getByRole('textbox', { name: 'Source', exact: true });
const filterOf = (page: Page): Locator => page.getByRole('textbox', { name: 'Filter', exact: true });

/** The parts of a text that are marked as errors. */
const marked = (page: Page): Locator => page.locator('.cm-lintRange-error');

/** The completions at the cursor. */
const offered = (page: Page): Locator => page.getByRole('listbox').getByRole('option');

let admin: AdminHost;
let visitors: Visitors;

async function start(): Promise<void> {
  admin = await AdminHost.start({ busy: true });
  visitors = await Visitors.at(await admin.listen());
}

async function stop(): Promise<void> {
  await visitors.close();
  await admin.close();
}

/** Opens the editor of a new script with this source. */
async function edit(source: string, visit?: Visit, more: object = {}): Promise<Page> {
  const id = await admin.host.script(source, more);
  const page = await visitors.open(`/scripts/${id}/edit`, visit);
  await sourceOf(page).waitFor();
  return page;
}

inBrowserInFull('the editor of scripts', () => {
  beforeAll(start);
  afterEach(() => visitors.leave());
  afterAll(stop);

  it('marks an unknown field, and completes and explains the fields of the event', async () => {
    const page = await edit('return ctx.input.emial;');
    await marked(page).getByText('emial').waitFor();
    await marked(page).getByText('emial').hover();
    await page.getByText(/Did you mean 'email'\?/).waitFor();

    await page.keyboard.press('Escape');
    await sourceOf(page).click();
    await page.keyboard.press('ControlOrMeta+a');
    await type(page, 'return ctx.input.');
    await offered(page).filter({ hasText: 'firstName' }).waitFor();
    await type(page, 'ema');
    await offered(page).filter({ hasText: 'firstName' }).waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await type(page, ';');
    await sourceOf(page).getByText('return ctx.input.email;').waitFor();
    await marked(page).waitFor({ state: 'detached' });

    await sourceOf(page).getByText('email').hover();
    await page.getByText('(property) email: string').waitFor();
  });
});

inBrowserInFull('the editors of source and filter', () => {
  beforeAll(start);
  afterEach(() => visitors.leave());
  afterAll(stop);

  it('can be used if the compiler cannot be loaded, and complete once it is loaded', async () => {
    const id = await admin.host.script('return 1;');
    const page = await visitors.open('/scripts');
    await page.route(/\/assets\/compiler-/, (route) => route.abort());
    await page.goto(`${page.url()}/${id}/edit`);
    await toTheEnd(page, sourceOf(page));
    await type(page, '\n// more');
    await page.getByText(/^Completion and checks are unavailable: /).waitFor();
    await page.unroute(/\/assets\/compiler-/);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText(/^Completion and checks are unavailable: /).waitFor({ state: 'detached' });
    await type(page, '\nctx.');
    await offered(page).filter({ hasText: 'input' }).waitFor();
  });

  it('show the parameters of a call while it is typed, and the meaning of a name on F1', async () => {
    const page = await edit('return ctx.inptu;');
    await marked(page).waitFor();
    await sourceOf(page).click();
    await page.keyboard.press('ControlOrMeta+a');
    await type(page, 'events.publish(');
    await page.getByText("Publishes an event of the script's own").waitFor();
    await page.locator('strong').getByText('type: string').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('strong').getByText('type: string').waitFor({ state: 'detached' });
    await page.keyboard.press('ControlOrMeta+a');
    await type(page, 'ctx.tenant');
    await page.keyboard.press('Escape');
    await page.keyboard.press('F1');
    await page.getByText('The tenant that the event belongs to.').waitFor();
  });

  it('accept text from an input method in place of a selection', async () => {
    const page = await edit('const greeting = "hello"; // a comment\nreturn greeting;');
    const session = await page.context().newCDPSession(page);
    await sourceOf(page).click();
    await page.keyboard.press('ControlOrMeta+a');
    for (const text of ['に', 'にほ', 'にほん'])
      await session.send('Input.imeSetComposition', {
        text,
        selectionStart: text.length,
        selectionEnd: text.length,
      });
    await session.send('Input.insertText', { text: '日本' });
    await sourceOf(page)
      .getByText(/^日本$/)
      .waitFor();
    await type(page, ';');
    await sourceOf(page)
      .getByText(/^日本;$/)
      .waitFor();
  });

  it('are read-only for people without the permission to write', async () => {
    const page = await edit('return 1;', { user: 'rita' });
    await sourceOf(page).click();
    await type(page, 'x');
    await sourceOf(page).getByText('return 1;', { exact: true }).waitFor();
    for (const editor of [sourceOf(page), filterOf(page)])
      expect(await editor.getAttribute('aria-readonly')).toBe('true');
  });

  it('check types in a script of TypeScript', async () => {
    const page = await edit(
      'const email: string = ctx.event.depth;\nreturn email;',
      {},
      { language: 'typescript' },
    );
    await marked(page).getByText('email').hover();
    await page.getByText("Type 'number' is not assignable to type 'string'.").first().waitFor();
  });

  it('show the error of a run below its line', async () => {
    const page = await edit('const { email } = ctx.input;\nreturn email.domain.length;');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const box = sourceOf(page).getByText(/Cannot read properties of undefined/);
    await box.waitFor();
    const line = await sourceOf(page).getByText('return email.domain.length;').boundingBox();
    const shown = await box.boundingBox();
    expect(shown!.y).toBeGreaterThanOrEqual(line!.y + line!.height - 1);
  });

  it('show a conflict of two changes on a telephone without horizontal scrolling and barriers', async () => {
    const page = await edit('return "a text that somebody else writes over";', { width: 390 });
    const id = /scripts\/([^/]+)\/edit/.exec(page.url())![1]!;
    await toTheEnd(page, sourceOf(page));
    await type(page, '\n// mine');
    const theirs = { source: 'return "a text of theirs that is long enough to be wrapped";' };
    await admin.send('patch', `scripts/${id}`, 'walt', { 'if-match': '*' }).send(theirs).expect(200);
    await page.keyboard.press('ControlOrMeta+s');
    const dialog = page.getByRole('dialog', { name: 'Someone else has saved this script' });
    await dialog.getByText('// mine').waitFor();
    const sizes = await dialog.evaluate(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }));
    expect(sizes.scrollWidth).toBe(sizes.clientWidth);
    expect(await barriersOf(page)).toEqual([]);
    await visitors.leave([412]);
  });

  it('can be left by the keyboard: Tab indents a source, leaves it after Escape, and leaves a filter', async () => {
    const page = await edit('return 1;');
    await toTheEnd(page, sourceOf(page));
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await type(page, 'x');
    await sourceOf(page)
      .getByText(/^ {2}x$/)
      .waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    expect(await sourceOf(page).evaluate((element) => element.matches(':focus'))).toBe(false);
    await filterOf(page).focus();
    await page.keyboard.press('Tab');
    expect(await filterOf(page).evaluate((element) => element.matches(':focus'))).toBe(false);
  });

  it('complete a filter, mark its errors, and say why it does not match the event', async () => {
    const page = await edit('return 1;');
    await filterOf(page).click();
    for (const choice of ['{ }', 'email', 'endsWith']) {
      await page.keyboard.press('Control+Space');
      await offered(page).filter({ hasText: choice }).click();
    }
    await type(page, '@nowhere.org');
    await filterOf(page).getByText('{ "email": { "endsWith": "@nowhere.org" } }').waitFor();
    await page.getByText(/^✗ Does not match\./).waitFor();
    await filterOf(page).getByText(/^✗ /).waitFor();

    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.insertText('{ "email": { "endWith": "x" } }');
    await marked(page).getByText('"endWith"').hover();
    await page
      .getByText(/Did you mean "endsWith"\?/)
      .first()
      .waitFor();
  });

  it.each([
    ['light', 1_440],
    ['dark', 1_440],
    ['light', 390],
    ['dark', 390],
  ] as const)('have no accessibility barriers in the theme %s, %i pixels wide', async (theme, width) => {
    const source = '// a comment\nconst unused = /x/g;\nreturn [ctx.inptu, "text", 1.5, true, null];';
    const page = await edit(source, { theme, width }, { filters: { email: { endsWith: '@x.org' } } });
    await marked(page).first().waitFor();
    await page.getByText(/^✗ Does not match\./).waitFor();
    expect(await barriersOf(page)).toEqual([]);
    await toTheEnd(page, sourceOf(page));
    await type(page, '\nctx.');
    await offered(page).first().waitFor();
    expect(await barriersOf(page)).toEqual([]);
    expect(await page.locator('html').evaluate(({ scrollWidth }) => scrollWidth)).toBeLessThanOrEqual(width);
  });
});
