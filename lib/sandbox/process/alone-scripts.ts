import { LRUCache } from 'lru-cache';
import type { PreparedRun } from '../prepared-run.js';
import type { IsolationMode } from '../protocol.js';

/** Runs that a script has by itself after one that did not end cleanly, or that left something on the global object. */
const RUNS_ALONE = 100;
const REMEMBERED = 10_000;

/**
 * Which home a run has: that of its tenant; and one of its own while its script is alone, because it has cost the tenant's
 * other scripts their home of late. A script that does it again begins to count anew.
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

  /** Counts a run that ended as it should. */
  endedWell(run: PreparedRun): void {
    if (this.runsLeft.size === 0) return;
    const own = ownHome(run);
    const left = this.runsLeft.peek(own);
    if (left === undefined) return;
    if (left > 1) this.runsLeft.set(own, left - 1);
    else this.runsLeft.delete(own);
  }
}

/** No tenant's home has the same name: it ends where this goes on. */
const ownHome = ({ home, script }: PreparedRun): string => `${home} ${script}`;
