import { LRUCache } from 'lru-cache';
import type { PreparedRun } from '../prepared-run.js';
import type { IsolationMode } from '../protocol.js';

/**
 * For how many runs a script has a home of its own, after one of its runs did not end cleanly or left something on the
 * global object.
 */
const RUNS_ALONE = 100;
const REMEMBERED = 10_000;

/**
 * Decides which home a run gets: its tenant's, or one for its script alone if the script recently cost the tenant's
 * other scripts their home. If the script does so again, the count starts again. With any isolation but `compartment`,
 * every script has a home of its own.
 */
export class AloneScripts {
  private readonly runsLeft = new LRUCache<string, number>({ max: REMEMBERED });

  constructor(private readonly isolation: IsolationMode) {}

  homeOf(run: PreparedRun): string {
    if (this.isolation !== 'compartment') return ownHome(run);
    if (this.runsLeft.size === 0) return run.home;
    const own = ownHome(run);
    return this.runsLeft.peek(own) === undefined ? run.home : own;
  }

  add(run: PreparedRun): void {
    this.runsLeft.set(ownHome(run), RUNS_ALONE);
  }

  /** Counts a run that ended cleanly. */
  endedWell(run: PreparedRun): void {
    if (this.runsLeft.size === 0) return;
    const own = ownHome(run);
    const left = this.runsLeft.peek(own);
    if (left === undefined) return;
    if (left > 1) this.runsLeft.set(own, left - 1);
    else this.runsLeft.delete(own);
  }
}

/** The home of a script alone. It differs from every tenant's home, because it also names the script. */
const ownHome = ({ home, script }: PreparedRun): string => `${home} ${script}`;
