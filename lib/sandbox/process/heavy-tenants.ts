import { LRUCache } from 'lru-cache';
import type { Outcome } from '../outcome.js';

/** A run that computes for less time doesn't count: others hardly notice that they waited for it. */
const LONG_MS = 25;
/** Processor time that it takes to start a process in place of one that a run has ended. */
const START_MS = 300;
/** How long a tenant is heavy, as a multiple of the time for which its long runs have computed. */
const TIMES = 100;
/** Longest time for which a tenant stays heavy after its last long run. */
const MOST_MS = 600_000;
const REMEMBERED = 10_000;

/**
 * Remembers which tenants are heavy: those whose runs computed for long lately. After a run that computed for 25 ms or
 * longer, its tenant is heavy for 100 times as long, at most 10 minutes. So the first long run of a tenant that is not
 * heavy, which may be in any process, takes at most one hundredth of the time. Time in which a run waits for bindings
 * doesn't count.
 */
export class HeavyTenants {
  private readonly until = new LRUCache<string, number>({
    max: REMEMBERED,
    dispose: (_, tenantId, reason) => {
      if (reason === 'evict') this.watch(tenantId, 0);
    },
  });
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private stopped = false;

  /** @param onLight called when a tenant is no longer heavy */
  constructor(private readonly onLight: (tenantId: string) => void = () => {}) {}

  has(tenantId: string): boolean {
    if (this.until.size === 0) return false;
    const until = this.until.peek(tenantId);
    if (until === undefined) return false;
    if (until > performance.now()) return true;
    this.until.delete(tenantId);
    return false;
  }

  /** Every tenant that is heavy now. */
  list(): string[] {
    return [...this.until.keys()].filter((tenantId) => this.has(tenantId));
  }

  /** Counts a run that has ended. */
  ran(tenantId: string, outcome: Outcome): void {
    const computedMs = computedMsOf(outcome);
    if (computedMs < LONG_MS) return;
    const now = performance.now();
    const until = Math.max(now, this.until.peek(tenantId) ?? 0) + TIMES * computedMs;
    const end = Math.min(now + MOST_MS, until);
    this.until.set(tenantId, end);
    this.watch(tenantId, end - now);
  }

  /** Reports no tenant any more. */
  stop(): void {
    this.stopped = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  /** The timer need not keep the host alive, because the runs that wait for it wait beside a busy process. */
  private watch(tenantId: string, ms: number): void {
    clearTimeout(this.timers.get(tenantId));
    if (this.stopped) return;
    const look = (): void => {
      // A timer may be early by a fraction of a millisecond.
      if (this.has(tenantId)) return this.watch(tenantId, 1);
      this.timers.delete(tenantId);
      this.onLight(tenantId);
    };
    this.timers.set(tenantId, setTimeout(look, Math.ceil(ms)).unref());
  }
}

/** If the run ended its process, nobody knows its processor time. */
function computedMsOf(outcome: Outcome): number {
  const { durationMs, cpuMs } = outcome.metrics;
  const isLost = outcome.status === 'failed' && outcome.error.processLost === true;
  return isLost ? START_MS + durationMs : cpuMs;
}
