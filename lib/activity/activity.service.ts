import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import {
  checkDate,
  checkFields,
  checkGiven,
  checkTenant,
  checkUuid,
  checkWhole,
  checkId,
  invalid,
} from '../options/query-checks.js';
import { ActivityRepository } from './activity.repository.js';
import type {
  EventHistory,
  FailureGroups,
  FailureQuery,
  Statistics,
  StatisticsQuery,
} from './activity.types.js';
import { MOST_GROUPS } from './activity.sql.js';
import { eventHistory } from './event-history.js';

const DAY_MS = 86_400_000;
const MOST_DAYS = 7;
const MOST_HOURS = 24;

/**
 * Summarises the stored executions and dead letters of one tenant: groups of similar failures, statistics by time, and
 * everything that follows from an event. Each answer is bounded, and a query is cancelled after 5 seconds.
 *
 * All methods throw {@link InvalidQueryError}, which names the field, for an invalid query, and
 * {@link QueryTooSlowError} if the database does not answer in time.
 *
 * @publicApi
 */
@Injectable()
export class ActivityService {
  /** @internal */
  constructor(
    private readonly repository: ActivityRepository,
    private readonly clock: Clock,
  ) {}

  /** Groups of similar failures, the most frequent first. Test runs don't count. */
  async failures(tenantId: string, query: FailureQuery = {}): Promise<FailureGroups> {
    checkTenant(tenantId);
    checkFields('the query', query, ['from', 'scriptId', 'limit']);
    const { scriptId, limit = MOST_GROUPS } = query;
    checkWhole('limit', limit, 1, MOST_GROUPS);
    return this.repository.failures(tenantId, this.from(query), scriptId, limit);
  }

  /**
   * How many executions completed and failed in each period, and how long they took. They are counted when they are
   * stored, so the answer is exact and always fast.
   */
  async statistics(tenantId: string, query: StatisticsQuery = {}): Promise<Statistics> {
    checkTenant(tenantId);
    checkFields('the query', query, ['from', 'scriptId', 'bucketHours']);
    const { bucketHours = 1, scriptId } = query;
    checkWhole('bucketHours', bucketHours, 1, MOST_HOURS);
    return this.repository.statistics(tenantId, this.from(query), bucketHours, scriptId);
  }

  /**
   * The executions and dead letters of an event, the executions that led to it, and the records of the events that its
   * own executions published. Null if nothing is stored, or for another tenant's event.
   */
  async event(tenantId: string, eventId: string): Promise<EventHistory | null> {
    checkTenant(tenantId);
    checkId('eventId', eventId);
    return eventHistory(this.repository, tenantId, eventId);
  }

  private from(query: FailureQuery): Date {
    checkGiven(query, ['from'], checkDate);
    checkGiven(query, ['scriptId'], checkUuid);
    const now = this.clock.now();
    const { from = new Date(now - DAY_MS) } = query;
    if (now - from.getTime() > MOST_DAYS * DAY_MS + 60_000)
      throw invalid('from', from, `at most ${MOST_DAYS} days ago`);
    return from;
  }
}
