import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isAlive } from '../support/is-alive.js';
import { waitFor } from '../support/wait-for.js';

const SANDBOX = join(__dirname, '..', '..', 'dist', 'lib', 'sandbox');
const DESCRIPTORS = `
  const { closeSync, openSync } = require('node:fs');
  const { ScriptSandbox } = require(${JSON.stringify(SANDBOX)});
  const open = [];
  const take = () => { try { for (;;) open.push(openSync('/dev/null')); } catch {} };
  const free = () => open.splice(0).forEach((file) => closeSync(file));
`;
/** A host with at most 64 open files whose only sandbox process is killed when no file descriptor is free. */
const HOST = `${DESCRIPTORS}
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

/** A host that starts a sandbox when no file descriptor is free, then when one is, then when all are. */
const STARTING_HOST = `${DESCRIPTORS}
  const sandbox = new ScriptSandbox({ processes: { min: 1, max: 1 } });
  const start = () => sandbox.start().then(() => 'started', ({ message }) => message.split('\\n')[0]);
  (async () => {
    take();
    console.log(await start());
    closeSync(open.pop());
    console.log(await start());
    free();
    let outcome;
    do {
      await new Promise(setImmediate);
      outcome = await sandbox.run({ source: 'return 6 * 7', tenantId: 't', scriptId: 's', version: 1 });
    } while (outcome.status !== 'completed');
    console.log(outcome.status);
  })();`;

/** A host that ends while one of its processes, which reads nothing, starts. */
const ENDING_HOST = `
  const { ChildLink } = require(${JSON.stringify(join(SANDBOX, 'process', 'child-link.js'))});
  const nothing = () => undefined;
  const listener = { onMessage: nothing, onPart: nothing, onNonsense: nothing, onClose: nothing };
  const program = { command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'], cwd: '/' };
  console.log(new ChildLink(program, listener).pid);
  process.exit();`;

const linesOf = async (program: string): Promise<string[]> => {
  const args = ['-c', 'ulimit -n 64 && exec "$0" -e "$1"', process.execPath, program];
  const { stdout } = await promisify(execFile)('bash', args, { timeout: 100_000 });
  return stdout.trimEnd().split('\n');
};

it('survives that it has no file descriptor for a process, says so, and runs scripts when it has some again', async () => {
  const lines = [/failed/, /No sandbox process could be started.* EMFILE: too many open files/, /completed/];
  expect(await linesOf(HOST)).toEqual(lines.map((line) => expect.stringMatching(line)));
});

it('says what to raise when it starts without file descriptors, and runs scripts when it has some', async () => {
  const lines = [
    /Raise the limit of open files.* open/,
    /Raise the limit of open files.* spawn/,
    /completed/,
  ];
  expect(await linesOf(STARTING_HOST)).toEqual(lines.map((line) => expect.stringMatching(line)));
});

it('leaves no process behind that hangs in its start when the host ends', async () => {
  const [pid] = await linesOf(ENDING_HOST);
  expect(Number(pid)).toBeGreaterThan(0);
  await waitFor('the process has ended', () => !isAlive(Number(pid)));
});
