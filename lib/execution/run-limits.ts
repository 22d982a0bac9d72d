import { PrintableLogger } from '../common/printable-logger.js';
import type { Lane, SharedLimits } from '../buffer/shared-limits.js';
import { SystemClock } from '../common/clock.js';
import { messageOf } from '../common/errors.js';
import { lineAbout } from '../common/log-line.js';
import { ThrottledLog } from '../common/throttled-log.js';
import type { TenantLimits } from '../options/limits.options.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import type { ScriptIndex } from '../scripts/script-index.js';

/** The limits of a run: the script's own and its tenant's. The returned function never throws. */
export function sharedLimits({ limits }: ResolvedOptions, index: ScriptIndex): (lane: Lane) => SharedLimits {
  const log = new ThrottledLog(new PrintableLogger('SharedLimits'), new SystemClock());
  const differing = (tenantId: string): TenantLimits => {
    try {
      return limits.forTenant?.(tenantId) ?? {};
    } catch (error) {
      log.warn(
        'forTenant',
        lineAbout(
          { tenantId },
          () => `limits.forTenant threw; the default limits apply to this tenant: ${messageOf(error)}`,
        ),
      );
      return {};
    }
  };
  return ({ tenantId, scriptId }) => {
    const script = index.get(scriptId);
    const { runs, runsPerMinute } = differing(tenantId);
    return {
      scriptRuns: index.runLimitOf(scriptId) ?? undefined,
      scriptRunsPerMinute: script?.runsPerMinute ?? undefined,
      tenantRuns: chosen(runs, limits.tenantRuns),
      tenantRunsPerMinute: chosen(runsPerMinute, limits.tenantRunsPerMinute),
    };
  };
}

/**
 * The tenant's own limit, where null means no limit. If the own limit is left out or invalid, the limit of all tenants.
 */
function chosen(own: unknown, all: number | undefined): number | undefined {
  if (own === null) return undefined;
  return Number.isInteger(own) && (own as number) >= 1 ? (own as number) : all;
}
