import { execFile } from 'node:child_process';
import { access, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '..', '..');
const execute = promisify(execFile);

/** What is not there, is native, or is made to be missing by a test. */
const OUTSIDE = ['isolated-vm', 'graphile-worker', '@nestjs/microservices', '@nestjs/websockets'];

/**
 * A program of the tests and all that it loads in one file, made by whoever needs it first in a run and gone after it: an
 * application takes half of the processor time to start, since it looks for one file in place of 1,400. Its children need
 * `EVENT_SANDBOX_CHILD_PATH`, as docs/bundling.md says.
 */
export async function bundled(program: string): Promise<string> {
  const folder = process.env.TEST_PROGRAMS;
  if (!folder) throw new Error('No folder for programs: run jest with its configuration, which names one.');
  const file = join(folder, basename(program).replace(/\.ts$/, '.js'));
  if (
    await access(file).then(
      () => true,
      () => false,
    )
  )
    return file;
  const unfinished = `${file}.${process.pid}`;
  const flags = ['--bundle', '--platform=node', '--keep-names', '--log-level=error'];
  await execute(join(ROOT, 'node_modules', '.bin', 'esbuild'), [
    program,
    ...flags,
    ...OUTSIDE.map((name) => `--external:${name}`),
    // Nest's ES modules become CommonJS, and ask for their address.
    '--define:import.meta.url=here',
    `--banner:js=const here = require('node:url').pathToFileURL(__filename).href;`,
    `--tsconfig-raw={"compilerOptions":{"experimentalDecorators":true}}`,
    `--outfile=${unfinished}`,
  ]);
  // Another worker of the run may have made it meanwhile; both are the same.
  await rename(unfinished, file);
  return file;
}
