const { appendFileSync } = require('node:fs');
const childProcess = require('node:child_process');
const { promisify } = require('node:util');

/** The functions that start a process. None of them calls another one of the module, so each start counts once. */
const STARTING = ['spawn', 'fork', 'execFile', 'spawnSync', 'execFileSync'];
const SANDBOX = /sandbox[\\/]child[\\/]main\.js$/;

/** Which test file runs in this worker. */
let current = '';

function note(args) {
  const isSandbox = Array.isArray(args) && args.some((arg) => SANDBOX.test(arg));
  if (process.env.TEST_STARTS)
    appendFileSync(
      process.env.TEST_STARTS,
      `${isSandbox ? 'sandbox process' : 'other process'}\t${current}\n`,
    );
}

/** Counts the processes that test files of this worker start, for `starts.reporter.cjs`. */
exports.countProcesses = function countProcesses() {
  for (const name of STARTING) {
    const start = childProcess[name];
    const counting = (act) =>
      function counted(command, args, ...rest) {
        note(args);
        return act.call(this, command, args, ...rest);
      };
    childProcess[name] = counting(start);
    const promised = start[promisify.custom];
    if (promised) Object.defineProperty(childProcess[name], promisify.custom, { value: counting(promised) });
  }
};

/** Sets the test file that the following starts are counted for. */
exports.startsBy = function startsBy(path) {
  current = path;
};
