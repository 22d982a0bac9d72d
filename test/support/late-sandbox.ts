import type { ScriptSandbox } from '../../lib/sandbox/index.js';
import { FULL } from './test-form';

/**
 * Lets a sandbox start its processes when the first script runs, as `ScriptSandbox` does if nobody calls `start`: a
 * fourth of the processes that the tests started never ran a script. In the full form they start with the application.
 */
export function startLate(sandbox: ScriptSandbox): void {
  if (FULL) return;
  const start = sandbox.start.bind(sandbox);
  const run = sandbox.run.bind(sandbox);
  let isLate = true;
  sandbox.start = () => (isLate ? Promise.resolve() : start());
  sandbox.run = (request) => {
    isLate = false;
    return run(request);
  };
}
