import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ScriptSandbox, SandboxStartError } from '../../lib/sandbox/index.js';

const ROOT = join(__dirname, '..', '..');
const run = { source: 'return 40 + 2', tenantId: 't', scriptId: 's', version: 1 };

describe('the Node.js that scripts run on', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'scripts-event-node-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is that of nodePath', async () => {
    const nodePath = join(folder, 'another-node');
    symlinkSync(process.execPath, nodePath);
    const sandbox = new ScriptSandbox({ nodePath });
    expect(await sandbox.run(run)).toMatchObject({ result: 42 });
    await sandbox.stop();
  });

  test.each(['/no/such/node', '/bin/true'])(
    'makes start() fail with an error that names nodePath when it is %s',
    async (nodePath) => {
      const sandbox = new ScriptSandbox({ nodePath });
      await expect(sandbox.start()).rejects.toThrow(SandboxStartError);
      await expect(sandbox.start()).rejects.toThrow(
        `sandbox.nodePath = ${nodePath} is not a binary of Node.js 20.19 or later`,
      );
      await sandbox.stop();
    },
  );

  test('must be set with nodePath when the application runs on Bun', async () => {
    Object.defineProperty(process.versions, 'bun', { value: '1.3.0', configurable: true, enumerable: true });
    try {
      const sandbox = new ScriptSandbox();
      await expect(sandbox.start()).rejects.toThrow('Set sandbox.nodePath (EVENT_SANDBOX_NODE_PATH)');
      await sandbox.stop();
    } finally {
      Reflect.deleteProperty(process.versions, 'bun');
    }
  });
});

describe('an application whose bundle contains this package', () => {
  const bundle = async (folder: string): Promise<string> => {
    const outfile = join(folder, 'bundle.js');
    const program = `
      import { ScriptSandbox } from './dist/lib/sandbox/index.js';
      const sandbox = new ScriptSandbox();
      sandbox.start().then(() => sandbox.run(${JSON.stringify(run)}))
        .then(({ result }) => console.log(result), (error) => console.log(error.message))
        .then(() => sandbox.stop());`;
    const stdin = { contents: program, resolveDir: ROOT };
    await build({
      stdin,
      bundle: true,
      platform: 'node',
      external: ['isolated-vm'],
      outfile,
      logLevel: 'error',
    });
    return execFileSync(process.execPath, [outfile], { encoding: 'utf8' });
  };

  test('runs scripts when the package is also installed in a folder above the bundle', async () => {
    // In a folder inside the package, its name resolves to it, as that of an installed package does.
    const folder = mkdtempSync(join(ROOT, 'dist', 'bundle-'));
    expect(await bundle(folder)).toBe('42\n');
    rmSync(folder, { recursive: true });
  });

  test('fails with an error that names the externals of the bundler when the package is not installed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'scripts-event-bundle-'));
    expect(await bundle(folder)).toContain(
      "Add 'nestjs-scripts-event' and 'isolated-vm' to the bundler's externals",
    );
    rmSync(folder, { recursive: true });
  });
});
