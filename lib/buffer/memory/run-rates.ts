import type { Clock } from '../../common/clock.js';
import type { Lane, SharedLimits } from '../shared-limits.js';

/** Whose runs of this minute are used up. */
export type RateReason = 'script-rate' | 'tenant-rate';

const MINUTE_MS = 60_000;

/**
 * Runs per minute in one process: a count for each script and tenant that starts again with each minute of the clock.
 */
export class RunRates {
  private minute = -1;
  private readonly used = new Map<string, number>();

  constructor(
    private readonly limitsOf: (lane: Lane) => SharedLimits,
    private readonly clock: Clock,
  ) {}

  /** Counts a run that begins. If the runs of this minute are used up, counts nothing and returns whose. */
  take({ tenantId, scriptId }: Lane): RateReason | undefined {
    const { tenantRunsPerMinute, scriptRunsPerMinute } = this.limitsOf({ tenantId, scriptId });
    if (tenantRunsPerMinute === undefined && scriptRunsPerMinute === undefined) return undefined;
    this.beginMinute();
    const [tenant, script] = [`t:${tenantId}`, `s:${scriptId}`];
    if (this.countOf(tenant) >= (tenantRunsPerMinute ?? Infinity)) return 'tenant-rate';
    if (this.countOf(script) >= (scriptRunsPerMinute ?? Infinity)) return 'script-rate';
    for (const lane of [tenant, script]) this.used.set(lane, this.countOf(lane) + 1);
    return undefined;
  }

  /** Milliseconds until the next minute begins. */
  untilNextMinute(): number {
    return MINUTE_MS - (this.clock.now() % MINUTE_MS);
  }

  private beginMinute(): void {
    const minute = Math.floor(this.clock.now() / MINUTE_MS);
    if (minute === this.minute) return;
    this.minute = minute;
    this.used.clear();
  }

  private countOf(lane: string): number {
    return this.used.get(lane) ?? 0;
  }
}
