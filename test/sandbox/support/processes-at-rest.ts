import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_MS = 10;
/** The unit of processor time in `/proc`. */
const TICK_MS = 10;

/** Data of the system about a process or a thread: its state, its parent, and its processor time in ticks. */
interface Stat {
  state: string;
  parent: number;
  ticks: number;
}

/**
 * Waits until none of the processes uses the processor: every thread sleeps, and none has used any between two measurements.
 * Returns the processes that used more than `budgetMs` of processor time meanwhile. The limit is processor time and not time
 * by the clock, so that a process that waits for its turn on a busy machine is not returned. A process counts as idle if it
 * has ended, or if its id now belongs to a process that isn't a child of `parent`.
 */
export async function burning(pids: Iterable<number>, budgetMs: number, parent: number): Promise<number[]> {
  const first = ticksOf(pids, parent);
  for (let before = first; ;) {
    await delay(LOOK_MS);
    const after = ticksOf(pids, parent);
    const busy = [...after].filter(([pid, ticks]) => ticks !== before.get(pid) || hasRunningThread(pid));
    const over = busy.filter(([pid, ticks]) => (ticks - (first.get(pid) ?? ticks)) * TICK_MS > budgetMs);
    if (busy.length === 0 || over.length > 0) return over.map(([pid]) => pid);
    before = after;
  }
}

/** Those of the given processes that are children of `parent`. */
export const living = (pids: Iterable<number>, parent: number): number[] =>
  [...pids].filter((pid) => {
    const stat = statOf(`/proc/${pid}/stat`);
    return stat !== undefined && stat.parent === parent && stat.state !== 'Z';
  });

/** Processor time that a process has used, in units of 10 ms; 0 if it has ended. */
export const processorTicks = (pid: number): number => statOf(`/proc/${pid}/stat`)?.ticks ?? 0;

const ticksOf = (pids: Iterable<number>, parent: number): Map<number, number> =>
  new Map(living(pids, parent).map((pid) => [pid, statOf(`/proc/${pid}/stat`)?.ticks ?? 0]));

function hasRunningThread(pid: number): boolean {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.some((thread) => statOf(`/proc/${pid}/task/${thread}/stat`)?.state === 'R');
  } catch {
    return false;
  }
}

function statOf(path: string): Stat | undefined {
  try {
    const text = readFileSync(path, 'latin1');
    // The name, in parentheses, may contain blanks.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0]!, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined;
  }
}
