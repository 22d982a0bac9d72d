import { LRUCache } from 'lru-cache';
import type { PreparedRun } from '../prepared-run.js';

const REMEMBERED = 10_000;

/**
 * How often scripts called bindings in their last run. When a run waits for an answer, the run ahead behind it has to
 * be taken back. So nothing is sent ahead behind a run until it has called as often as its script's last run.
 */
export class CallingScripts {
  private readonly known = new LRUCache<string, number>({ max: REMEMBERED });

  /** How many calls the script's last run made; 0 if none of its runs has ended. */
  callsOf(run: PreparedRun): number {
    return this.known.size === 0 ? 0 : (this.known.get(nameOf(run)) ?? 0);
  }

  /** A run has ended and made this many binding calls. */
  ended(run: PreparedRun, calls: number): void {
    if (calls > 0) this.known.set(nameOf(run), calls);
    else if (this.known.size > 0) this.known.delete(nameOf(run));
  }
}

const nameOf = ({ home, script }: PreparedRun): string => `${home} ${script}`;
