import type { Page } from 'playwright-core';
import type { AdminHost } from '../../e2e/support/admin-host.js';
import { ADA } from '../../e2e/support/test-host.js';
import { waitFor } from '../../support/wait-for.js';
import { rewrite } from './browser.js';

/**
 * Does what a person does who has never seen the page, for a tenant without scripts: writes a first script, finds out why it
 * failed, corrects it with the event that failed, and replays that event.
 *
 * @param page at the address of the page
 */
export async function firstScript(page: Page, admin: AdminHost): Promise<void> {
  await page.getByRole('heading', { name: 'Run a few lines of JavaScript when something happens' }).waitFor();
  // The page learns of events only once its stream is open.
  await waitFor('the page marks the event that came in', async () => {
    admin.host.emit('user.created', { ...ADA, tenantId: 'acme' });
    return (await page.getByText('Just came in: user.created.').count()) > 0;
  });
  await page.getByRole('button', { name: 'user.created' }).click();
  await page.getByRole('link', { name: 'Try it' }).click();

  // The template runs with a made-up payload.
  await page.getByRole('textbox', { name: 'Source', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByText('This event would run the script.').waitFor();
  await page.getByRole('region', { name: 'Result' }).waitFor();

  await rewrite(page, 'Source', 'const { email } = ctx.input;\nreturn email.domain.toUpperCase();');
  await page.getByLabel('Name').fill('Domains');
  await page.getByRole('button', { name: 'Save and activate' }).click();
  await page.getByRole('heading', { level: 1, name: 'Domains' }).waitFor();
  await page.getByRole('heading', { name: 'This script hasn’t run yet' }).waitFor();

  admin.host.emit('user.created', { ...ADA, tenantId: 'acme' });
  // An empty list shows new rows by itself, because no row can move under the pointer.
  await page.getByRole('table', { name: 'Executions' }).getByText('failed: runtime').first().waitFor();
  await admin.host.deadLetter('exhausted');

  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('heading', { name: '1 dead letter needs attention' }).waitFor();
  await page.getByRole('link', { name: 'Show failures' }).click();
  await page.getByRole('link', { name: /Cannot read properties of undefined/ }).click();

  // The group links to its dead letters, and one of them to its history and to the editor with its event.
  await page
    .getByRole('table', { name: 'Dead letters' })
    .getByRole('link', { name: /Domains/ })
    .click();
  await page.getByText('Waits until someone replays or discards it').waitFor();
  await page.getByRole('region', { name: 'Payload' }).getByText(ADA.email).waitFor();
  await page.getByRole('link', { name: 'Try in the editor' }).click();
  await page.getByRole('textbox', { name: 'Source', exact: true }).waitFor();
  await page.getByRole('region', { name: 'Payload' }).getByText(ADA.email).waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByText(/^Line 2: Cannot read properties/).waitFor();

  await rewrite(page, 'Source', "const { email } = ctx.input;\nreturn email.split('@')[1].toUpperCase();");
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('region', { name: 'Result' }).getByText('EXAMPLE.COM').waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved: version 2').waitFor();

  await page.getByRole('link', { name: '1 dead letter of this script is open' }).click();
  await page.getByRole('button', { name: 'Replay all matching' }).click();
  const dialog = page.getByRole('dialog', { name: 'Replay dead letters' });
  await dialog.getByText('1 dead letter matches the list’s filter').waitFor();
  await dialog.getByRole('button', { name: 'Replay 1' }).click();
  await page.getByText('1 dead letter replayed').waitFor();
  await admin.host.deadLetter('resolved');
  await page.getByLabel('Status').selectOption('resolved');
  await page.getByRole('link', { name: /Domains/ }).click();
  await page.getByText(/^Resolved/).waitFor();
  await page.getByText('replay by ada').first().waitFor();

  await page.getByRole('link', { name: 'Show the event’s history' }).click();
  await page.getByRole('link', { name: 'Domains, attempt 3' }).click();
  await page.getByRole('region', { name: 'Result' }).getByText('EXAMPLE.COM').waitFor();
}
