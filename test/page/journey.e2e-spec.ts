import type { Page } from 'playwright-core';
import { ADA } from '../e2e/support/test-host.js';
import { AdminHost } from '../e2e/support/admin-host.js';
import { limitTests } from '../support/time-limits.js';
import { waitFor } from '../support/wait-for.js';
import { describeInBrowser, Visitors } from './support/browser.js';

limitTests('long');

/** Replaces all that stands in an editor, as a person does. */
async function rewrite(page: Page, editor: string, text: string): Promise<void> {
  await page.getByRole('textbox', { name: editor, exact: true }).click();
  await page.keyboard.press('ControlOrMeta+a');
  // Typed over, Chromium would give the new text the old one's style, which the policy refuses.
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

describeInBrowser('a person who has never seen the page', () => {
  let admin: AdminHost;
  let visitors: Visitors;
  beforeAll(async () => {
    admin = await AdminHost.start({ busy: true, options: { retry: { maxRetries: 1 } } });
    visitors = await Visitors.at(await admin.listen());
  });
  afterEach(() => visitors.leave());
  afterAll(async () => {
    await visitors.close();
    await admin.close();
  });

  it('writes a first script, finds out why it failed, mends it with the event that failed, and replays that', async () => {
    const page = await visitors.open('');
    await page
      .getByRole('heading', { name: 'Run a few lines of JavaScript when something happens' })
      .waitFor();
    // The page hears of events only once its stream is open.
    await waitFor('the page marks the event that came in', async () => {
      admin.host.emit('user.created', { ...ADA, tenantId: 'acme' });
      return (await page.getByText('Came in while you looked: user.created.').count()) > 0;
    });
    await page.getByRole('button', { name: 'user.created' }).click();
    await page.getByRole('link', { name: 'Try it' }).click();

    // The template runs on a payload that is made up.
    await page.getByRole('textbox', { name: 'Source', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText('An event like this one runs the script.').waitFor();
    await page.getByRole('region', { name: 'Result' }).waitFor();

    await rewrite(page, 'Source', 'const { email } = ctx.input;\nreturn email.domain.toUpperCase();');
    await page.getByLabel('Name').fill('Domains');
    await page.getByRole('button', { name: 'Save and activate' }).click();
    await page.getByRole('heading', { level: 1, name: 'Domains' }).waitFor();
    await page.getByRole('heading', { name: 'It has not run yet' }).waitFor();

    admin.host.emit('user.created', { ...ADA, tenantId: 'acme' });
    await admin.host.deadLetter('exhausted');

    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('heading', { name: '1 dead letter waits for a person' }).waitFor();
    await page.getByRole('link', { name: 'See what failed' }).click();
    await page.getByRole('link', { name: /Cannot read properties of undefined/ }).click();

    // The group leads to its dead letters, one of them to its history and to the editor with its event.
    await page
      .getByRole('table', { name: 'Dead letters' })
      .getByRole('link', { name: /Domains/ })
      .click();
    await page.getByText('Waits for a person').waitFor();
    await page.getByRole('region', { name: 'Payload' }).getByText(ADA.email).waitFor();
    await page.getByRole('link', { name: 'Try in the editor' }).click();
    await page.getByRole('textbox', { name: 'Source', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText(/^Line 2: Cannot read properties/).waitFor();

    await rewrite(page, 'Source', "const { email } = ctx.input;\nreturn email.split('@')[1].toUpperCase();");
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('region', { name: 'Result' }).getByText('EXAMPLE.COM').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved: version 2').waitFor();

    await page.getByRole('link', { name: 'Dead letters' }).click();
    await page.getByRole('button', { name: 'Replay all that match' }).click();
    const dialog = page.getByRole('dialog', { name: 'Replay dead letters' });
    await dialog.getByText('1 dead letter matches the filter of the list').waitFor();
    await dialog.getByRole('button', { name: 'Replay 1' }).click();
    await page.getByText('1 dead letter replayed').waitFor();
    await admin.host.deadLetter('resolved');
    await page.getByLabel('Status').selectOption('resolved');
    await page.getByRole('link', { name: /Domains/ }).click();
    await page.getByText(/^Resolved/).waitFor();
    await page.getByText('replay by ada').first().waitFor();

    await page.getByRole('link', { name: 'All of this event' }).click();
    await page.getByRole('link', { name: 'Domains, attempt 3' }).click();
    await page.getByRole('region', { name: 'Result' }).getByText('EXAMPLE.COM').waitFor();
  });

  it('sees both texts when somebody else has saved meanwhile, and loses none', async () => {
    const id = await admin.host.script('return 1;', { name: 'Shared' });
    const page = await visitors.open(`/scripts/${id}/edit`);
    await page.getByRole('textbox', { name: 'Source', exact: true }).waitFor();
    await rewrite(page, 'Source', 'return "mine";');
    await admin
      .send('patch', `scripts/${id}`, 'walt', { 'if-match': '*' })
      .send({ source: 'return "theirs";' })
      .expect(200);
    await page.keyboard.press('ControlOrMeta+s');
    const dialog = page.getByRole('dialog', { name: 'Somebody else has saved this script' });
    await dialog.getByText('walt saved it').waitFor();
    await dialog.getByText('"theirs"').waitFor();
    await dialog.getByText('"mine"').waitFor();
    await dialog.getByRole('button', { name: 'Save mine over theirs' }).click();
    await page.getByText('Saved: version 3').waitFor();
    const { body } = await admin.get(`scripts/${id}/versions`).expect(200);
    expect(body).toMatchObject({ items: [{ createdBy: 'ada' }, { createdBy: 'walt' }, { version: 1 }] });
    // The refused save.
    await visitors.leave([412]);
  });
});
