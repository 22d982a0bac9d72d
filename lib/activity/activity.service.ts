import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import {
  checkDate,
  checkFields,
  checkGiven,
  checkTenant,
  checkUuid,
  checkWhole,
  checkWord,
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
import { eventHistory } from './event-history.js';

const DAY_MS = 86_400_000;
const MOST_DAYS = 7;
const MOST_BUCKETS = 400;

/**
 * What stored executions and dead letters of one tenant tell together: which failures are alike, how many ran when, and what
 * came of an event. Each answer is bounded,
 * and a look that takes longer than 5 seconds ends.
 *
 * All methods throw {@link InvalidQueryError}, which names the field, for a query that cannot be, and
 * {@link QueryTooSlowError} when the database does not answer in time.
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

  /** Failures that look alike, the most frequent first. Test runs do not count. */
  async failures(tenantId: string, query: FailureQuery = {}): Promise<FailureGroups> {
    checkTenant(tenantId);
    checkFields('the query', query, ['from', 'scriptId']);
    return this.repository.failures(tenantId, this.from(query), query.scriptId);
  }

  /** How many executions completed and failed in each bucket of time, and how long they took. */
  async statistics(tenantId: string, query: StatisticsQuery = {}): Promise<Statistics> {
    checkTenant(tenantId);
    checkFields('the query', query, ['from', 'scriptId', 'bucketMinutes']);
    const { bucketMinutes = 60, scriptId } = query;
    checkWhole('bucketMinutes', bucketMinutes, 1, 1_440);
    const from = this.from(query);
    const buckets = (this.clock.now() - from.getTime()) / (bucketMinutes * 60_000);
    if (buckets > MOST_BUCKETS)
      throw invalid(
        'bucketMinutes',
        bucketMinutes,
        `long enough for at most ${MOST_BUCKETS} buckets since from`,
      );
    return this.repository.statistics(tenantId, from, bucketMinutes, scriptId);
  }

  /**
   * Everything of one event: executions, dead letters, and the same of the events that its executions published. An event of
   * another tenant, and one that nothing is stored of, has none.
   */
  async event(tenantId: string, eventId: string): Promise<EventHistory | null> {
    checkTenant(tenantId);
    checkWord('eventId', eventId);
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
