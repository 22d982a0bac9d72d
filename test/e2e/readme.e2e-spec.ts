import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EventEmitter2 } from '@nestjs/event-emitter';
import type { TestingModule } from '@nestjs/testing';
import { type CreateScript, ExecutionService, ScriptService } from 'nestjs-scripts-event';
import { ExecutionSpy, waitUntilIdle } from 'nestjs-scripts-event/testing';
import { DataSource } from 'typeorm';
import { startApp } from '../support/app.builder.js';
import { createTestSchema, testDatabaseUrl } from '../support/postgres.js';
import { codeBlocks, readPage, ROOT } from '../unit/docs/pages.js';

const page = readPage('README.md');

const [program] = codeBlocks(page, 'js').map(({ code }) => code);
const [printed] = codeBlocks(page, 'text').map(({ code }) => code);
const [example] = codeBlocks(page, 'ts').map(({ code }) => code);
const [, script] = /create\('acme', (\{\n[^]*?\n\})\);/.exec(example as string) ?? [];
const [stored] = codeBlocks(page, 'json').map(({ code }) => JSON.parse(code) as Record<string, unknown>);

describe("the README's example", () => {
  const name = `readme_${process.pid}_${Date.now().toString(36)}`;
  const url = Object.assign(new URL(testDatabaseUrl()), { pathname: `/${name}` }).href;
  const builds = join(ROOT, 'dist');
  let server: DataSource;
  let folder: string;

  beforeAll(async () => {
    server = await new DataSource({ type: 'postgres', url: testDatabaseUrl() }).initialize();
    await server.query(`CREATE DATABASE ${name}`);
    mkdirSync(builds, { recursive: true });
    // Inside of the package, its own name resolves to the build, as in an application that has installed it.
    folder = mkdtempSync(join(builds, 'readme-'));
    writeFileSync(join(folder, 'main.mjs'), program as string);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await server.destroy();
  });

  const run = () =>
    promisify(execFile)(process.execPath, ['main.mjs'], {
      cwd: folder,
      env: { PATH: process.env.PATH, DATABASE_URL: url },
    });

  it('is a program that prints the output shown below it, and ends', async () => {
    const { stdout, stderr } = await run();
    expect(stdout.split('\n').toSorted()).toEqual((printed as string).split('\n').toSorted());
    expect(stderr).toBe('');
  });
});

describe("the script of the README's example", () => {
  let app: TestingModule;
  beforeAll(async () => {
    app = await startApp({ database: await createTestSchema() });
    await app.get(ScriptService).create('acme', Function(`return ${script}`)() as CreateScript);
  });
  afterAll(() => app.close());

  const emit = (tenantId: string, amount: number) =>
    app.get(EventEmitter2).emit('payment.created', { tenantId, paymentId: 17, amount, currency: 'EUR' });

  it('leaves the record shown below it', async () => {
    const spy = ExecutionSpy.attach(app);
    emit('acme', 12500);
    await spy.waitFor({ eventType: 'payment.created', status: 'completed' }, 60_000);
    const executions = app.get(ExecutionService);
    const { items } = await executions.list('acme', { eventType: 'payment.created' });
    expect(items).toHaveLength(1);
    expect(await executions.get('acme', items[0]!.id)).toMatchObject(stored as object);
  });

  it('does not run for a payment of 10,000 or for one of another tenant', async () => {
    const spy = ExecutionSpy.attach(app);
    emit('acme', 10000);
    emit('globex', 12500);
    await waitUntilIdle(app, 60_000);
    expect(spy.executions).toEqual([]);
  });
});
