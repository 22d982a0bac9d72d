import { readFileSync } from 'node:fs';

/** Whether a process runs. False for one that has ended, even if nobody has asked for its exit code. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    // It may end between any two looks, so its file isn't looked for before it is read.
    return false;
  }
}
