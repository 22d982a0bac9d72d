import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { ScriptService } from 'nestjs-scripts-event';
import { chromium, type Page } from 'playwright-core';
import { projectFolder } from './common/project-folder.js';
import { TENANT, withBusyDay } from './busy-day.js';
import { USER_COOKIE } from './tenancy/people.js';

const BROWSER = process.env.CHROME_PATH ?? '/usr/bin/chromium-headless-shell';

async function takePictures(url: string, app: INestApplication): Promise<void> {
  const folder = join(projectFolder(), 'docs', 'images');
  await mkdir(folder, { recursive: true });
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath: BROWSER, args });
  try {
    const context = await browser.newContext({
      viewport: { width: 1_280, height: 800 },
      colorScheme: 'light',
    });
    await context.addCookies([{ name: USER_COOKIE, value: 'ada', url }]);
    const page = await context.newPage();
    const take = (name: string): Promise<unknown> => page.screenshot({ path: join(folder, `${name}.png`) });

    await page.goto(`${url}/scripts-event/overview`);
    await page.getByText('dead letters need attention').waitFor();
    await page.getByRole('link', { name: /Legacy ERP does not answer/ }).waitFor();
    await take('overview');

    const { items } = await app.get(ScriptService).list(TENANT, { nameContains: 'Important client' });
    await page.goto(`${url}/scripts-event/scripts/${items[0]?.id}/edit`);
    await runInEditor(page);
    await take('editor');
  } finally {
    await browser.close();
  }
}

async function runInEditor(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: 'Source', exact: true }).waitFor();
  await page.getByText('Loading completion and checks…').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('region', { name: 'Result' }).waitFor();
}

/** Makes the pictures of the README and of docs/admin.md, from data that it makes itself. */
withBusyDay(takePictures).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
