import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrintableLogger } from '../common/printable-logger.js';
import { Clock } from '../common/clock.js';
import { messageOf } from '../common/errors.js';
import { lineAbout, type LogSubject } from '../common/log-line.js';
import { ThrottledLog } from '../common/throttled-log.js';
import { type DropReason, MetricsRecorder } from '../metrics/metrics.recorder.js';
import { TenantNews } from '../nodes/tenant-news.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import { ScriptSpans } from '../tracing/script-spans.js';
import type { EventEnvelope } from '../common/event-envelope.js';
import { EventRouter, type RouteResult } from './event-router.js';
import { EventReader, type OpenedEvent } from './event-reader.js';
import { EventRegistry } from './event-registry.js';
import { EventRefusedError } from './events.errors.js';
import { ScriptPresence } from './script-presence.js';

/** The result for an emitted object. */
export type CaptureResult =
  | { outcome: 'routed'; event: EventEnvelope; routed: RouteResult }
  /** No active script of the tenant listens to the type. */
  | { outcome: 'unheard' }
  /** Its mapper returned `undefined`, so no script sees it. */
  | { outcome: 'skipped' }
  | { outcome: 'refused'; error: EventRefusedError }
  /** A fault of this package, logged and counted. */
  | { outcome: 'failed' };

const UNHEARD: CaptureResult = Object.freeze({ outcome: 'unheard' });
const SKIPPED: CaptureResult = Object.freeze({ outcome: 'skipped' });
const FAILED: CaptureResult = Object.freeze({ outcome: 'failed' });

/** Captures the host's events: reads them, finds their tenant, and hands them to the router. */
@Injectable()
export class EventCapture implements OnApplicationShutdown {
  private readonly log: ThrottledLog;
  private readonly reader: EventReader;

  constructor(
    registry: EventRegistry,
    @Inject(RESOLVED_OPTIONS) options: ResolvedOptions,
    clock: Clock,
    private readonly presence: ScriptPresence,
    private readonly router: EventRouter,
    private readonly metrics: MetricsRecorder,
    private readonly news: TenantNews,
    spans: ScriptSpans,
  ) {
    this.reader = new EventReader(registry, options.events, clock, spans);
    this.log = new ThrottledLog(new PrintableLogger(EventCapture.name), clock);
  }

  /**
   * Captures one emitted object. Runs inside the host's `emit()`, so it is synchronous, does no I/O and never throws.
   * An event that no script of its tenant listens to costs a few look-ups in memory; its payload isn't read.
   */
  capture(type: string, emitted: unknown): CaptureResult {
    let opened: OpenedEvent | null = null;
    try {
      this.metrics.eventReceived(type);
      opened = this.reader.open(type, emitted);
      if (opened === null) return SKIPPED;
      this.news.seen(opened.tenantId, type);
      if (!this.presence.has(type, opened.tenantId)) return UNHEARD;
      const event = this.reader.finish(opened);
      return { outcome: 'routed', event, routed: this.router.route(event) };
    } catch (error) {
      return this.refuse(type, error, { tenantId: opened?.tenantId });
    }
  }

  onApplicationShutdown(): void {
    this.log.tell();
    this.reader.tell();
  }

  private refuse(type: string, error: unknown, about: LogSubject): CaptureResult {
    try {
      if (error instanceof EventRefusedError) {
        this.metrics.eventDropped(dropReasonOf(error), 1);
        this.log.warn(
          `${type} ${error.reason}`,
          lineAbout(about, () => error.message),
        );
        return { outcome: 'refused', error };
      }
      this.metrics.eventDropped('internal', 1);
      this.log.warn(
        `${type} internal`,
        lineAbout(about, () => `Event ${type} was not captured: ${messageOf(error)}`),
      );
    } catch {
      // An error of the host's logger or recorder must not reach the code that emits.
    }
    return FAILED;
  }
}

/** The label under which a refused event is counted. */
export function dropReasonOf({ reason }: EventRefusedError): DropReason {
  if (reason === 'no-tenant') return 'no_tenant';
  return reason === 'too-large' ? 'too_large' : 'invalid';
}
