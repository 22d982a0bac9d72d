import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import type { EventEnvelope } from '../common/event-envelope.js';
import { MetricsRecorder } from '../metrics/metrics.recorder.js';
import { ScriptIndex } from '../scripts/script-index.js';
import { ScriptSpans } from '../tracing/script-spans.js';
import { EventMatching } from './event-matching.js';

/** Finds the scripts of an event in memory. */
@Injectable()
export class EventMatcher {
  constructor(
    private readonly index: ScriptIndex,
    private readonly metrics: MetricsRecorder,
    private readonly clock: Clock,
    private readonly spans: ScriptSpans,
  ) {}

  /** Whether a script runs. A disabled script only listens, and its events are kept. */
  runs(scriptId: string): boolean {
    return this.index.get(scriptId) !== undefined;
  }

  /** Starts to find the scripts that match an event, among the scripts as they are now. Undefined if none listens. */
  begin(event: EventEnvelope): EventMatching | undefined {
    return this.index.has(event.type, event.tenantId)
      ? new EventMatching(event, this.index, this.metrics, this.clock, this.spans)
      : undefined;
  }
}
