import type { Page } from 'playwright-core';
import { DeadLetterService, VariableService } from '../../lib/index.js';
import { AdminHost } from '../e2e/support/admin-host.js';
import { ADA } from '../e2e/support/test-host.js';
import { limitTests } from '../support/time-limits.js';
import { waitFor } from '../support/wait-for.js';
import { inBrowserInFull, Visitors } from './support/browser.js';

limitTests('long');

/** The parts of the browser's globals that the tests use. */
interface Focused {
  document: { activeElement: { tagName: string; ariaLabel: string | null; textContent: string } | null };
}

/** What has the focus: the label of the element, else its text, else its tag. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement: one } = (globalThis as unknown as Focused).document;
    if (!one || ['BODY', 'SELECT', 'MAIN'].includes(one.tagName)) return one?.tagName ?? 'nothing';
    return (one.ariaLabel ?? one.textContent).trim();
  });

const isLike = (found: string, expected: string | RegExp): boolean =>
  typeof expected === 'string' ? found === expected : expected.test(found);

/** Waits until the focus is on what is expected, and says otherwise what has it. */
async function hasFocus(page: Page, expected: string | RegExp): Promise<void> {
  let found = '';
  const look = async () => isLike((found = await focused(page)), expected);
  await waitFor(`the focus is on ${String(expected)}`, look).catch((error: unknown) => {
    throw new Error(`the focus is on ${found}`, { cause: error });
  });
}

/** Presses a button by the keyboard. */
async function press(page: Page, name: string | RegExp): Promise<void> {
  const button = page
    .getByRole('button', { name, ...(typeof name === 'string' ? { exact: true } : {}) })
    .last();
  await button.focus();
  await page.keyboard.press('Enter');
}

inBrowserInFull('the focus, when the control that has it leaves', () => {
  let admin: AdminHost;
  let visitors: Visitors;
  let script: string;
  /** A script whose event completes when it is replayed. */
  let once: string;
  let letter: string;
  beforeAll(async () => {
    admin = await AdminHost.start({
      busy: true,
      options: { retry: { maxRetries: 1, initialDelay: '2h', maxDelay: '2h' } },
    });
    visitors = await Visitors.at(await admin.listen());
    script = await admin.host.script("throw new Error('no luck');", {
      name: 'Fails',
      eventTypes: ['user.created', 'user.deleted'],
    });
    once = await admin.host.script("if (ctx.execution.attempt === 1) throw new Error('once');", {
      name: 'Fails once',
      eventTypes: ['user.updated'],
    });
    admin.host.emit('user.created', { ...ADA, tenantId: 'acme' });
    letter = (await admin.host.deadLetter('pending', script)).id;
  });
  afterEach(() => visitors.leave());
  afterAll(async () => {
    await visitors.close();
    await admin.close();
  });

  it('goes to the next chip, and after the last one to the field that adds one', async () => {
    const page = await visitors.open(`/scripts/${script}/edit`);
    await press(page, 'Stop listening to user.created');
    await hasFocus(page, 'Stop listening to user.deleted');
    await page.keyboard.press('Enter');
    await hasFocus(page, 'Add an event type');
  });

  it('goes from the chip of a filter to the filters', async () => {
    const [failed] = await admin.host.executed(1, script);
    const page = await visitors.open(`/dead-letters?failedLike=${failed?.id ?? ''}`);
    await page.getByText('Failed like “no luck”').waitFor();
    await press(page, 'Remove the filter for one group');
    await page.getByText('Failed like').waitFor({ state: 'detached' });
    await hasFocus(page, 'SELECT');
  });

  it('goes to the next of several forms, and after the last one to the button that adds one', async () => {
    const page = await visitors.open(`/scripts/${script}/edit`);
    await press(page, 'Add a schedule');
    await press(page, 'Add a schedule');
    const payloads = page.getByRole('textbox', { name: /^Payload of schedule/ });
    await waitFor('both forms are complete', async () => (await payloads.count()) === 2);
    await press(page, 'Remove schedule 1');
    await waitFor('one is left', async () => (await payloads.count()) === 1);
    await hasFocus(page, 'Remove schedule 1');
    await page.keyboard.press('Enter');
    await hasFocus(page, 'Add a schedule');
  });

  it('goes to the same button of the next row when a dialog has deleted one, or of the row before', async () => {
    const variables = admin.host.get(VariableService);
    for (const name of ['a', 'b', 'c']) await variables.set('acme', name, 1, 'ada');
    const page = await visitors.open('/variables');
    const remove = async (name: string): Promise<void> => {
      await press(page, `Delete: ${name}`);
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel(`Type ${name} to confirm`).fill(name);
      await page.keyboard.press('Enter');
      await dialog.waitFor({ state: 'detached' });
    };
    await remove('a');
    await hasFocus(page, 'Delete: b');
    await remove('c');
    await hasFocus(page, 'Delete: b');
    await remove('b');
    await hasFocus(page, /^History: |^New variable$/);
  });

  it('returns to the button that opened a dialog', async () => {
    const page = await visitors.open(`/dead-letters/${letter}`);
    await press(page, 'Discard');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await hasFocus(page, 'Discard');
  });

  it('stays on “Show more” while it loads, and goes to the last row when nothing more comes', async () => {
    for (let at = 0; at < 101; at += 1)
      await admin.host.script('return 1;', { name: `S${at}`, active: false });
    const page = await visitors.open('/scripts');
    const rows = page.getByRole('table', { name: 'Scripts' }).getByRole('row');
    await press(page, 'Show more');
    await waitFor('the second page', async () => (await rows.count()) > 100);
    await hasFocus(page, 'Show more');
    await page.keyboard.press('Enter');
    await hasFocus(page, /Fails/);
  });

  it('goes from the button that shows new rows to the first row', async () => {
    const page = await visitors.open('/executions');
    await page.getByRole('table', { name: 'Executions' }).waitFor();
    admin.host.emit('user.created', { ...ADA, tenantId: 'acme' });
    await press(page, /^Show 1 new$/);
    await hasFocus(page, /Fails/);
  });

  it.each([
    ['the action beside it when an action goes', 'ada', 'Try in the editor'],
    ['the title when all actions go', 'ada without data', 'Dead letter of Fails once'],
  ])('goes to %s', async (_, user, expected) => {
    admin.host.emit('user.updated', { ...ADA, tenantId: 'acme' });
    const { id } = await admin.host.deadLetter('pending', once);
    const page = await visitors.open(`/dead-letters/${id}`, { user });
    await press(page, 'Replay');
    await admin.host.deadLetter('resolved', once);
    await page.getByRole('button', { name: 'Replay' }).waitFor({ state: 'detached' });
    await hasFocus(page, expected);
    await admin.host
      .get(DeadLetterService)
      .purge('acme', { statuses: ['resolved'], olderThanMs: 0, by: 'ada' });
  });

  it('is left alone when the person has left the control', async () => {
    const variables = admin.host.get(VariableService);
    await variables.set('acme', 'z', 1, 'ada');
    const page = await visitors.open('/variables');
    await page.getByRole('button', { name: 'Delete: z' }).focus();
    await page.getByText('Values that every script').click();
    const before = await focused(page);
    await variables.delete('acme', 'z', 'ada');
    await page.getByRole('button', { name: 'Delete: z' }).waitFor({ state: 'detached' });
    expect(await focused(page)).toBe(before);
  });
});
