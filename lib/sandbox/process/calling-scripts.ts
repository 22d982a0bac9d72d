import { LRUCache } from 'lru-cache';
import type { PreparedRun } from '../prepared-run.js';

const REMEMBERED = 10_000;

/**
 * Remembers how many binding calls each script made in its last run. When a run waits for an answer, the runs that are
 * ahead behind it must be taken back. So none is sent ahead before the current run has made as many calls as its
 * script's last run.
 */
export class CallingScripts {
  private readonly known = new LRUCache<string, number>({ max: REMEMBERED });

  /** How many calls the script's last run made; 0 if that is not known. */
  callsOf(run: PreparedRun): number {
    return this.known.size === 0 ? 0 : (this.known.get(nameOf(run)) ?? 0);
  }

  /** Remembers the number of binding calls of a run that has ended. */
  ended(run: PreparedRun, calls: number): void {
    if (calls > 0) this.known.set(nameOf(run), calls);
    else if (this.known.size > 0) this.known.delete(nameOf(run));
  }
}

const nameOf = ({ home, script }: PreparedRun): string => `${home} ${script}`;
