/**
 * A place in a trace, as W3C Trace Context writes it (https://www.w3.org/TR/trace-context/): plain data, so that it can
 * be stored with a queued event.
 *
 * @publicApi
 */
export interface EventTrace {
  /** `00-<trace id>-<span id>-<flags>` in lower-case hexadecimal digits. */
  readonly traceparent: string;
  /** Data that tracing systems add. */
  readonly tracestate?: string;
}

/** Names a span that was recorded. @publicApi */
export interface SpanReference {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
}

/** The span at this place, if it was recorded. The last bit of the flags says so. */
export function recordedSpan({ traceparent }: EventTrace): SpanReference | undefined {
  if (Number.parseInt(traceparent.slice(53, 55), 16) % 2 !== 1) return undefined;
  return { traceId: traceparent.slice(3, 35), spanId: traceparent.slice(36, 52) };
}

/** The place of a recorded span. */
export const traceOf = ({ traceId, spanId }: SpanReference): EventTrace => ({
  traceparent: `00-${traceId}-${spanId}-01`,
});
