import type { QueuedEvent } from '../buffer/queued-event.js';
import type { Clock } from '../common/clock.js';
import { orderKey } from '../common/order-key.js';
import type { EventEnvelope } from '../common/event-envelope.js';
import type { RouteResult } from '../events/event-router.js';
import { queuedCauses } from '../events/loop-guard.js';
import type { FilterInquiry } from '../filters/index.js';
import type { MetricsRecorder } from '../metrics/metrics.recorder.js';
import type { IndexedScript, ScriptIndex } from '../scripts/script-index.js';
import type { ScriptSpans } from '../tracing/script-spans.js';

/** The scripts that match an event. */
export interface EventMatch {
  /** Active and disabled scripts of the tenant that listen to the type. */
  readonly listening: number;
  /** How many of them have a filter that doesn't match. */
  readonly filtered: number;
  /**
   * One queued event for each script whose filter matches, and a marked one for all scripts whose filters are
   * undecided. A script whose ordering has `onFailure: 'block'` gets an undecided event of its own, so that no later
   * event overtakes it.
   */
  readonly queued: readonly QueuedEvent[];
  /** Scripts whose filters took too many steps. */
  readonly undecided: readonly IndexedScript[];
}

/**
 * Evaluates the filters for one event, a part at a time. It uses the scripts that listened when it began. The queued
 * events are made at the end, because the loop guard's budget is split between them.
 */
export class EventMatching {
  private payload: unknown;
  private readonly inquiry: FilterInquiry<IndexedScript> | undefined;
  /** Whether the payload must be parsed, for filters or ordering keys. Otherwise it stays text. */
  private readonly readsPayload: boolean;
  /** Made for the first ordered script, because most events have none. */
  private orderKeys: Map<string, string> | undefined;

  constructor(
    readonly event: EventEnvelope,
    index: ScriptIndex,
    private readonly metrics: MetricsRecorder,
    private readonly clock: Clock,
    private readonly spans: ScriptSpans,
  ) {
    this.inquiry = index.ask(event.type, event.tenantId, () => this.payload);
    this.readsPayload = index.keepsOrder || (this.inquiry?.looksAtData ?? false);
  }

  /** Active and disabled scripts of the tenant that listen to the type. */
  get listening(): number {
    return this.inquiry?.size ?? 0;
  }

  /** Steps taken so far, as filters count them. */
  get steps(): number {
    return (this.inquiry?.stepsTaken ?? 0) + (this.payload === undefined ? 0 : this.parsingSteps);
  }

  /**
   * Evaluates filters until about this many steps are taken. Returns true when all have been evaluated.
   *
   * @param strictly starts no filter that may take more
   */
  advance(steps: number, strictly = false): boolean {
    let left = steps;
    if (this.payload === undefined && this.readsPayload) {
      left -= this.parsingSteps;
      if (strictly && left <= 0) return false;
      this.payload = JSON.parse(this.event.payload);
    }
    return this.inquiry?.advance(Math.max(1, left), strictly) ?? true;
  }

  /** The scripts that match. Filters that have not been evaluated count as undecided. */
  end(): EventMatch {
    const { inquiry, event } = this;
    if (!inquiry) return { listening: 0, filtered: 0, queued: [], undecided: [] };
    inquiry.giveUp();
    const { matched, undecided, size } = inquiry;
    const filtered = size - matched.length - undecided.length;
    if (filtered > 0) this.metrics.eventFiltered(event.type, filtered);
    if (matched.length > 0) this.metrics.eventMatched(event.type, matched.length);
    if (undecided.length > 0) this.metrics.eventUndecided(event.type, undecided.length);
    const queued = this.queuedEvents(matched, undecided);
    this.spans.publish(queued, event.trace);
    return { listening: size, filtered, queued, undecided };
  }

  /** Parsing JSON takes some 20 nanoseconds a character if it has many small parts. */
  private get parsingSteps(): number {
    return this.event.payload.length >>> 2;
  }

  private queuedEvents(
    matched: readonly IndexedScript[],
    undecided: readonly IndexedScript[],
  ): QueuedEvent[] {
    const { event } = this;
    const { id, type, tenantId, payload, occurredAt, actor } = event;
    const causes = queuedCauses(event.cause, matched.length + undecided.length);
    const enqueuedAt = this.clock.now();
    const queued = (script: IndexedScript, at: number): QueuedEvent => {
      const cause = causes[at] ?? event.cause;
      const scriptId = script.id;
      const base = {
        id,
        type,
        tenantId,
        payload,
        occurredAt,
        actor,
        cause,
        scriptId,
        attempt: 1,
        enqueuedAt,
      };
      const ordering = this.orderingOf(script);
      return ordering ? { ...base, ordering } : base;
    };
    const decided = matched.map(queued);
    if (undecided.length === 0) return decided;
    const open = undecided.map((script, at): QueuedEvent => ({
      ...queued(script, matched.length + at),
      undecided: true,
    }));
    return [...decided, ...together(open)];
  }

  /** An event without the ordering key is in no order. */
  private orderingOf({ ordering }: IndexedScript): QueuedEvent['ordering'] {
    const key = ordering?.keyOf(this.payload);
    if (!ordering || key === undefined) return undefined;
    return { key: this.orderKeyOf(key), onFailure: ordering.onFailure };
  }

  /** Computed once for all scripts that are ordered by the same text. */
  private orderKeyOf(key: string): string {
    const keys = (this.orderKeys ??= new Map());
    let stored = keys.get(key);
    if (stored === undefined) keys.set(key, (stored = orderKey(key)));
    return stored;
  }
}

/**
 * Joins the undecided events that block no order into one. The budget has been split before, so each script has its
 * share at a replay.
 */
function together(undecided: readonly QueuedEvent[]): QueuedEvent[] {
  const blocking = undecided.filter(({ ordering }) => ordering?.onFailure === 'block');
  const rest = undecided.filter((event) => !blocking.includes(event));
  // The last one has the smallest share of the budget, so no script gets more than its own.
  const last = rest.at(-1);
  if (!last || rest.length === 1) return [...undecided];
  const [scriptId, ...otherScriptIds] = rest.map((event) => event.scriptId);
  const { ordering: _ordering, ...first } = last;
  return [...blocking, { ...first, scriptId: scriptId as string, otherScriptIds }];
}

/** The result for an event that nobody listens to. */
export const NOBODY: EventMatch = Object.freeze({ listening: 0, filtered: 0, queued: [], undecided: [] });

/** The result for the router after all filters have been evaluated. */
export const routeResult = ({ listening, filtered }: EventMatch = NOBODY): RouteResult => ({
  scripts: listening,
  filtered,
  queued: 0,
  kept: 0,
  dropped: 0,
  deferred: false,
});
