import { LRUCache } from 'lru-cache';
import type { FailureKind } from '../outcome.js';
import type { PreparedRun } from '../prepared-run.js';
import type { Blame, EndReason } from '../sandbox-events.js';

const REMEMBERED = 1_000;

/** Records which scripts have ended processes, and how often. */
export class BlameRecord {
  private readonly byScript = new LRUCache<string, Blame>({ max: REMEMBERED });

  add({ tenantId, scriptId, scriptName, version }: PreparedRun, kind: FailureKind, reason: EndReason): Blame {
    const key = JSON.stringify([tenantId, scriptId]);
    const times = (this.byScript.get(key)?.times ?? 0) + 1;
    const blame: Blame = { tenantId, scriptId, scriptName, version, kind, reason, times };
    this.byScript.set(key, blame);
    return blame;
  }

  /** Scripts that have ended the most processes come first. */
  list(): Blame[] {
    return [...this.byScript.values()].toSorted((a, b) => b.times - a.times);
  }
}
