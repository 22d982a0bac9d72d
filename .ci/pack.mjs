// Packs the library as it would be published, installs the tarball beside the peers of this checkout, and loads every
// entry point from CommonJS and from ESM: a missing file or a wrong `exports` entry shows here, not at a user. Publint and
// arethetypeswrong read the tarball as each resolver would.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const scratch = mkdtempSync(join(tmpdir(), 'scripts-event-pack-'));
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
/** Runs a program on this Node.js. A warning on its console, such as that of a deprecation, is an error. */
function runNode(args, cwd) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}:\n${stderr}`);
  if (/^\(node:\d+\)/m.test(stderr)) throw new Error(`${args.join(' ')} printed a warning:\n${stderr}`);
  return stdout;
}
const check = (command, args) =>
  execFileSync(join(root, 'node_modules', '.bin', command), args, { cwd: root, stdio: ['ignore', 2, 2] });

try {
  const [{ filename, files }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], root),
  );
  const stray = files.map(({ path }) => path).filter((path) => /(^|\/)(test|sample-app|bench)\//.test(path));
  if (stray.length > 0)
    throw new Error(`the tarball holds files that are not the package: ${stray.join(', ')}`);

  // The page is there as it was built, and its source is not.
  const ofPage = files.map(({ path }) => path).filter((path) => path.startsWith('dist/lib/admin/page/'));
  const { files: assets } = JSON.parse(readFileSync(join(root, 'dist/lib/admin/page/page.json'), 'utf8'));
  const expected = [
    'page.json',
    'inline.js',
    'problem.css',
    'LICENCES.txt',
    ...assets.flatMap((name) => [`assets/${name}`, `assets/${name}.gz`]),
  ];
  const missing = expected.filter((name) => !ofPage.includes(`dist/lib/admin/page/${name}`));
  if (missing.length > 0 || ofPage.length !== expected.length)
    throw new Error(
      `the tarball does not hold the page alone: ${ofPage.join(', ')}; missing: ${missing.join(', ')}`,
    );

  const tarball = join(scratch, filename);
  check('publint', ['run', tarball, '--strict']);
  // ./child is a program, which hosts name and nobody imports; the description of the API is data without types.
  const untyped = ['./child', './admin/openapi.json'];
  check('attw', [tarball, '--exclude-entrypoints', ...untyped, '--format', 'ascii']);
  console.log('publint and arethetypeswrong find nothing');

  // As pnpm and workspaces lay it out: the host's folder holds a link, and the peers are found through another.
  const home = join(scratch, 'store', 'node_modules', manifest.name);
  mkdirSync(home, { recursive: true });
  mkdirSync(join(scratch, 'host', 'node_modules'), { recursive: true });
  symlinkSync(home, join(scratch, 'host', 'node_modules', manifest.name), 'dir');
  run('tar', ['-xzf', tarball, '--strip-components=1', '-C', home], scratch);
  symlinkSync(join(root, 'node_modules'), join(scratch, 'node_modules'), 'dir');

  // A program, which hosts name and do not load.
  const program = join(home, manifest.exports['./child']);
  if (!existsSync(program)) throw new Error(`./child is no file at ${program}`);
  const entries = Object.keys(manifest.exports).filter(
    (entry) => entry !== './child' && !entry.endsWith('.json'),
  );
  for (const entry of entries) {
    const types = join(home, manifest.exports[entry].types);
    if (!existsSync(types)) throw new Error(`${entry} has no types at ${types}`);
    const name = manifest.name + entry.slice(1);
    const check = `if (Object.keys(m).length === 0) throw new Error('${name} exports nothing')`;
    writeFileSync(
      join(scratch, 'host', 'load.cjs'),
      `require('reflect-metadata'); const m = require('${name}'); ${check}`,
    );
    writeFileSync(
      join(scratch, 'host', 'load.mjs'),
      `import 'reflect-metadata'; import * as m from '${name}'; ${check}`,
    );
    for (const file of ['load.cjs', 'load.mjs']) runNode([file], join(scratch, 'host'));
    console.log(`${name} loads from CommonJS and from ESM, without a warning`);
  }

  // The sandbox starts a file of the package and limits what it may read: only a run shows that both are found.
  const script = `
    const { ScriptSandbox } = require('${manifest.name}/sandbox');
    const sandbox = new ScriptSandbox();
    sandbox.run({ source: 'return ctx.input.n + 1;', input: { n: 41 }, tenantId: 't', scriptId: 's', version: 1 })
      .then((outcome) => console.log(JSON.stringify(outcome.result ?? outcome)))
      .finally(() => sandbox.stop());`;
  writeFileSync(join(scratch, 'host', 'run.cjs'), script);
  const answer = runNode(['run.cjs'], join(scratch, 'host')).trim();
  if (answer !== '42') throw new Error(`the packed sandbox answered ${answer} instead of 42`);
  console.log('the packed sandbox runs a script');

  // The contract of a buffer is for any test runner: jest runs it in this package's own tests.
  const contract = `
    import { it } from 'vitest';
    import { eventBufferContract, SystemClock } from '${manifest.name}/testing';
    import buffers from '${join(home, 'dist/lib/buffer/memory/in-memory.event-buffer.js')}';
    const create = ({ workerCount, runsPerScript }) =>
      new buffers.InMemoryEventBuffer({ size: 1_000, workerCount, runsPerScript: () => runsPerScript }, new SystemClock());
    for (const { title, run } of eventBufferContract({ create, putsBack: true })) it(title, run, 90_000);`;
  writeFileSync(join(scratch, 'host', 'buffer.spec.mjs'), contract);
  check('vitest', ['run', '--root', join(scratch, 'host')]);
  console.log('the packed contract of a buffer runs under Vitest');

  const command = join(scratch, 'host', 'node_modules', manifest.name, manifest.bin[manifest.name]);
  writeFileSync(join(scratch, 'host', 'script.js'), "sdk.log.info('packed'); return ctx.event.type;");
  const ran = runNode([command, 'run', 'script.js', '--event', 'client.created'], join(scratch, 'host'));
  if (!/^info {2}packed\nresult "client\.created"\n/.test(ran))
    throw new Error(`the packed command printed ${ran}`);
  const types = runNode([command, 'types'], join(scratch, 'host'));
  if (!types.includes('declare const ctx')) throw new Error(`the packed command wrote ${types}`);
  console.log('the packed command runs a script and writes types');
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
