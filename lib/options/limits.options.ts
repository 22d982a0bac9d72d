import { Code, MayBeUndefined, WholeNumber } from './option.decorators.js';

/** What one tenant may use; `null` lifts a limit that the options set for all. */
export interface TenantLimits {
  /** As `limits.tenantRuns`. */
  runs?: number | null;
  /** As `limits.tenantRunsPerMinute`. */
  runsPerMinute?: number | null;
}

/** Tells the limits of a tenant where they differ from the others'. Synchronous and quick: asked for each run. */
export type TenantLimitsResolver = (tenantId: string) => TenantLimits | undefined;

/**
 * How many scripts a tenant may have, and how much they may run. A run that is over a limit waits. With a durable buffer the limits hold over all nodes,
 * in memory mode for each process. Retries are not limited. A script's own limits are its `maxConcurrency` and
 * `runsPerMinute`.
 *
 * @publicApi
 */
export class LimitsOptions {
  /** Executions of one tenant's scripts at the same time. 1 to 10,000, default none. */
  @MayBeUndefined()
  @WholeNumber(1, 10_000)
  tenantRuns: number | undefined = undefined;

  /** Executions of one tenant's scripts that begin in one minute of the clock. 1 to 1,000,000, default none. */
  @MayBeUndefined()
  @WholeNumber(1, 1_000_000)
  tenantRunsPerMinute: number | undefined = undefined;

  /**
   * Scripts of one tenant that listen to events: active ones and disabled ones. Who would make or activate one more gets a
   * `TooManyScriptsError`; those there are go on when it is lowered. 1 to 100,000, default 1,000: that many filters share
   * `MATCHING_LIMITS.eventSteps` at 4,000 steps each, which is four conditions on a list of a thousand elements.
   */
  @WholeNumber(1, 100_000)
  tenantScripts = 1_000;

  /** Asked for the limits of a tenant that differ, for example by its plan. Default none. */
  @MayBeUndefined()
  @Code(
    'a function (tenantId) => { runs, runsPerMinute } or undefined',
    (value) => typeof value === 'function',
  )
  forTenant: TenantLimitsResolver | undefined = undefined;
}
