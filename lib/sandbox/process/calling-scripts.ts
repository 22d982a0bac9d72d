import { LRUCache } from 'lru-cache';
import type { PreparedRun } from '../prepared-run.js';

const REMEMBERED = 10_000;

/**
 * Scripts whose last run called a binding. While a run waits for the answer, one that was given ahead behind it has to be
 * taken back: so nothing is given ahead behind these.
 */
export class CallingScripts {
  private readonly known = new LRUCache<string, true>({ max: REMEMBERED });

  has(run: PreparedRun): boolean {
    return this.known.size > 0 && this.known.has(nameOf(run));
  }

  /** A run has ended, and called bindings so many times. */
  ended(run: PreparedRun, calls: number): void {
    if (calls > 0) this.known.set(nameOf(run), true);
    else if (this.known.size > 0) this.known.delete(nameOf(run));
  }
}

const nameOf = ({ home, script }: PreparedRun): string => `${home} ${script}`;
