// Installs the library as it would be published into fresh applications of Nest 11 and 12, and looks at the page and its
// editor in a browser, on Express and on Fastify. Whatever the browser says on its console, a breach of the
// Content-Security-Policy, an answer of 400 and more, or a request to another origin fails it. Reads dist/, with that of the
// sample application, whose database server it borrows: `npm run build:sample` first.
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { chromium } from 'playwright-core';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const browserProgram = process.env.CHROME_PATH ?? '/usr/bin/chromium-headless-shell';
const { startEmbeddedPostgres } = createRequire(import.meta.url)(
  join(root, 'dist/sample-app/src/database/embedded-postgres.js'),
);
const npm = (cwd, ...args) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** The framework as it is promised; the other peers are those of this checkout. */
const FRAMEWORKS = {
  11: { nest: '11', 'event-emitter': '3', schedule: '6', typeorm: '0.3' },
  12: { nest: '12', 'event-emitter': '12', schedule: '12', typeorm: '1' },
};
const OTHERS = [
  '@willsoto/nestjs-prometheus',
  'class-transformer',
  'class-validator',
  'isolated-vm',
  'pg',
  'prom-client',
  'reflect-metadata',
  'rxjs',
];

const versionHere = (name) =>
  JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;

function packagesOf({ nest, typeorm, ...extras }) {
  const framework = ['common', 'core', 'platform-express', 'platform-fastify', 'typeorm'].map((name) => [
    `@nestjs/${name}`,
    nest,
  ]);
  const own = Object.entries(extras).map(([name, version]) => [`@nestjs/${name}`, version]);
  const others = OTHERS.map((name) => [name, versionHere(name)]);
  return Object.fromEntries([...framework, ...own, ['typeorm', typeorm], ...others]);
}

/** A folder with the framework, the peers and the tarball, as a user's own. */
function install(scratch, major, tarball) {
  const folder = join(scratch, `nest-${major}`);
  mkdirSync(folder);
  const dependencies = { ...packagesOf(FRAMEWORKS[major]), 'nestjs-scripts-event': `file:${tarball}` };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  npm(folder, 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error');
  // The install script of isolated-vm 5 compiles for minutes; this checkout has the result. Later versions hold binaries.
  const compiled = join('node_modules', 'isolated-vm', 'out');
  if (existsSync(join(root, compiled)))
    cpSync(join(root, compiled), join(folder, compiled), { recursive: true });
  copyFileSync(join(root, '.ci', 'pack-page.host.cjs'), join(folder, 'host.cjs'));
  return folder;
}

/** Runs the application on a database of its own while `look` looks at it. */
async function whileItRuns(folder, adapter, database, look) {
  const env = { ...process.env, DATABASE_URL: database };
  const host = fork(join(folder, 'host.cjs'), [adapter], { cwd: folder, env });
  const ended = once(host, 'exit');
  try {
    const started = await Promise.race([once(host, 'message'), ended.then(() => null)]);
    if (!started) throw new Error('the application has ended before it was looked at');
    await look(`${started[0].url}/scripts-event`);
  } finally {
    if (host.connected) host.disconnect();
    await ended;
  }
}

async function look(browser, address) {
  const faults = [];
  const page = await browser.newPage();
  page.setDefaultTimeout(30_000);
  page.on('console', (message) => faults.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`answered ${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => {
    const { protocol, origin, href } = new URL(request.url());
    if (protocol !== 'data:' && origin !== new URL(address).origin) faults.push(`foreign request: ${href}`);
  });
  await page.goto(`${address}/scripts`);
  await page.getByRole('link', { name: 'Hello' }).click();
  await page.getByRole('table', { name: 'Executions' }).getByText('completed').waitFor();
  await page.getByRole('link', { name: 'Edit', exact: true }).click();
  // Only the compiler, in its worker, knows that no event has this.
  await page.locator('.cm-lintRange-error').getByText('emial').waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('region', { name: 'Result' }).waitFor();
  await page.close();
  if (faults.length > 0) throw new Error(`the page must not bring:\n${faults.join('\n')}`);
}

async function freshDatabase(server, name) {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
}

const scratch = mkdtempSync(join(tmpdir(), 'scripts-event-page-'));
const server = await startEmbeddedPostgres({});
const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const browser = await chromium.launch({ executablePath: browserProgram, args });
try {
  const packed = npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', scratch);
  const tarball = join(scratch, JSON.parse(packed)[0].filename);
  for (const major of Object.keys(FRAMEWORKS)) {
    const folder = install(scratch, major, tarball);
    for (const adapter of ['Express', 'Fastify']) {
      const database = await freshDatabase(server, `page_${major}_${adapter.toLowerCase()}`);
      await whileItRuns(folder, adapter, database, (address) => look(browser, address));
      console.log(`the packed page and its editor work in a fresh Nest ${major} application on ${adapter}`);
    }
  }
} finally {
  await browser.close();
  await server.stop();
  rmSync(scratch, { recursive: true, force: true });
}
