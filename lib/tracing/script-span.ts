import { messageOf } from '../common/errors.js';
import { type EventTrace, recordedSpan, type SpanReference } from '../common/event-trace.js';
import type { ThrottledLog } from '../common/throttled-log.js';
import type { SpanAttributes, SpanStart, Tracing, TracingSpan } from './tracing.js';

const NOTHING: SpanAttributes = Object.freeze({});
const NO_LINKS: readonly EventTrace[] = Object.freeze([]);

/**
 * A span of one execution, of a binding call in it, or of a request in that call. Its methods never throw, whatever the
 * tracing of the host does.
 */
export class ScriptSpan {
  constructor(
    private readonly tracing: GuardedTracing | undefined,
    private readonly span: TracingSpan | undefined,
    /** The place of the span in its trace. Undefined if nothing is traced. */
    readonly trace: EventTrace | undefined,
  ) {}

  /** The ids of the span, if it was recorded. */
  get reference(): SpanReference | undefined {
    return this.trace && recordedSpan(this.trace);
  }

  /**
   * Begins the span of a binding call. The span may show the binding's name, because only the host declares bindings.
   */
  call(binding: string): ScriptSpan {
    if (!this.tracing) return this;
    return this.tracing.begin({ name: `call ${binding}`, kind: 'internal', parent: this.trace });
  }

  /**
   * Begins the span of a request.
   *
   * @param server the entry of `http.allowedHosts`, because the server's own name may be a tenant's text
   * @param redirects number of redirects before this request
   */
  request(method: string, server: { address: string; port: number }, redirects: number): ScriptSpan {
    if (!this.tracing) return this;
    const attributes = {
      'http.request.method': method,
      'server.address': server.address,
      'server.port': server.port,
      ...(redirects > 0 && { 'http.request.resend_count': redirects }),
    };
    return this.tracing.begin({ name: method, kind: 'client', attributes, parent: this.trace });
  }

  /** Calls `fn` with this span active and returns its result. */
  within<T>(fn: () => T): T {
    return this.tracing && this.span ? this.tracing.within(this.span, fn) : fn();
  }

  /** Ends the span. @param error one of a few words for what failed; left out if nothing failed */
  end(error?: string, attributes: SpanAttributes = NOTHING): void {
    if (this.tracing && this.span) this.tracing.end(this.span, attributes, error);
  }
}

/** Used in place of a span if nothing is traced. */
export const NOT_TRACED = new ScriptSpan(undefined, undefined, undefined);

/** Wraps the host's tracing: its errors are logged and never reach an event or a script. */
export class GuardedTracing {
  constructor(
    private readonly tracing: Tracing,
    private readonly log: ThrottledLog,
  ) {}

  active(): EventTrace | undefined {
    try {
      return plain(this.tracing.active());
    } catch (error) {
      return this.failed(error);
    }
  }

  begin({
    name,
    kind,
    parent,
    links = NO_LINKS,
    attributes = NOTHING,
  }: Pick<SpanStart, 'name' | 'kind' | 'parent'> & Partial<SpanStart>): ScriptSpan {
    try {
      const span = this.tracing.start({ name, kind, parent, links, attributes });
      return new ScriptSpan(this, span, plain(span.trace));
    } catch (error) {
      this.failed(error);
      return NOT_TRACED;
    }
  }

  /** Calls `fn` exactly once, whatever the tracing does. */
  within<T>(span: TracingSpan, fn: () => T): T {
    const ended: ({ result: T } | { error: unknown })[] = [];
    const once = (): void => {
      if (ended.length > 0) return;
      try {
        ended.push({ result: fn() });
      } catch (error) {
        ended.push({ error });
      }
    };
    try {
      span.within(once);
    } catch (error) {
      this.failed(error);
    }
    once();
    const [end] = ended as [(typeof ended)[number]];
    if ('error' in end) throw end.error;
    return end.result;
  }

  end(span: TracingSpan, attributes: SpanAttributes, error: string | undefined): void {
    try {
      span.end(attributes, error);
    } catch (thrown) {
      this.failed(thrown);
    }
  }

  private failed(error: unknown): undefined {
    this.log.warn('tracing', `Tracing failed; events continue without it: ${messageOf(error)}`);
  }
}

// W3C Trace Context, sections 3.2 and 3.3: later versions may extend traceparent; at least 512 characters of
// tracestate must be passed on.
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?:-.{0,100})?$/;
const TRACESTATE = /^[ -~]{1,512}$/;

/** Keeps only the two known fields, if they are well-formed, because they go into rows and headers. */
function plain(trace: EventTrace | undefined): EventTrace | undefined {
  if (!trace) return undefined;
  const { traceparent, tracestate } = trace;
  if (!TRACEPARENT.test(traceparent)) return undefined;
  return tracestate && TRACESTATE.test(tracestate) ? { traceparent, tracestate } : { traceparent };
}
