import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isSharedCheck } from './shared-checks.js';
import { waitFor } from './wait-for.js';

/** Process ids of the sandbox children of a process. */
export async function childrenOf(parentPid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,stat=,args=']);
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, stat, ...args]) => {
      const living = Number(parent) === parentPid && !stat?.startsWith('Z');
      return living && args.some((word) => word.endsWith('sandbox/child/main.js'));
    })
    .map(([pid]) => Number(pid))
    .filter((pid) => !isSharedCheck(pid));
}

/** Process ids of the sandbox children of this process. */
export const sandboxChildren = (): Promise<number[]> => childrenOf(process.pid);

/** Waits until no sandbox child of this process lives. */
export async function noSandboxChildren(): Promise<void> {
  await waitFor('no sandbox child is left', async () => (await sandboxChildren()).length === 0);
}
