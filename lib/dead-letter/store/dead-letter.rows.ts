import type { EventCause } from '../../common/event-cause.js';
import type { EventTrace, SpanReference } from '../../common/event-trace.js';
import type { SqlRow } from '../../common/sql.js';
import { toStorableJson, toStorableText } from '../../common/json.js';
import {
  DEAD_LETTER_STATUSES,
  type DeadLetterAttempt,
  type DeadLetterReason,
  type DeadLetterStatus,
} from '../../entities/index.js';
import { likenessOf } from '../../execution/alike.js';
import type {
  BoundedCount,
  ClaimedDeadLetter,
  DeadLetterCounts,
  DeadLetterStats,
  DeadLetterSummary,
  NewDeadLetter,
} from '../dead-letter.types.js';

/** Fields in a list. What may be large is left out: `payload`, `cause`, `attempts`. */
export const DEAD_LETTER_SUMMARY = [
  'id',
  'tenantId',
  'scriptId',
  'scriptVersion',
  'eventId',
  'eventType',
  'occurredAt',
  'actorId',
  'reason',
  'error',
  'errorKind',
  'errorLine',
  'status',
  'retryCount',
  'maxRetries',
  'nextRetryAt',
  'lockedUntil',
  'alertedAt',
  'alertCount',
  'eventCount',
  'loopRoot',
  'resolvedAt',
  'resolvedBy',
  'note',
  'createdAt',
  'updatedAt',
] as const satisfies readonly (keyof DeadLetterSummary)[];

/** The input of the insert statements. */
export const rowOf = (entry: NewDeadLetter): SqlRow => ({
  id: entry.id,
  tenant_id: entry.tenantId,
  script_id: entry.scriptId,
  script_version: entry.scriptVersion,
  event_id: entry.eventId,
  event_type: entry.eventType,
  event_data: entry.payload,
  occurred_at: entry.occurredAt,
  actor_id: entry.actorId,
  cause: JSON.stringify(entry.cause),
  trace: entry.trace ? toStorableJson(JSON.stringify(entry.trace)) : null,
  reason: entry.reason,
  error: toStorableText(entry.error),
  error_kind: entry.errorKind,
  error_line: entry.errorLine ?? null,
  error_alike: entry.errorKind === null ? null : likenessOf(entry.error),
  status: entry.status,
  max_retries: entry.maxRetries,
  attempts: toStorableJson(JSON.stringify(entry.attempts)),
  note: entry.note,
  delay_ms: entry.retryDelayMs,
  event_count: entry.eventCount ?? 1,
  loop_root: loopRootOf(entry),
  other_script_ids: entry.otherScriptIds ?? null,
});

/** Identifies the dead letter of a loop; null for other reasons. */
const loopRootOf = ({ reason, cause }: NewDeadLetter): string | null =>
  reason === 'loop' ? toStorableText(cause.rootEventId) : null;

/**
 * Splits dead letters into rounds with at most one for each loop and script. A statement can't write to a row twice.
 * Adding up the entries first would leave them only one id, so that a repeated write of another one would not be
 * recognised.
 */
export function loopRounds(entries: readonly NewDeadLetter[]): NewDeadLetter[][] {
  const rounds: NewDeadLetter[][] = [];
  const seen = new Map<string, number>();
  for (const entry of entries) {
    const key = JSON.stringify([entry.tenantId, entry.scriptId, loopRootOf(entry)]);
    const at = seen.get(key) ?? 0;
    seen.set(key, at + 1);
    (rounds[at] ??= []).push(entry);
  }
  return rounds;
}

/** A row of the claim statement. */
export interface ClaimRow {
  id: string;
  tenant_id: string;
  script_id: string;
  event_id: string;
  event_type: string;
  payload: string;
  occurred_at: string;
  actor_id: string | null;
  cause: EventCause;
  trace: EventTrace | null;
  reason: DeadLetterReason;
  retry_count: number;
  max_retries: number;
  attempts: DeadLetterAttempt[];
  fence: string;
}

export function claimedOf(row: ClaimRow, token: string): ClaimedDeadLetter {
  const request = row.attempts.findLast((item) => item.trigger !== 'alert' && item.kind !== 'lost');
  const replayed = request?.kind === 'requested';
  return {
    id: row.id,
    token,
    fencingToken: Number(row.fence),
    tenantId: row.tenant_id,
    scriptId: row.script_id,
    eventId: row.event_id,
    eventType: row.event_type,
    payload: row.payload,
    occurredAt: new Date(row.occurred_at).toISOString(),
    actorId: row.actor_id,
    cause: row.cause,
    trace: row.trace,
    reason: row.reason,
    retryCount: row.retry_count,
    maxRetries: row.max_retries,
    attempts: row.attempts,
    // Any other reason means that the queued event has not run yet.
    attempt: row.retry_count + (row.reason === 'failed' ? 2 : 1),
    trigger: replayed ? 'replay' : 'retry',
    requestedBy: replayed ? (request.by ?? null) : null,
    before: spanBefore(row.attempts),
  };
}

function spanBefore(attempts: readonly DeadLetterAttempt[]): SpanReference | undefined {
  const { traceId, spanId } = attempts.findLast((item) => item.spanId !== undefined) ?? {};
  return traceId !== undefined && spanId !== undefined ? { traceId, spanId } : undefined;
}

/** One group of the statistics. */
export interface StatsRow {
  status: DeadLetterStatus;
  /** null for closed ones, as `oldest` is. */
  reason: DeadLetterReason | null;
  count: number;
  oldest: string | null;
  next: string | null;
  due: number;
}

export function statsOf(rows: readonly StatsRow[]): DeadLetterStats {
  const byStatus = Object.fromEntries(DEAD_LETTER_STATUSES.map((status) => [status, 0])) as Record<
    DeadLetterStatus,
    number
  >;
  const stats: DeadLetterStats = {
    byStatus,
    openByReason: {},
    due: 0,
    nextRetryAt: null,
    oldestOpenAt: null,
  };
  for (const row of rows) {
    byStatus[row.status] += row.count;
    stats.due += row.due;
    if (row.reason === null || row.oldest === null) continue;
    stats.openByReason[row.reason] = (stats.openByReason[row.reason] ?? 0) + row.count;
    stats.oldestOpenAt = earlier(stats.oldestOpenAt, new Date(row.oldest));
    if (row.status === 'pending' && row.next !== null)
      stats.nextRetryAt = earlier(stats.nextRetryAt, new Date(row.next));
  }
  return stats;
}

/** The result of a counting statement. */
export const countOf = (rows: readonly object[]): number =>
  (rows[0] as { count: number } | undefined)?.count ?? 0;

/** A row of `boundedCounts`. */
export interface CountsRow {
  pending: number;
  retrying: number;
  exhausted: number;
  held: number;
  oldest: string | null;
}

export function countsOf(row: CountsRow | undefined, most: number): DeadLetterCounts {
  const upTo = (count = 0): BoundedCount => ({ count: Math.min(count, most), more: count > most });
  return {
    pending: upTo(row?.pending),
    retrying: upTo(row?.retrying),
    exhausted: upTo(row?.exhausted),
    held: upTo(row?.held),
    oldestOpenAt: row?.oldest ? new Date(row.oldest) : null,
  };
}

const earlier = (one: Date | null, other: Date): Date => (one === null || other < one ? other : one);
