import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import type { HealthStatus } from '../health/health.types.js';
import { ScriptsEventHealth } from '../health/scripts-event-health.js';

/** A session of Terminus 12, or of Terminus 11, which has no degraded state. */
type Session<Key extends string> = {
  up(data: object): HealthIndicatorResult<Key>;
  down(data: object): HealthIndicatorResult<Key>;
  degraded?(data: object): HealthIndicatorResult<Key>;
};

/**
 * {@link ScriptsEventHealth} for a health check of `@nestjs/terminus`. Add it to the providers of the module that
 * imports `TerminusModule`.
 *
 * ```ts
 * this.health.check([() => this.scripts.isHealthy()]);
 * ```
 *
 * `down` responds with 503. `degraded` responds with 200 and the reasons, so the instance stays in the load balancer.
 * Terminus 11 has no such status: there it is `up` with `degraded: true`.
 *
 * @publicApi
 */
@Injectable()
export class ScriptsEventHealthIndicator {
  /** @internal */
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly health: ScriptsEventHealth,
  ) {}

  /**
   * Checks all parts. Never throws.
   *
   * @param key the name in the response, default `scripts-event`
   */
  async isHealthy<const Key extends string = 'scripts-event'>(
    key: Key = 'scripts-event' as Key,
  ): Promise<HealthIndicatorResult<Key>> {
    const { status, summary, components } = await this.health.check();
    const session: Session<Key> = this.indicators.check(key);
    return resultOf(session, status, { summary, components });
  }
}

function resultOf<Key extends string>(
  session: Session<Key>,
  status: HealthStatus,
  data: object,
): HealthIndicatorResult<Key> {
  switch (status) {
    case 'up':
      return session.up(data);
    case 'down':
      return session.down(data);
    case 'degraded':
      return session.degraded?.(data) ?? session.up({ ...data, degraded: true });
    default: {
      const rest: never = status;
      return rest;
    }
  }
}
