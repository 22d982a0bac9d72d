import type { KeptEvent } from '../common/event-envelope.js';
import type { SpanReference } from '../common/event-trace.js';
import type { EventTypeName } from '../common/event-payloads.js';
import type {
  DeadLetterAttempt,
  DeadLetterEntity,
  DeadLetterReason,
  DeadLetterStatus,
} from '../entities/index.js';

/** A stored dead letter. @publicApi */
export type DeadLetterEntry = Readonly<DeadLetterEntity>;

/** A dead letter in a list, without its payload and history. @publicApi */
export type DeadLetterSummary = Omit<
  DeadLetterEntry,
  'payload' | 'cause' | 'trace' | 'attempts' | 'otherScriptIds' | 'lockedBy' | 'errorAlike'
>;

/** A dead letter before it is stored. */
export interface NewDeadLetter extends KeptEvent {
  /** UUID version 7, made by the application. */
  id: string;
  scriptId: string;
  /** The version that failed; `null` when nothing ran. */
  scriptVersion: number | null;
  reason: DeadLetterReason;
  error: string;
  errorKind: string | null;
  /** Line of the error in the author's source, if known. */
  errorLine?: number;
  status: 'pending' | 'exhausted' | 'discarded';
  maxRetries: number;
  /** Milliseconds from the moment it is stored to its first retry; used only if its status is `pending`. */
  retryDelayMs: number;
  attempts: DeadLetterAttempt[];
  /** Why it was discarded immediately. */
  note: string | null;
  /** How many queued events it stands for; more than 1 only with the reasons `loop` and `undecided`. Default 1. */
  eventCount?: number;
  /** Further scripts that it stands for, with the reason `undecided`. `eventCount` includes them. */
  otherScriptIds?: readonly string[];
}

/** A dead letter that a retry worker has claimed, until its lease ends. */
export interface ClaimedDeadLetter extends Readonly<KeptEvent> {
  readonly id: string;
  /** Token of the claim: only the holder of the current one can write to the dead letter. */
  readonly token: string;
  /** Fencing token for what bindings write elsewhere: a later claim of the dead letter has a greater one. */
  readonly fencingToken: number;
  readonly scriptId: string;
  readonly reason: DeadLetterReason;
  readonly retryCount: number;
  readonly maxRetries: number;
  readonly attempts: readonly DeadLetterAttempt[];
  /** Number of the next execution: 1 if the queued event has never run, 2 for the first retry. */
  readonly attempt: number;
  /** `replay` when a person asked for this attempt. */
  readonly trigger: 'retry' | 'replay';
  /** Who asked for it. */
  readonly requestedBy: string | null;
  /** The span of the attempt before, if it was recorded. */
  readonly before: SpanReference | undefined;
}

/** What a retry writes to the dead letter. */
export type RetryMark = {
  /** 1 when this was a retry, 0 when the queued event ran for the first time. */
  countedRetries: 0 | 1;
  attempt: Omit<DeadLetterAttempt, 'at'>;
  /** Line of the attempt's error in the author's source, if known. */
  errorLine?: number;
} & ({ status: 'resolved' } | { status: 'exhausted' } | { status: 'pending'; delayMs: number });

/** Conditions on dead letters; all given ones must hold. @publicApi */
export interface DeadLetterFilter {
  /** Also finds dead letters that stand for several scripts, if this is one of them. */
  scriptId?: string;
  status?: DeadLetterStatus | readonly DeadLetterStatus[];
  reason?: DeadLetterReason;
  errorKind?: string;
  /**
   * Failed like this execution: same script, kind and line, and the same message apart from numbers. The id of a failed
   * execution, such as `executionId` of a {@link FailureGroup}. If the tenant has no such execution, or no longer,
   * nothing matches.
   */
  failedLike?: string;
  eventType?: EventTypeName;
  eventId?: string;
  /** Created at this moment or later. */
  from?: Date;
  /** Created before this moment. */
  to?: Date;
}

/** Which dead letters to change: one, or the oldest `limit` that match. */
export type DeadLetterSelector = { id: string } | { filter: DeadLetterFilter; limit: number };

/** A number that is counted up to a limit. @publicApi */
export interface BoundedCount {
  count: number;
  /** Whether there are more than `count`. */
  more: boolean;
}

/** Counts of a tenant's open dead letters, each up to a limit. @publicApi */
export interface DeadLetterCounts {
  pending: BoundedCount;
  retrying: BoundedCount;
  exhausted: BoundedCount;
  /** How many of the newest 10,000 pending ones are kept for disabled and degraded scripts. */
  held: BoundedCount;
  /** When the oldest open one was created. */
  oldestOpenAt: Date | null;
}

/** Counts of a tenant's dead letters. @publicApi */
export interface DeadLetterStats {
  /** Resolved and discarded ones up to 10,000 each. */
  byStatus: Record<DeadLetterStatus, number>;
  /** Open ones (pending, retrying, exhausted) by reason. */
  openByReason: Partial<Record<DeadLetterReason, number>>;
  /** Pending ones that are due: they wait for a worker, or until their script is active again. */
  due: number;
  /** When the next pending one is due; in the past if one is due now. */
  nextRetryAt: Date | null;
  /** When the oldest open one was created. */
  oldestOpenAt: Date | null;
}

/** An exhausted dead letter that an alert dispatcher has claimed. */
export interface ClaimedAlert {
  readonly token: string;
  readonly deadLetter: DeadLetterEntry;
  /** `null` when the script is gone. */
  readonly scriptName: string | null;
}

/** What happened to an alert: it is done, or any dispatcher may send it after the delay. */
export type AlertOutcome = { done: true } | { done: false; delayMs: number };
