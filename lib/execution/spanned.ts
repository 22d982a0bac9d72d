import type { Outcome } from '../sandbox/index.js';
import { NOT_TRACED, type ScriptSpan } from '../tracing/script-span.js';

/**
 * Ends the span when the run in the sandbox ends. It may show the kind of an error, because the sandbox chooses it, not
 * the script.
 */
export const spanned = <Ended>(
  span: ScriptSpan,
  running: Promise<Ended>,
  outcomeOf: (ended: Ended) => Outcome,
): Promise<Ended> => (span === NOT_TRACED ? running : endedWith(span, running, outcomeOf));

async function endedWith<Ended>(
  span: ScriptSpan,
  running: Promise<Ended>,
  outcomeOf: (ended: Ended) => Outcome,
): Promise<Ended> {
  try {
    const ended = await running;
    const outcome = outcomeOf(ended);
    const error = outcome.status === 'failed' ? outcome.error.kind : undefined;
    span.end(error, { 'scripts_event.cpu_ms': outcome.metrics.cpuMs });
    return ended;
  } catch (error) {
    // Nothing ran, because the script's source or values could not be read.
    span.end('unavailable');
    throw error;
  }
}
