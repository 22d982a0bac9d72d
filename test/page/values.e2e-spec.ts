import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  type BindingContext,
  type JsonValue,
  ScriptBinding,
  SecretService,
  VariableService,
} from '../../lib/index.js';
import { AdminHost } from '../e2e/support/admin-host.js';
import { limitTests } from '../support/time-limits.js';
import { waitFor } from '../support/wait-for.js';
import { barriersOf, inBrowserInFull, rewrite, Visitors } from './support/browser.js';

limitTests('long');

const VALUE = `sk_live_${randomBytes(12).toString('hex')}`;

@Injectable()
class Bindings {
  @ScriptBinding('mail.send', { secrets: true })
  send(input: JsonValue, { secrets }: BindingContext): { sent: number } {
    return { sent: secrets.resolve((input as { password: string }).password).length };
  }

  @ScriptBinding('mail.list')
  list(): string[] {
    return [];
  }
}

/** The parts of the browser's globals that the test uses. */
interface Browser {
  getComputedStyle: (element: unknown) => { getPropertyValue: (name: string) => string };
}

inBrowserInFull('the secrets and variables of a tenant', () => {
  let admin: AdminHost;
  let visitors: Visitors;
  beforeAll(async () => {
    admin = await AdminHost.start({
      busy: true,
      providers: [Bindings],
      options: { secrets: { keys: [`2026:${randomBytes(32).toString('base64')}`] } },
    });
    visitors = await Visitors.at(await admin.listen());
  });
  afterEach(() => visitors.leave());
  afterAll(async () => {
    await visitors.close();
    await admin.close();
  });

  it('begin with their purpose; a secret is created, changed, rotated and deleted, and its value is never shown', async () => {
    const page = await visitors.open('/secrets');
    await page.getByRole('heading', { name: 'No secrets yet' }).waitFor();
    await page.getByRole('button', { name: 'New secret' }).first().click();
    let dialog = page.getByRole('dialog', { name: 'New secret' });
    await dialog.getByLabel('Name').fill('slack_token');
    await dialog.getByRole('textbox', { name: 'Value' }).fill(` ${VALUE}`);
    await dialog.getByText('It begins or ends with a space or a line break').waitFor();
    // Dots hide the value from a person who looks on.
    const value = dialog.getByRole('textbox', { name: 'Value' });
    const hidden = (): Promise<string> =>
      value.evaluate((field) => {
        const { getComputedStyle } = globalThis as unknown as Browser;
        return getComputedStyle(field).getPropertyValue('-webkit-text-security');
      });
    expect(await hidden()).toBe('disc');
    await dialog.getByLabel('Show what I type').check();
    expect(await hidden()).toBe('none');
    await value.fill(VALUE);
    await dialog.getByLabel('Add a host').fill('https://slack.com');
    await dialog.getByText('Bindings that may have it').waitFor();
    expect(await dialog.getByLabel('mail.list').count()).toBe(0);
    await dialog.getByLabel('mail.send').check();
    expect(await barriersOf(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Create' }).click();
    // The error is shown at its field, and not below the form.
    await dialog.getByRole('alert').getByText('Correct what is marked above').waitFor();
    await dialog
      .locator('.field', { hasText: 'Hosts it may be sent to' })
      .getByText(/hosts\[0\] must be one of full names of hosts/)
      .waitFor();
    await dialog.getByRole('button', { name: 'Don’t send it to https://slack.com' }).click();
    await dialog.getByLabel('Add a host').fill('slack.com api.slack.com');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.waitFor({ state: 'detached' });

    const row = page.getByRole('row', { name: /slack_token/ });
    await row.getByText('api.slack.com').waitFor();
    await row.getByText('never').waitFor();
    await row.getByText('by ada').first().waitFor();
    await row.getByRole('button', { name: 'Edit: slack_token' }).click();
    dialog = page.getByRole('dialog', { name: 'Edit slack_token' });
    await dialog.getByLabel('Description').fill('For the sales channel');
    await dialog.getByRole('button', { name: 'Don’t send it to api.slack.com' }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row.getByText('For the sales channel').waitFor();
    await row.getByText('api.slack.com').waitFor({ state: 'detached' });

    await row.getByRole('button', { name: 'New value: slack_token' }).click();
    dialog = page.getByRole('dialog', { name: 'New value for slack_token' });
    // The line breaks of a key are kept.
    await dialog.getByRole('textbox', { name: 'New value' }).fill(`${VALUE}\nof two lines`);
    await dialog.getByRole('button', { name: 'Replace' }).click();
    await page.getByText('slack_token has a new value').waitFor();
    const secrets = admin.host.get(SecretService);
    expect(await secrets.get('acme', 'slack_token')).toMatchObject({
      version: 2,
      hosts: ['slack.com'],
      bindings: ['mail.send'],
      updatedBy: 'ada',
      description: 'For the sales channel',
    });
    expect(await page.content()).not.toContain(VALUE);

    await admin.host.script('return 1;', { name: 'To the channel', secrets: ['slack_token'] });
    await row.getByRole('link', { name: '1 with slack_token' }).click();
    await page.getByRole('link', { name: 'To the channel' }).waitFor();
    await page.getByLabel('Secret').selectOption('');
    await page.goBack();
    await row.getByRole('button', { name: 'Delete: slack_token' }).click();
    dialog = page.getByRole('dialog', { name: 'Delete slack_token?' });
    await dialog.getByRole('group', { name: 'Scripts that name it' }).getByText('To the channel').waitFor();
    expect(await dialog.getByRole('button', { name: 'Delete permanently' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Type slack_token to confirm').fill('slack_token');
    await dialog.getByRole('button', { name: 'Delete permanently' }).click();
    await page.getByRole('heading', { name: 'No secrets yet' }).waitFor();
    expect(await secrets.list('acme')).toEqual([]);
    await visitors.leave([400]);
  });

  it('have the JSON of a variable checked while it is typed; a variable can go back to an earlier value', async () => {
    const page = await visitors.open('/variables');
    await page.getByRole('heading', { name: 'No variables yet' }).waitFor();
    await page.getByRole('button', { name: 'New variable' }).first().click();
    let dialog = page.getByRole('dialog', { name: 'New variable' });
    await dialog.getByLabel('Name').fill('region');
    await dialog.getByRole('textbox', { name: 'Value' }).waitFor();
    const create = dialog.getByRole('button', { name: 'Create' });
    await rewrite(page, 'Value', 'eu');
    await dialog.getByText('This is not JSON yet.').waitFor();
    expect(await create.isDisabled()).toBe(true);
    await rewrite(page, 'Value', '["eu", "us"]');
    await dialog.getByText('This is not JSON yet.').waitFor({ state: 'detached' });
    expect(await barriersOf(page)).toEqual([]);
    await create.click();
    const row = page.getByRole('row', { name: /region/ });
    await row.getByText('["eu","us"]').waitFor();

    await page.getByRole('button', { name: 'New variable' }).click();
    dialog = page.getByRole('dialog', { name: 'New variable' });
    await dialog.getByLabel('Name').fill('region');
    await dialog.getByText('region is there already.').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();

    // A value that somebody else has set since the dialog was opened is not overwritten.
    await row.getByRole('button', { name: 'Edit: region' }).click();
    dialog = page.getByRole('dialog', { name: 'Edit region' });
    await dialog.getByRole('textbox', { name: 'Value' }).waitFor();
    await admin.host.get(VariableService).set('acme', 'region', 'theirs', 'walt');
    await rewrite(page, 'Value', '"mine"');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByRole('alert').getByText('Not saved: walt has changed region').waitFor();
    await dialog.getByText('Theirs, version 2').waitFor();
    const both = dialog.locator('.editor').last();
    await both.getByText('"theirs"').waitFor();
    await both.getByText('"mine"').waitFor();
    expect(await barriersOf(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await row.getByText('"theirs"').waitFor();

    await row.getByRole('button', { name: 'History: region' }).click();
    dialog = page.getByRole('dialog', { name: 'History of region' });
    await dialog.getByText('by walt').waitFor();
    expect(await barriersOf(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Set again: version 1' }).click();
    await dialog.getByRole('cell', { name: '3 current' }).waitFor();
    await page.keyboard.press('Escape');
    await row.getByText('["eu","us"]').waitFor();

    await row.getByRole('button', { name: 'Delete: region' }).click();
    dialog = page.getByRole('dialog', { name: 'Delete region?' });
    await dialog.getByLabel('Type region to confirm').fill('region');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { name: 'No variables yet' }).waitFor();
    const versions = await admin.host.get(VariableService).listVersions('acme', 'region');
    expect(versions.map(({ changedBy }) => changedBy)).toEqual(['ada', 'ada', 'walt', 'ada']);

    // A deleted variable is listed, and can be restored.
    const gone = page.getByRole('table', { name: 'Deleted variables' });
    // The versions that the page knows are older than the deletion, so it shows none before it has asked again.
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => (answer = resolve));
    await page.route(/\/variables\/region\/versions/, async (route) => {
      await asked;
      await route.continue();
    });
    await gone.getByRole('button', { name: 'History: region' }).click();
    dialog = page.getByRole('dialog', { name: 'History of region' });
    await dialog.getByRole('status', { name: 'Loading' }).waitFor();
    expect(await dialog.getByRole('button', { name: 'Set again: version 2' }).count()).toBe(0);
    answer();
    await dialog.getByRole('button', { name: 'Set again: version 2' }).click();
    await dialog.getByRole('cell', { name: '5 current' }).waitFor();
    await page.unroute(/\/variables\/region\/versions/);
    await page.keyboard.press('Escape');
    await row.getByText('"theirs"').waitFor();
    await gone.waitFor({ state: 'detached' });

    // A deletion is a change, too. Saving in spite of it creates the variable again.
    await row.getByRole('button', { name: 'Edit: region' }).click();
    dialog = page.getByRole('dialog', { name: 'Edit region' });
    await dialog.getByRole('textbox', { name: 'Value' }).waitFor();
    await admin.host.get(VariableService).delete('acme', 'region', 'walt');
    await rewrite(page, 'Value', '"mine"');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByRole('alert').getByText('Not saved: walt has deleted region').waitFor();
    await dialog.getByRole('button', { name: 'Save mine anyway' }).click();
    await row.getByText('"mine"').waitFor();
    await admin.host.get(VariableService).delete('acme', 'region', 'ada');
    await visitors.leave([412, 404]);
  });

  it('can be read, and not changed, by a person who may only read', async () => {
    await admin.host.get(SecretService).create('acme', { name: 'key', value: VALUE }, 'ada');
    await admin.host.get(VariableService).set('acme', 'limits', { daily: 20, of: 'x'.repeat(300) }, 'ada');
    for (const [path, name] of [
      ['/secrets', 'key'],
      ['/variables', 'limits'],
    ] as const) {
      const page = await visitors.open(path, { user: 'rita' });
      await page.getByRole('row', { name: new RegExp(name) }).waitFor();
      const buttons = await page.locator('main').getByRole('button').allTextContents();
      // Of the existing variable, and of the deleted ones.
      expect([...new Set(buttons)]).toEqual(path === '/variables' ? ['History'] : []);
      expect(await page.content()).not.toContain(VALUE);
    }
  });

  it('include secrets that are allowed to a script in the editor, one by one', async () => {
    const secrets = admin.host.get(SecretService);
    for (const name of ['gone', 'token']) await secrets.create('acme', { name, value: VALUE }, 'ada');
    const id = await admin.host.script('return 1;', { name: 'Calls', secrets: ['gone'] });
    await secrets.delete('acme', 'gone', 'ada');
    const page = await visitors.open(`/scripts/${id}/edit`);
    await page.getByText('Language, bindings, secrets and limits').click();
    const list = page.getByRole('group', { name: 'Secrets that it may use' });
    await list.getByText('deleted').waitFor();
    // Completion in the editor uses the list of the draft, also before it is saved.
    const types = page.waitForResponse(/types\.d\.ts\?.*secrets=gone&secrets=token/);
    await list.getByLabel('token').check();
    const text = await (await types).text();
    expect(text).toContain('readonly token: Secret;');
    expect(text).not.toContain('readonly key: Secret;');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('alert').getByText(/gone/).waitFor();
    await list.getByLabel(/^gone/).uncheck();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved: version 1').waitFor();
    expect((await admin.get(`scripts/${id}`).expect(200)).body).toMatchObject({ secrets: ['token'] });
    await page.getByRole('link', { name: 'Calls' }).click();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.locator('.facts').getByText('token').waitFor();
    await secrets.delete('acme', 'token', 'ada');
    await visitors.leave([400]);
  });

  it('and bindings are used by a test run only as its author chooses and is permitted', async () => {
    await admin.host
      .get(SecretService)
      .create('acme', { name: 'password', value: VALUE, bindings: ['mail.send'] }, 'ada');
    const source = `const found = await mail.list({ of: ctx.input.firstName }).catch(({ code }) => code);
const sent = await mail.send({ password: secrets.password }).catch(({ code }) => code);
return [found, sent];`;
    const more = { bindings: ['mail.list', 'mail.send'], secrets: ['password'] };
    const id = await admin.host.script(source, { name: 'Tried', ...more });
    const page = await visitors.open(`/scripts/${id}/edit`);
    const result = page.getByRole('region', { name: 'Result' });
    /** Runs the script, and waits for its result, because that of the run before is shown until then. */
    const returns = async (expected: string): Promise<void> => {
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await waitFor(`the result is ${expected}`, async () => {
        const shown = (await result.count()) > 0 && (await result.textContent());
        return shown && JSON.stringify(JSON.parse(shown)) === expected;
      });
    };
    await page.getByText('Bindings and secrets in this run: 2 refused').click();
    await page.getByText('Nothing is saved or published, and no bindings are called.').waitFor();
    await returns('["test-run","test-run"]');

    await page.locator('.test').getByLabel('mail.list').selectOption('stand-in');
    const first = page.getByRole('group', { name: 'Stand-in 1 of mail.list' });
    await first.getByLabel('For the input').fill('{ "of": "nobody" }');
    await first.getByRole('textbox', { name: 'Answer' }).fill('["');
    await first.getByText('This is not JSON yet.').waitFor();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.locator('.test').getByText('mail.list, stand-in 1: the answer is not JSON.').waitFor();
    await first.getByRole('textbox', { name: 'Answer' }).fill('["never"]');
    await page.getByRole('button', { name: 'Another for mail.list' }).click();
    const second = page.getByRole('group', { name: 'Stand-in 2 of mail.list' });
    await second.getByRole('combobox').selectOption('fails');
    await second.getByLabel('Code').fill('full');
    await returns('["full","test-run"]');

    await page.locator('.test').getByLabel('mail.send').selectOption('real');
    await page.getByText('Nothing is saved or published, but mail.send is really called.').waitFor();
    await page.getByLabel('Use the values of its secrets').check();
    await page.getByText('mail.send is really called, and secrets are used.').waitFor();
    expect(await barriersOf(page)).toEqual([]);
    await returns(`["full",{"sent":${VALUE.length}}]`);
    expect(await page.content()).not.toContain(VALUE);

    // A person without the permission "operate" may use stand-ins, and no real binding or secret.
    const other = await visitors.open(`/scripts/${id}/edit`, { user: 'ada without operate', width: 390 });
    await other.getByText('Bindings and secrets in this run: 2 refused').click();
    expect(
      await other.locator('.test').getByLabel('mail.send').getByRole('option').allTextContents(),
    ).toEqual(['Refuse its calls', 'Answer with stand-ins']);
    expect(await other.getByLabel('Use the values of its secrets').count()).toBe(0);
    await other.locator('.test').getByLabel('mail.list').selectOption('stand-in');
    expect(await barriersOf(other)).toEqual([]);
  });

  it('are found in the menu, and can be used by the keyboard alone', async () => {
    const page = await visitors.open('/overview', { theme: 'dark', width: 390 });
    await page.getByRole('button', { name: 'Menu' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Variables' }).focus();
    await page.keyboard.press('Enter');
    const edit = page.getByRole('button', { name: 'Edit: limits' });
    await edit.focus();
    await page.keyboard.press('Enter');
    const value = page.getByRole('textbox', { name: 'Value' });
    await value.waitFor();
    await value.focus();
    // Tab leaves the editor, and the focus stays in the dialog.
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Cancel');
    expect(await barriersOf(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await edit.evaluate((element) => element.matches(':focus'))).toBe(true);
  });
});

inBrowserInFull('the secrets of an application without a key', () => {
  let admin: AdminHost;
  let visitors: Visitors;
  beforeAll(async () => {
    admin = await AdminHost.start({ busy: true });
    visitors = await Visitors.at(await admin.listen());
  });
  afterAll(async () => {
    await visitors.close();
    await admin.close();
  });

  it('are shown as off, with what switches them on', async () => {
    const page = await visitors.open('/secrets');
    await page.getByRole('heading', { name: 'Secrets are off' }).waitFor();
    await page.getByText('EVENT_SECRETS_KEY').waitFor();
    expect(await page.getByRole('button', { name: 'New secret' }).count()).toBe(0);
    await visitors.leave();
  });
});
