import type { CauseLink } from '../common/event-cause.js';
import type { PageRequest } from '../common/page.js';
import type { DeadLetterSummary } from '../dead-letter/dead-letter.types.js';
import type { ExecutionSummary } from '../execution/execution.repository.js';

/** Which failures to group. @publicApi */
export interface FailureQuery {
  /** Executions that began at this moment or later; default a day ago, at most 7 days ago. */
  from?: Date;
  /** Only of this script. */
  scriptId?: string;
  /** How many groups, the most frequent ones: 1 to 200, default 200. */
  limit?: number;
}

/** Similar failures: of the same script, kind, line and message. @publicApi */
export interface FailureGroup {
  scriptId: string;
  kind: string;
  /** Line in the author's source; null when there is none. */
  line: number | null;
  /** The message with `#` in place of numbers, hexadecimal numbers and UUIDs; at most 300 characters. */
  message: string;
  count: number;
  firstAt: Date;
  lastAt: Date;
  /** The oldest and newest version with this failure. */
  firstVersion: number;
  lastVersion: number;
  /** The id of the newest execution with this failure. */
  executionId: string;
}

/** @publicApi */
export interface FailureGroups {
  /** The largest first, at most 200. */
  items: FailureGroup[];
  /** True if there are more groups, or more than 5,000 failures: only the newest 5,000 are grouped. */
  more: boolean;
}

/** Which executions are counted, and in what periods. @publicApi */
export interface StatisticsQuery {
  /** Executions that began in the hour of this moment or later; default a day ago, at most 7 days ago. */
  from?: Date;
  /**
   * Hours of a period: 1 to 24, default 1. Periods are counted from midnight UTC on 1 January 2000, so those of 2, 3,
   * 4, 6, 8, 12 and 24 hours also begin at midnight of each day.
   */
  bucketHours?: number;
  /** Only of this script. */
  scriptId?: string;
}

/** The executions that began within one period. Test runs are not counted. @publicApi */
export interface StatisticsBucket {
  /** When the period begins. */
  at: Date;
  completed: number;
  failed: number;
  /** Mean milliseconds of a run. */
  meanDurationMs: number;
  /** Mean milliseconds that their events waited in the buffer. */
  meanQueueMs: number;
}

/** @publicApi */
export interface Statistics {
  /** Oldest first. Periods without executions are left out. */
  items: StatisticsBucket[];
}

/** An event with its executions and dead letters. @publicApi */
export interface EventNode {
  eventId: string;
  eventType: string;
  /** Oldest first. */
  executions: ExecutionSummary[];
  deadLetters: DeadLetterSummary[];
  /** The events that its executions published, if anything is stored of them. */
  children: EventNode[];
}

/** An execution that led to an event. @publicApi */
export interface CauseRecord extends Omit<CauseLink, 'scriptId'> {
  /** Its record; null if nothing is stored of it, for example because it has been deleted. */
  execution: ExecutionSummary | null;
}

/** @publicApi */
export interface EventHistory {
  event: EventNode;
  /**
   * The executions that led to the event, oldest first; the last one published it. Empty for an event of the host. If
   * the record of one has been deleted, the list begins with it, because earlier ones are not known.
   */
  causes: CauseRecord[];
  /**
   * True if there are more than 500 executions and dead letters, or more than 10 levels from the event up or down. The
   * rest is left out.
   */
  more: boolean;
}

/** Which tenants are listed. @publicApi */
export interface TenantQuery extends Omit<PageRequest, 'cursor'> {
  /** Only tenants whose id contains this text. */
  q?: string;
  /** `nextCursor` of the page before. */
  cursor?: string;
}

/** The state of a tenant. @publicApi */
export interface TenantActivity {
  tenantId: string;
  /** Whether a script is degraded or disabled, or a dead letter is exhausted. */
  trouble: boolean;
  /** How many of its scripts are active; `unwellScripts` are those degraded or disabled. */
  activeScripts: number;
  unwellScripts: number;
  /** Exhausted dead letters, counted up to 1,000; 1,001 means more. */
  exhausted: number;
  /** Executions that failed in the last day, counted up to 1,000; 1,001 means more. */
  failedToday: number;
}

/** @publicApi */
export interface TenantPage {
  /** Those in trouble first, then by id. */
  items: TenantActivity[];
  nextCursor: string | null;
}
