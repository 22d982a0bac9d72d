import type { DeadLetterSummary } from '../dead-letter/dead-letter.types.js';
import type { ExecutionSummary } from '../execution/execution.repository.js';
import type { FailureGroups, Statistics, TenantPage } from './activity.types.js';

/** Port to what stored executions and dead letters tell together. Each look ends after some seconds. */
export abstract class ActivityRepository {
  abstract failures(tenantId: string, from: Date, scriptId?: string): Promise<FailureGroups>;

  abstract statistics(
    tenantId: string,
    from: Date,
    bucketHours: number,
    scriptId?: string,
  ): Promise<Statistics>;

  /** Executions of these events, oldest first, `most` of them. */
  abstract executionsOf(
    tenantId: string,
    eventIds: readonly string[],
    most: number,
  ): Promise<ExecutionSummary[]>;

  /** Dead letters of these events, oldest first, `most` of them. */
  abstract deadLettersOf(
    tenantId: string,
    eventIds: readonly string[],
    most: number,
  ): Promise<DeadLetterSummary[]>;

  /** Over all tenants, those in trouble first. */
  abstract tenants(
    limit: number,
    q?: string,
    after?: { trouble: boolean; tenantId: string },
  ): Promise<TenantPage>;
}
