import { DeadLetterService, ScriptService } from '../../lib/index.js';
import { AdminHost } from '../e2e/support/admin-host.js';
import { HeldScripts, HOLD, HOLDING } from '../e2e/support/held-scripts.js';
import { ADA } from '../e2e/support/test-host.js';
import { limitTests } from '../support/time-limits.js';
import { waitFor } from '../support/wait-for.js';
import { barriersOf, inBrowserInFull, Visitors } from './support/browser.js';

limitTests('busy');

/** The parts of the browser's globals that the test uses. */
interface Clipboard {
  navigator: { clipboard: { readText(): Promise<string> } };
}

inBrowserInFull('the screens of the page', () => {
  const held = new HeldScripts();
  let admin: AdminHost;
  let visitors: Visitors;
  let failing: string;
  let letter: string;
  beforeAll(async () => {
    admin = await AdminHost.start({
      busy: true,
      providers: [{ provide: HeldScripts, useValue: held }],
      options: { retry: { maxRetries: 3, initialDelay: '2h', maxDelay: '5h' } },
    });
    visitors = await Visitors.at(await admin.listen());
    failing = await admin.host.script("throw new Error('no luck');", { name: 'Fails' });
    admin.host.emit('user.created', { ...ADA, tenantId: 'acme' });
    letter = (await admin.host.deadLetter('pending', failing)).id;
  });
  afterEach(() => visitors.leave());
  afterAll(async () => {
    held.release();
    await visitors.close();
    await admin.close();
  });

  it('show the number and the time of the next retry, in the list and in a dead letter', async () => {
    const page = await visitors.open('/dead-letters');
    const words = /^Retry 1 of 3 in\s\d\shr\.$/;
    await page.getByRole('table', { name: 'Dead letters' }).getByText(words).waitFor();
    await page.getByRole('link', { name: /Fails/ }).click();
    await page.getByText(/The execution failed\. Retry 1 of 3 in\s\d\shr\./).waitFor();
    await page.getByText('failed: runtime').waitFor();
  });

  it('show in an execution the lines around the error, and where its payload is', async () => {
    const source = "// Made to fail.\nthrow new Error('no end');\n";
    const id = await admin.host.script(source, { name: 'Framed', eventTypes: ['user.updated'] });
    admin.host.emit('user.updated', { ...ADA, tenantId: 'acme' });
    const { id: ofIt } = await admin.host.deadLetter('pending', id);
    const [execution] = await admin.host.executed(1, id);
    const page = await visitors.open(`/executions/${execution?.id ?? ''}`);
    const frame = page.getByRole('region', { name: 'The source around line 2' });
    await frame.waitFor();
    expect(await frame.getByRole('code').allTextContents()).toEqual(source.trimEnd().split('\n'));
    await page.getByRole('link', { name: 'The dead letter has it.' }).click();
    await page.getByRole('heading', { level: 1, name: 'Dead letter of Framed' }).waitFor();
    expect(page.url()).toContain(ofIt);
    await page.getByRole('region', { name: 'Payload' }).waitFor();
    // Other tests use the event type.
    await admin.post(`scripts/${id}/pause`).expect(200);
  });

  it('let a person copy an id, and the curl command for the data of the screen', async () => {
    const page = await visitors.open(`/dead-letters/${letter}`);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const copied = (): Promise<string> =>
      page.evaluate(() => (globalThis as unknown as Clipboard).navigator.clipboard.readText());
    await page.getByRole('button', { name: 'Copy the id' }).click();
    await page.getByText('Copied the id').waitFor();
    expect(await copied()).toBe(letter);
    await page.getByRole('button', { name: 'curl' }).click();
    await page.getByText('Copied the curl command').waitFor();
    expect(await copied()).toBe(`curl '${await admin.address()}/dead-letters/${letter}'`);
  });

  it('remember in the browser whether a person wants local time or UTC, and the theme', async () => {
    const page = await visitors.open(`/dead-letters/${letter}`);
    const created = page.getByRole('definition').filter({ hasText: /\d\d:\d\d:\d\d/ });
    await created.first().waitFor();
    expect(await created.first().textContent()).not.toContain('UTC');
    await page.getByLabel('Times').selectOption('UTC');
    await created.first().getByText(/UTC$/).waitFor();
    await page.getByLabel('Theme').selectOption('dark');
    await page.reload();
    await created.first().getByText(/UTC$/).waitFor();
    expect(await page.locator('html').evaluate((root) => root.style.colorScheme)).toBe('dark');
  });

  it('show the failures of the last day or of the last week', async () => {
    const page = await visitors.open('/failures');
    const groups = page.getByRole('table', { name: 'Failures that look alike' });
    await groups.getByText('no luck').waitFor();
    await page.getByRole('link', { name: 'Last 7 days' }).click();
    await groups.getByText('no luck').waitFor();
    expect(new URL(page.url()).searchParams.get('days')).toBe('7');
  });

  it('filter dead letters by a group of failures, discard all of the group, and then show the others', async () => {
    const source =
      "if (ctx.input.email !== 'late@example.com')\n  throw new Error('no stock 17');\nthrow new Error('too late');";
    const id = await admin.host.script(source, { name: 'Grouped', eventTypes: ['user.deleted'] });
    for (const email of ['one@example.com', 'two@example.com', 'late@example.com'])
      admin.host.emit('user.deleted', { ...ADA, email, tenantId: 'acme' });
    await admin.host.executed(3, id);
    const page = await visitors.open('/failures');
    await page.getByRole('link', { name: /no stock #/ }).click();
    const rows = page.getByRole('table', { name: 'Dead letters' }).getByRole('link', { name: /Grouped/ });
    await page.getByText('Failed like “no stock 17”, line 2').waitFor();
    await waitFor('both dead letters of the group', async () => (await rows.count()) === 2);
    expect(await page.getByText('too late').count()).toBe(0);

    await page.getByRole('button', { name: 'Discard all matching' }).click();
    const dialog = page.getByRole('dialog', { name: 'Discard dead letters' });
    await dialog.getByText('2 dead letters match the list’s filter').waitFor();
    await dialog.getByLabel('Why are they no longer needed?').fill('the goods are back');
    await dialog.getByRole('button', { name: 'Discard 2' }).click();
    await page.getByText('2 dead letters discarded').waitFor();
    await page.getByRole('heading', { name: 'No matching open dead letters' }).waitFor();

    await page.getByRole('button', { name: 'Remove the filter for one group' }).click();
    await page.getByText('too late').waitFor();
    expect(await rows.count()).toBe(1);
    expect(new URL(page.url()).searchParams.get('failedLike')).toBeNull();
  });

  it('show why a script is disabled, by whom, and how many dead letters wait, and let a person resume it', async () => {
    await admin.send('post', `scripts/${failing}/disable`, 'walt').send({ reason: 'no' }).expect(403);
    await admin.post(`scripts/${failing}/disable`, { reason: 'It floods the ERP' }).expect(200);
    const page = await visitors.open('/overview');
    await page.getByRole('heading', { name: '1 script is disabled' }).waitFor();
    await page.getByRole('link', { name: 'Open the script' }).click();
    const health = page.getByRole('region', { name: 'Health of the script' });
    await health.getByText('It floods the ERP').waitFor();
    await health.getByText(/Disabled .* by ada/).waitFor();
    await health.getByRole('link', { name: '1 dead letter is waiting for it' }).waitFor();
    await health.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await health.getByText('It floods the ERP').waitFor({ state: 'detached' });
    await page.locator('.badge').getByText('active', { exact: true }).waitFor();
    expect((await admin.host.get(ScriptService).get('acme', failing)).status).toBe('active');
  });

  it('show running executions, and let a person cancel one', async () => {
    const slow = await admin.host.script(HOLD, { name: 'Slow', eventTypes: ['user.updated'], ...HOLDING });
    const page = await visitors.open('/executions');
    admin.host.emit('user.updated', { ...ADA, tenantId: 'acme' });
    await held.held();
    await page.getByRole('heading', { name: 'Running now' }).waitFor();
    await page.getByText(/began (just\snow|\d+\ssec\.\sago)/).waitFor();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel this execution?' });
    await dialog.getByRole('button', { name: 'Cancel the execution' }).click();
    await page.getByText('The execution is cancelled').waitFor();
    const { id } = await admin.host.deadLetter('exhausted', slow);
    expect(await admin.host.get(DeadLetterService).get('acme', id)).toMatchObject({ errorKind: 'cancelled' });
  });

  it('show everything that an event led to, including the events that scripts published', async () => {
    await admin.host.script("events.publish('greeting.sent', { to: ctx.input.email });", {
      name: 'Greets',
      eventTypes: ['user.deleted'],
    });
    await admin.host.script('throw new Error("lost count");', {
      name: 'Counts greetings',
      eventTypes: ['greeting.sent'],
    });
    const page = await visitors.open('/executions');
    admin.host.emit('user.deleted', { ...ADA, tenantId: 'acme' });
    await admin.host.idle();
    await page.goto(`${page.url()}?eventType=user.deleted`);
    await page.getByRole('link', { name: 'Greets' }).click();
    await page.getByRole('heading', { level: 1, name: 'Greets' }).waitFor();
    await page.getByRole('link', { name: 'Counts greetings', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Counts greetings' }).waitFor();
    await page.getByText('1 execution after the first event').waitFor();
    await page.getByRole('link', { name: 'Open the dead letter' }).click();
    await page.getByRole('link', { name: 'Show what led to it, from the first event on' }).click();
    await page.getByRole('heading', { level: 1, name: 'user.deleted' }).waitFor();
    await page.getByRole('link', { name: 'Greets', exact: true }).waitFor();
  });

  it('show the executions that led to an event, with links up to the first one, unless they were deleted', async () => {
    const publishes = (type: string, name: string, eventType: string): Promise<string> =>
      admin.host.script(`events.publish('${type}', {});`, { name, eventTypes: [eventType] });
    const first = await publishes('step.one', 'Takes step one', 'client.created');
    await publishes('step.two', 'Takes step two', 'step.one');
    const last = await admin.host.script('return 1;', { name: 'Arrives', eventTypes: ['step.two'] });
    admin.host.emit('client.created', { clientId: 17, tenantId: 'acme' });
    const [arrived] = await admin.host.executed(1, last);
    const [began] = await admin.host.executed(1, first);

    const page = await visitors.open(`/executions/${arrived!.id}`);
    await page.getByRole('heading', { name: 'What led to the event' }).waitFor();
    const led = page.locator('ol.tree').getByRole('listitem');
    expect(await led.allTextContents()).toEqual([
      expect.stringMatching(/^client\.created Takes step one/),
      expect.stringMatching(/^step\.one Takes step two/),
    ]);
    expect(await barriersOf(page)).toEqual([]);
    await page.getByRole('link', { name: 'Takes step two', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Takes step two' }).waitFor();
    await page.locator('ol.tree').getByRole('link', { name: 'client.created' }).click();
    await page.getByRole('heading', { level: 1, name: 'client.created' }).waitFor();
    await page.getByRole('link', { name: 'Arrives', exact: true }).waitFor();
    expect(await led.count()).toBe(0);

    await admin.host.database.dataSource.query('DELETE FROM script_executions WHERE id = $1', [began!.id]);
    await page.goto(page.url().replace(/\/events\/.*/, `/events/${arrived!.eventId}`));
    await page.getByRole('heading', { name: 'What led to it' }).waitFor();
    await page.getByText('whose execution is no longer stored').waitFor();
    await page.getByRole('link', { name: 'Takes step two', exact: true }).waitFor();
  });
});
