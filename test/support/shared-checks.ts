import { join } from 'node:path';
import { lineWithin } from '../../lib/sandbox/outcome-reader.js';
import { ScriptSandbox, type SourceProblem } from '../../lib/sandbox/index.js';
import { FULL } from './test-form';

const CHILD = join(__dirname, '..', '..', 'dist', 'lib', 'sandbox', 'child');
const MESSAGE_BYTES = 2 * 1024;

let checking: ScriptSandbox | undefined;
const pids = new Set<number>();

/**
 * Lets a sandbox check sources without a process of its own: the result of a check depends on the source alone, and
 * half of all processes were started for one. In the full form, all applications of a test file share a process for it;
 * in the short form, this process calls the same function as a sandbox process.
 */
export function shareChecks(sandbox: ScriptSandbox): void {
  sandbox.check = FULL ? checkInProcess : checkHere;
}

function checkInProcess(
  ...[source, options]: Parameters<ScriptSandbox['check']>
): Promise<SourceProblem | null> {
  checking ??= new ScriptSandbox({
    onEvent: (event) => {
      if (event.type === 'process-started') pids.add(event.pid);
    },
  });
  return checking.check(source, options);
}

async function checkHere(source: string): Promise<SourceProblem | null> {
  // The compiled modules, as a sandbox process loads them.
  const home = require(join(CHILD, 'home.js')) as typeof import('../../lib/sandbox/child/home.js');
  const text = require(
    join(CHILD, 'error-text.js'),
  ) as typeof import('../../lib/sandbox/child/error-text.js');
  try {
    home.checkSource(source);
    return null;
  } catch (error) {
    const thrown = error instanceof home.SourceError ? error.thrown : error;
    const problem = text.syntaxProblem(thrown, MESSAGE_BYTES);
    return problem.line === undefined ? problem : { ...problem, line: lineWithin(source, problem.line) };
  }
}

/** Whether a process is the shared one for checks, which belongs to no application. */
export const isSharedCheck = (pid: number): boolean => pids.has(pid);

afterAll(() => checking?.stop());
