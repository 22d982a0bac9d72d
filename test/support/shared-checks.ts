import { ScriptSandbox } from '../../lib/sandbox/index.js';

let checking: ScriptSandbox | undefined;
const pids = new Set<number>();

/**
 * Has a sandbox check its sources in the one process that all applications of a test file have for it, in place of a
 * process for each: what a check says depends on the source alone, and half of all processes were started for one.
 */
export function shareChecks(sandbox: ScriptSandbox): void {
  sandbox.check = (source, options) => {
    checking ??= new ScriptSandbox({
      onEvent: (event) => {
        if (event.type === 'process-started') pids.add(event.pid);
      },
    });
    return checking.check(source, options);
  };
}

/** Whether a process is that one, and none of an application. */
export const isSharedCheck = (pid: number): boolean => pids.has(pid);

afterAll(() => checking?.stop());
