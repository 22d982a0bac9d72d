import { toStorableJson, toStorableText } from '../common/json.js';
import type { JsonValue } from '../common/json.js';
import { isDeeperThan, isLargerThan } from './bounded-text.js';
import type { FailedOutcome, LogLine, Outcome, PublishedEvent, RunError, RunMetrics } from './outcome.js';
import type { PreparedRun } from './prepared-run.js';
import type { ChildError, DoneMessage } from './protocol.js';

/** A failed outcome; its text is made storable here, wherever it came from. */
export function failed(error: RunError, logs: LogLine[], metrics: RunMetrics): FailedOutcome {
  const { name, stack } = error;
  const safe: RunError = { ...error, message: toStorableText(error.message) };
  if (name !== undefined) safe.name = toStorableText(name);
  if (stack !== undefined) safe.stack = toStorableText(stack);
  return { status: 'failed', error: safe, logs, published: [], metrics };
}

/**
 * The outcome of a run that its process reported. A process that a script took over could report anything, so every
 * bound and rule is checked again here: the parent's word counts.
 */
export function readOutcome(
  run: PreparedRun,
  done: DoneMessage,
  texts: readonly string[],
  logs: LogLine[],
  metrics: RunMetrics,
): Outcome {
  if (done.error) return failed(boundedError(done.error, run), logs, metrics);
  const resultText = toStorableJson(texts[0] ?? 'null');
  const refusal = resultProblem(resultText, run);
  if (refusal) return failed({ kind: 'rejected', message: refusal }, logs, metrics);
  const published = readPublished(texts[1] ?? '[]', run);
  if (typeof published === 'string') return failed({ kind: 'rejected', message: published }, logs, metrics);
  return {
    status: 'completed',
    result: JSON.parse(resultText) as JsonValue,
    resultText,
    logs,
    published,
    metrics,
  };
}

function resultProblem(text: string, { limits }: PreparedRun): string | undefined {
  if (isLargerThan(text, limits.resultBytes))
    return `The result is larger than resultBytes = ${limits.resultBytes}`;
  if (isDeeperThan(text, limits.depth)) return `The result nests deeper than depth = ${limits.depth}`;
  return undefined;
}

/** The published events, or why they are refused. */
function readPublished(text: string, { limits, reservedEventTypes }: PreparedRun): PublishedEvent[] | string {
  if (text === '[]') return [];
  if (isLargerThan(text, limits.publishes * (limits.publishBytes + 256))) return 'The run published too much';
  // The list and the event around a payload are two levels.
  if (isDeeperThan(text, limits.depth + 2)) return `A payload nests deeper than depth = ${limits.depth}`;
  const events = JSON.parse(toStorableJson(text)) as PublishedEvent[];
  if (events.length > limits.publishes)
    return `The run published more than publishes = ${limits.publishes} events`;
  const whole = !isLargerThan(text, limits.publishBytes);
  for (const { type, payload } of events) {
    if (isReservedEventType(type, reservedEventTypes)) return `Event type "${type}" belongs to the host`;
    if (!whole && isLargerThan(JSON.stringify(payload), limits.publishBytes)) {
      return `The payload of "${type}" is larger than publishBytes = ${limits.publishBytes}`;
    }
  }
  return events;
}

/** The same rule as in the isolate: `script.` always, exact names, and `name.*` for a prefix. */
export function isReservedEventType(type: string, reserved: readonly string[]): boolean {
  return (
    type.startsWith('script.') ||
    reserved.some((name) => (name.endsWith('.*') ? type.startsWith(name.slice(0, -1)) : name === type))
  );
}

function boundedError(error: ChildError, { limits }: PreparedRun): RunError {
  const bounded: RunError = { ...error, message: error.message.slice(0, limits.messageBytes) };
  if (error.stack !== undefined) bounded.stack = error.stack.slice(0, limits.stackBytes);
  return bounded;
}

/** Collects the log lines of one run, within its limits even when the child does not keep them. */
export class LogCollector {
  readonly lines: LogLine[] = [];
  private bytes = 0;
  dropped = 0;

  constructor(private readonly limits: { logLines: number; logBytes: number }) {}

  add(texts: readonly string[]): void {
    for (const text of texts) {
      // The prelude counts characters with a margin per line; twice that in bytes is the most an honest child sends.
      if (this.lines.length >= this.limits.logLines || this.bytes > this.limits.logBytes) this.dropped++;
      else this.lines.push(this.read(text));
    }
  }

  private read(text: string): LogLine {
    this.bytes += text.length;
    return JSON.parse(toStorableJson(text)) as LogLine;
  }
}
