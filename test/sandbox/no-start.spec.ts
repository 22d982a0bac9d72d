import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A host with at most 64 open files whose only sandbox process is killed when no file descriptor is free. */
const HOST = `
  const { closeSync, openSync } = require('node:fs');
  const { ScriptSandbox } = require(${JSON.stringify(join(__dirname, '..', '..', 'dist', 'lib', 'sandbox'))});
  const open = [];
  const take = () => { try { for (;;) open.push(openSync('/dev/null')); } catch {} };
  const free = () => open.splice(0).forEach((file) => closeSync(file));
  const sandbox = new ScriptSandbox({
    processes: { min: 1, max: 1 },
    onEvent: (event) => {
      if (event.type === 'process-started' && open.length === 0) {
        take();
        process.kill(event.pid, 'SIGKILL');
      }
      if (event.type === 'crash-loop') {
        console.log(event.message);
        free();
        open.push(openSync('/dev/null'));
      }
    },
  });
  const run = () => sandbox.run({ source: 'return 6 * 7', tenantId: 't', scriptId: 's', version: 1 });
  (async () => {
    await sandbox.start();
    const met = new Set();
    while (!met.has('completed')) {
      const { status } = await run();
      if (!met.has(status)) console.log(status);
      met.add(status);
      await new Promise(setImmediate);
    }
  })();`;

it('survives that it has no file descriptor for a process, says so, and runs scripts when it has some again', async () => {
  const args = ['-c', 'ulimit -n 64 && exec "$0" -e "$1"', process.execPath, HOST];
  const { stdout } = await promisify(execFile)('bash', args, { timeout: 100_000 });
  const lines = [/failed/, /No sandbox process could be started.* EMFILE: too many open files/, /completed/];
  expect(stdout.trimEnd().split('\n')).toEqual(lines.map((line) => expect.stringMatching(line)));
});
