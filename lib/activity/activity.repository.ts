import type { CauseLink } from '../common/event-cause.js';
import type { DeadLetterSummary } from '../dead-letter/dead-letter.types.js';
import type { ExecutionSummary } from '../execution/execution.repository.js';
import type { FailureGroups, Statistics, TenantPage } from './activity.types.js';

/** Port: reads summaries of stored executions and dead letters. Each query is cancelled after some seconds. */
export abstract class ActivityRepository {
  abstract failures(tenantId: string, from: Date, scriptId?: string, limit?: number): Promise<FailureGroups>;

  abstract statistics(
    tenantId: string,
    from: Date,
    bucketHours: number,
    scriptId?: string,
  ): Promise<Statistics>;

  /** The executions of these events, oldest first, at most `most`. */
  abstract executionsOf(
    tenantId: string,
    eventIds: readonly string[],
    most: number,
  ): Promise<ExecutionSummary[]>;

  /** The dead letters of these events, oldest first, at most `most`. */
  abstract deadLettersOf(
    tenantId: string,
    eventIds: readonly string[],
    most: number,
  ): Promise<DeadLetterSummary[]>;

  /** One execution; null if the tenant has none with this id. */
  abstract execution(tenantId: string, id: string): Promise<ExecutionSummary | null>;

  /** The executions that led to the event of a dead letter, oldest first. Empty if the tenant has none with this id. */
  abstract chainOf(tenantId: string, deadLetterId: string): Promise<readonly CauseLink[]>;

  /** A page of all tenants with scripts, those in trouble first. */
  abstract tenants(
    limit: number,
    q?: string,
    after?: { trouble: boolean; tenantId: string },
  ): Promise<TenantPage>;
}
