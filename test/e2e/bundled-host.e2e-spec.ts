import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { ownDatabase } from '../support/own-database.js';
import { FULL, itInFull } from '../support/test-form.js';
import { codeBlocks, readPage, ROOT } from '../unit/docs/pages.js';
import { limitTests } from '../support/time-limits.js';

limitTests('long');

const PROGRAM = join(__dirname, 'support', 'bundled-host', 'main.js');
const CHILD = join(ROOT, 'dist', 'lib', 'sandbox', 'child', 'main.js');
const RAN = '[42,43,44,true]\n';
const execute = promisify(execFile);

/** The commands of docs/bundling.md: with the packages outside of the bundle, and inside. */
const [OUTSIDE, INSIDE] = codeBlocks(readPage('docs/bundling.md'), 'sh')
  .map(({ code }) => code)
  .filter((code) => code.startsWith('npx esbuild '));
/** Bundles an ES module as CommonJS, in which Nest still reads the module's address. */
const AS_COMMON_JS = `npx esbuild src/main.ts --bundle --platform=node --keep-names --outfile=bundle/main.js \\
  --external:isolated-vm --external:@nestjs/microservices --external:@nestjs/websockets \\
  --define:import.meta.url=here --banner:js="const here = require('node:url').pathToFileURL(__filename).href;"`;

/** Runs a command of the manual on the program, without this checkout's tsconfig.json. Returns the path of the bundle. */
async function bundle(folder: string, command: string, ...more: string[]): Promise<string> {
  const outfile = join(folder, /--outfile=bundle\/(\S+)/.exec(command)?.[1] as string);
  const own = command
    .trim()
    .replace('npx esbuild', join(ROOT, 'node_modules', '.bin', 'esbuild'))
    .replace('src/main.ts', PROGRAM)
    .replace(/--outfile=\S+/, `--outfile=${outfile}`);
  await execute('bash', ['-c', [own, '--log-level=error', "--tsconfig-raw='{}'", ...more].join(' ')], {
    cwd: ROOT,
  });
  return outfile;
}

async function run(file: string, env: Record<string, string> = {}): Promise<string> {
  const { url } = await ownDatabase();
  const options = { env: { PATH: process.env.PATH, DATABASE_URL: url, ...env } };
  return execute(process.execPath, [file], options).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
}

describe('a host that is bundled', () => {
  let inside: string;
  let elsewhere: string;
  let ofAll: Promise<string> | undefined;
  /** The bundle of all packages, made once and copied into a folder outside of the package's own. */
  const bundleOfAll = () => (ofAll ??= bundle(inside, INSIDE as string));
  async function bundleElsewhere(): Promise<string> {
    const file = await bundleOfAll();
    const copy = join(elsewhere, basename(file));
    copyFileSync(file, copy);
    return copy;
  }

  beforeAll(() => {
    mkdirSync(join(ROOT, 'dist'), { recursive: true });
    // In a folder inside the package, its name resolves to it, as that of an installed package does.
    inside = mkdtempSync(join(ROOT, 'dist', 'bundle-'));
    elsewhere = mkdtempSync(join(tmpdir(), 'scripts-event-bundle-'));
  });
  afterAll(() => {
    rmSync(inside, { recursive: true });
    rmSync(elsewhere, { recursive: true });
  });

  // Only in the full form: packages outside of a bundle are loaded as without a bundle.
  itInFull('runs with all packages outside of the bundle, as the manual says', async () => {
    expect(await run(await bundle(inside, OUTSIDE as string))).toBe(RAN);
  });

  const formats = [
    ['an ES module, as the manual says', () => bundleOfAll()],
    ['CommonJS', () => bundle(inside, AS_COMMON_JS)],
  ] as const;
  // Only in the full form: the test that sets the path of the child and the applications of test/faults run such a bundle.
  itInFull.each(formats)(
    'runs with this package and all others inside of the bundle, with both buffers, as %s',
    async (_what, bundled) => {
      const file = await bundled();
      expect(await run(file)).toBe(RAN);
      expect(await run(file, { EVENT_BUFFER_DRIVER: 'graphile-worker' })).toBe(RAN);
    },
  );

  const parts = [
    [['nestjs-scripts-event', '@nestjs/core', '@nestjs/common'], '@nestjs/event-emitter'],
    [['nestjs-scripts-event'], '@nestjs/core'],
  ] as const;
  it.each(FULL ? parts : parts.slice(0, 1))(
    'fails with an error that names the doubled package when only %j are outside of the bundle',
    async (left, twice) => {
      const file = await bundle(inside, AS_COMMON_JS, ...left.map((name) => `--external:${name}`));
      const message = await run(file);
      expect(message).toMatch(/^SecondCopyError: .*docs\/bundling\.md/);
      expect(message).toContain(` load two copies of ${twice}.`);
    },
  );

  it('fails where the package is not installed, with an error that names the externals, and runs if it has the path of the child', async () => {
    const file = await bundleElsewhere();
    expect(await run(file)).toMatch(
      /^SandboxStartError: The program of the sandbox is missing at .*Add 'nestjs-scripts-event' and 'isolated-vm' to the bundler's externals/,
    );
    expect(await run(file, { EVENT_SANDBOX_CHILD_PATH: CHILD })).toBe(RAN);
  });

  const wrong = [
    ['is not there', '/no/such/main.js', 'sandbox.childPath = /no/such/main.js does not exist.'],
    ['is another file', PROGRAM, `sandbox.childPath = ${PROGRAM} is not the program of the sandbox.`],
  ] as const;
  // Only in the full form: test/unit/sandbox/child-path.spec.ts tests the same code.
  itInFull.each(wrong)('fails at the start when the path of the child %s', async (_what, path, message) => {
    const file = await bundleElsewhere();
    expect(await run(file, { EVENT_SANDBOX_CHILD_PATH: path })).toContain(`SandboxStartError: ${message}`);
  });

  // Only in the full form: the error of the test before has the same cause.
  itInFull(
    'fails with an error that names both versions when another version is installed than the one in the bundle',
    async () => {
      const home = join(elsewhere, 'node_modules', 'nestjs-scripts-event');
      cpSync(join(ROOT, 'dist', 'lib', 'sandbox'), join(home, 'dist', 'lib', 'sandbox'), { recursive: true });
      const exports = { './package.json': './package.json' };
      writeFileSync(
        join(home, 'package.json'),
        JSON.stringify({ name: 'nestjs-scripts-event', version: '9.9.9', exports }),
      );
      for (const name of ['isolated-vm', 'lru-cache'])
        symlinkSync(join(ROOT, 'node_modules', name), join(elsewhere, 'node_modules', name));
      expect(await run(await bundleElsewhere())).toMatch(
        /^SandboxStartError: The application was bundled with nestjs-scripts-event \S+, but .* has version 9\.9\.9\. Install/,
      );
    },
  );
});

test('the program of the child throws when it is imported', async () => {
  const load = execute(process.execPath, ['-e', "require('nestjs-scripts-event/child')"], { cwd: ROOT });
  await expect(load).rejects.toThrow("Set sandbox.childPath to its path; don't import it.");
});
