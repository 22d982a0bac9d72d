import type { PageRequest } from '../common/page.js';
import type { DeadLetterSummary } from '../dead-letter/dead-letter.types.js';
import type { ExecutionSummary } from '../execution/execution.repository.js';

/** Which failures are grouped. @publicApi */
export interface FailureQuery {
  /** Executions that began at this moment or later; default a day ago, at most 7 days ago. */
  from?: Date;
  /** Only of this script. */
  scriptId?: string;
}

/** Failures that look alike: of one script, of one kind, on one line, with one message. @publicApi */
export interface FailureGroup {
  scriptId: string;
  kind: string;
  /** Line in the author's source; null when there is none. */
  line: number | null;
  /** The message with `#` for numbers, hexadecimal ones and UUIDs among them; at most 300 characters. */
  message: string;
  count: number;
  firstAt: Date;
  lastAt: Date;
  /** The oldest and the newest version that failed so. */
  firstVersion: number;
  lastVersion: number;
  /** The newest of these executions. */
  executionId: string;
}

/** @publicApi */
export interface FailureGroups {
  /** The largest first, at most 200. */
  items: FailureGroup[];
  /** True when there are more failures, or more groups, than were looked at: the newest 5,000 failures. */
  more: boolean;
}

/** What executions are counted, and how finely. @publicApi */
export interface StatisticsQuery {
  /** Executions that began in the hour of this moment or later; default a day ago, at most 7 days ago. */
  from?: Date;
  /** Hours of a bucket: 1 to 24, default 1. Buckets of more hours begin at midnight UTC, or a multiple of the hours after. */
  bucketHours?: number;
  /** Only of this script. */
  scriptId?: string;
}

/** Executions that began within one bucket; test runs are not counted. @publicApi */
export interface StatisticsBucket {
  /** Where it begins. */
  at: Date;
  completed: number;
  failed: number;
  /** Mean milliseconds of a run. */
  meanDurationMs: number;
  /** Mean milliseconds that events waited. */
  meanQueueMs: number;
}

/** @publicApi */
export interface Statistics {
  /** Oldest first; a bucket without executions is left out. */
  items: StatisticsBucket[];
}

/** One event with what came of it. @publicApi */
export interface EventNode {
  eventId: string;
  eventType: string;
  /** Oldest first. */
  executions: ExecutionSummary[];
  deadLetters: DeadLetterSummary[];
  /** Events that its executions published and that something came of. */
  children: EventNode[];
}

/** @publicApi */
export interface EventHistory {
  event: EventNode;
  /** True when there is more than 500 executions and dead letters, or 10 levels: the rest is left out. */
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
  /** Scripts by what they do now. */
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
