import { createHash } from 'node:crypto';
import type { QueuedEvent } from '../buffer/queued-event.js';
import type { Clock } from '../common/clock.js';
import type { EventEnvelope } from '../common/event-envelope.js';
import type { RouteResult } from '../events/event-router.js';
import { queuedCauses } from '../events/loop-guard.js';
import type { FilterInquiry } from '../filters/index.js';
import type { MetricsRecorder } from '../metrics/metrics.recorder.js';
import type { IndexedScript, ScriptIndex } from '../scripts/script-index.js';

/** Whom an event concerns. */
export interface EventMatch {
  /** Active and disabled scripts of the tenant that listen to the type. */
  readonly listening: number;
  /** Of these, the ones whose filter said no. */
  readonly filtered: number;
  /**
   * One queued event for each of these scripts whose filter matches, and one, marked, for all whose filters are undecided.
   * A script that asks for order and blocks has one of its own: nothing may pass it in its order.
   */
  readonly queued: readonly QueuedEvent[];
  /** The scripts whose filters took too many steps. */
  readonly undecided: readonly IndexedScript[];
}

/** Longest key that is stored as it is; a longer one is stored as its digest. */
const MAX_KEY = 200;

/**
 * An event while the filters of its scripts are asked, a part at a time. The scripts are those that listened when it
 * began; the queued events are made when all have been asked, since the loop guard's budget is dealt out over them.
 */
export class EventMatching {
  private payload: unknown;
  private readonly inquiry: FilterInquiry<IndexedScript> | undefined;
  /** Filters and keys of an order are what reads the payload. Without them it stays text. */
  private readonly readsPayload: boolean;
  private readonly digests = new Map<string, string>();

  constructor(
    readonly event: EventEnvelope,
    index: ScriptIndex,
    private readonly metrics: MetricsRecorder,
    private readonly clock: Clock,
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
   * Asks filters until about so many steps are taken; true when all have been asked.
   *
   * @param strictly nothing is begun that may take more
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

  /** Whom it concerns. What has not been asked yet is undecided. */
  end(): EventMatch {
    const { inquiry, event } = this;
    if (!inquiry) return { listening: 0, filtered: 0, queued: [], undecided: [] };
    inquiry.giveUp();
    const { matched, undecided, size } = inquiry;
    const filtered = size - matched.length - undecided.length;
    if (filtered > 0) this.metrics.eventFiltered(event.type, filtered);
    if (matched.length > 0) this.metrics.eventMatched(event.type, matched.length);
    if (undecided.length > 0) this.metrics.eventUndecided(event.type, undecided.length);
    return { listening: size, filtered, queued: this.queuedEvents(matched, undecided), undecided };
  }

  /** Reading JSON takes some 20 nanoseconds a character where it is made of small parts. */
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

  /** An event without a key is in no order: whoever waits for it would wait for what nobody has asked for. */
  private orderingOf({ ordering }: IndexedScript): QueuedEvent['ordering'] {
    const key = ordering?.keyOf(this.payload);
    if (!ordering || key === undefined) return undefined;
    const stored = key.length <= MAX_KEY ? key : this.digestOf(key);
    return { key: stored, onFailure: ordering.onFailure };
  }

  /** Made once for all scripts that are ordered by the same text. */
  private digestOf(key: string): string {
    let digest = this.digests.get(key);
    if (digest === undefined) {
      digest = `sha256:${createHash('sha256').update(key).digest('hex')}`;
      this.digests.set(key, digest);
    }
    return digest;
  }
}

/** One for all that hold up no order. The budget was dealt out before: each script has its share on a replay. */
function together(undecided: readonly QueuedEvent[]): QueuedEvent[] {
  const blocking = undecided.filter(({ ordering }) => ordering?.onFailure === 'block');
  const rest = undecided.filter((event) => !blocking.includes(event));
  // The last has the smallest share.
  const last = rest.at(-1);
  if (!last || rest.length === 1) return [...undecided];
  const [scriptId, ...otherScriptIds] = rest.map((event) => event.scriptId);
  const { ordering: _ordering, ...first } = last;
  return [...blocking, { ...first, scriptId: scriptId as string, otherScriptIds }];
}

/** Of an event that nobody listens to. */
export const NOBODY: EventMatch = Object.freeze({ listening: 0, filtered: 0, queued: [], undecided: [] });

/** What is known of an event whose filters have been asked. */
export const routeResult = ({ listening, filtered }: EventMatch = NOBODY): RouteResult => ({
  scripts: listening,
  filtered,
  queued: 0,
  kept: 0,
  dropped: 0,
  deferred: false,
});
