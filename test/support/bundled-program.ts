import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '..', '..');
const execute = promisify(execFile);

/** Packages outside of the bundle: those that are not installed, are native, or that a test makes missing. */
const OUTSIDE = ['isolated-vm', 'graphile-worker', '@nestjs/microservices', '@nestjs/websockets'];

/** The bundle of each program that this test file starts. */
const made = new Map<string, Promise<string>>();

/**
 * Bundles a program of the tests and everything that it loads into one file. Whoever needs the bundle first in a run
 * makes it; the global teardown deletes it. A bundled application takes half of the processor time to start, because it
 * looks for one file in place of 1,400. Its sandbox processes need `EVENT_SANDBOX_CHILD_PATH`, as docs/bundling.md
 * says.
 */
export function bundled(program: string): Promise<string> {
  const known = made.get(program) ?? bundle(program);
  made.set(program, known);
  return known;
}

async function bundle(program: string): Promise<string> {
  const folder = process.env.TEST_PROGRAMS;
  if (!folder) throw new Error('No folder for programs: run jest with its configuration, which names one.');
  const file = join(folder, basename(program).replace(/\.ts$/, '.js'));
  if (existsSync(file)) return file;
  const unfinished = `${file}.${process.pid}`;
  await execute(join(ROOT, 'node_modules', '.bin', 'esbuild'), [
    program,
    '--bundle',
    '--platform=node',
    '--keep-names',
    '--log-level=error',
    ...OUTSIDE.map((name) => `--external:${name}`),
    // Nest's ES modules become CommonJS, which has no `import.meta.url`, and they read it.
    '--define:import.meta.url=here',
    `--banner:js=const here = require('node:url').pathToFileURL(__filename).href;`,
    '--tsconfig-raw={"compilerOptions":{"experimentalDecorators":true}}',
    `--outfile=${unfinished}`,
  ]);
  // Another worker of the run may have made it meanwhile; both are the same.
  await rename(unfinished, file);
  return file;
}
