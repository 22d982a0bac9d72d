import { Code, MayBeUndefined, WholeNumber } from './option.decorators.js';

/** Limits of one tenant; `null` lifts a limit that the options set for all. */
export interface TenantLimits {
  /** As `limits.tenantRuns`. */
  runs?: number | null;
  /** As `limits.tenantRunsPerMinute`. */
  runsPerMinute?: number | null;
}

/**
 * Returns the limits of a tenant that differs from the others, or `undefined`. Synchronous and fast: called for each
 * run.
 */
export type TenantLimitsResolver = (tenantId: string) => TenantLimits | undefined;

/**
 * How many scripts a tenant may have, and how much they may run. A run over a limit waits. With a durable buffer the
 * limits hold across all nodes, in memory mode for each process. Retries are not limited. A script also has its own
 * limits, `maxConcurrency` and `runsPerMinute`.
 *
 * @publicApi
 */
export class LimitsOptions {
  /** How many executions of one tenant's scripts run at the same time. 1 to 10,000, default none. */
  @MayBeUndefined()
  @WholeNumber(1, 10_000)
  tenantRuns: number | undefined = undefined;

  /** How many executions of one tenant's scripts begin in one minute of the clock. 1 to 1,000,000, default none. */
  @MayBeUndefined()
  @WholeNumber(1, 1_000_000)
  tenantRunsPerMinute: number | undefined = undefined;

  /**
   * How many scripts of one tenant may listen to events, active and disabled ones together. Creating or activating one
   * more throws a `TooManyScriptsError`. If the limit is lowered, existing scripts keep running. 1 to 100,000, default
   * 1,000. All filters that look at one event share `MATCHING_LIMITS.eventSteps`, so with 1,000 scripts there are 4,000
   * steps for each: enough for four conditions on a list of a thousand elements.
   */
  @WholeNumber(1, 100_000)
  tenantScripts = 1_000;

  /**
   * How many schedules one script may have. 0 to 100, default 10. Scripts that have more keep them until they are
   * saved.
   */
  @WholeNumber(0, 100)
  scriptSchedules = 10;

  /** How many secrets a tenant may have. 1 to 1,000, default 100. One more throws a `TooManySecretsError`. */
  @WholeNumber(1, 1_000)
  tenantSecrets = 100;

  /** How many variables a tenant may have. 1 to 1,000, default 200. One more throws a `TooManyVariablesError`. */
  @WholeNumber(1, 1_000)
  tenantVariables = 200;

  /**
   * How many bytes the variables of a tenant may have in all, names included, as JSON. 1,024 to 1,048,576, default
   * 131,072. A run whose script reads variables gets all of them, so this is what such a run costs at most. More
   * throws a `TooManyVariablesError`.
   */
  @WholeNumber(1_024, 1_048_576)
  tenantVariableBytes = 131_072;

  /**
   * How many keys the stores of a tenant may have in all. 1 to 1,000,000, default 10,000. A run that would exceed
   * this fails.
   */
  @WholeNumber(1, 1_000_000)
  tenantStoreKeys = 10_000;

  /**
   * How many bytes the stores of a tenant may have in all, keys and values as JSON. 1,024 to 10,737,418,240, default
   * 16,777,216. A run that would exceed this fails.
   */
  @WholeNumber(1_024, 10_737_418_240)
  tenantStoreBytes = 16_777_216;

  /** Returns a tenant's own limits, for example by its plan. Default none: all tenants have the limits above. */
  @MayBeUndefined()
  @Code(
    'a function (tenantId) => { runs, runsPerMinute } or undefined',
    (value) => typeof value === 'function',
  )
  forTenant: TenantLimitsResolver | undefined = undefined;
}
