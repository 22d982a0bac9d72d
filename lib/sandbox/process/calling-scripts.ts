import { LRUCache } from 'lru-cache';
import type { PreparedRun } from '../prepared-run.js';

const REMEMBERED = 10_000;

/**
 * Scripts whose last run called a binding. While a run waits for an answer, a run that is ahead behind it has to be
 * taken back. So nothing is sent ahead behind these scripts.
 */
export class CallingScripts {
  private readonly known = new LRUCache<string, true>({ max: REMEMBERED });

  has(run: PreparedRun): boolean {
    return this.known.size > 0 && this.known.has(nameOf(run));
  }

  /** A run has ended and made this many binding calls. */
  ended(run: PreparedRun, calls: number): void {
    if (calls > 0) this.known.set(nameOf(run), true);
    else if (this.known.size > 0) this.known.delete(nameOf(run));
  }
}

const nameOf = ({ home, script }: PreparedRun): string => `${home} ${script}`;
