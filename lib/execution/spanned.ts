import type { Outcome } from '../sandbox/index.js';
import { NOT_TRACED, type ScriptSpan } from '../tracing/script-span.js';

/** A run in the sandbox, whose span ends with it. The kind of an error is one of the sandbox's own words. */
export const spanned = (span: ScriptSpan, running: Promise<Outcome>): Promise<Outcome> =>
  span === NOT_TRACED ? running : endedWith(span, running);

async function endedWith(span: ScriptSpan, running: Promise<Outcome>): Promise<Outcome> {
  try {
    const outcome = await running;
    const error = outcome.status === 'failed' ? outcome.error.kind : undefined;
    span.end(error, { 'scripts_event.cpu_ms': outcome.metrics.cpuMs });
    return outcome;
  } catch (error) {
    // Nothing ran: what it needs could not be read.
    span.end('unavailable');
    throw error;
  }
}
