import { MAX_INTEGER } from '../common/sql.js';
import type { PublishedEvent } from '../common/event-envelope.js';
import { cut, isLargerThan, makeBudget } from '../common/byte-limits.js';
import { isEventTypeName, isReservedEventType } from '../common/event-type-name.js';
import { toStorableJson, toStorableText } from '../common/json.js';
import type { JsonValue } from '../common/json.js';
import { isDeeperThan } from './bounded-text.js';
import type {
  FailedOutcome,
  FailureKind,
  LogLevel,
  LogLine,
  Outcome,
  RunError,
  RunMetrics,
} from './outcome.js';
import type { PreparedRun } from './prepared-run.js';
import { MOST_OF_NAME, MOST_PAYLOADS, OWN_LINE } from './protocol.js';
import type { ChildError, DoneMessage } from './protocol.js';
import type { SandboxLimits } from './sandbox.limits.js';

const KINDS = new Set<FailureKind>([
  'timeout',
  'memory',
  'syntax',
  'runtime',
  'rejected',
  'crashed',
  'cancelled',
]);
const LEVELS = new Set<LogLevel>(['debug', 'info', 'warn', 'error']);
const BYTES_AROUND_PAYLOAD = 256;
/**
 * More characters than any log line that the prelude writes: 8,192 of a message, each as an escape of six, and 16,384
 * of data.
 */
const MAX_LINE_TEXT = 80 * 1024;
/** Most bytes of one character in JSON, where a control character is written as `\u0000`. */
export const BYTES_IN_JSON = 6;
/** Most characters of a line of the sandbox beside what it quotes of the script. */
const MAX_AROUND_OWN = 200;
/** Bytes of one UTF-16 unit in JSON that is written anew, at most: a process may write `1e20` for 21 digits. */
const MOST_GROWTH = 6;
const LINE_END = /\r\n|[\n\r\u2028\u2029]/;

/** A failed outcome. Makes the error's text storable, whatever its origin. */
export function failed(error: RunError, logs: LogLine[], metrics: RunMetrics): FailedOutcome {
  const { name, stack } = error;
  const safe: RunError = { ...error, message: toStorableText(error.message) };
  if (name !== undefined) safe.name = toStorableText(name);
  if (stack !== undefined) safe.stack = toStorableText(stack);
  return { status: 'failed', error: safe, logs, published: [], metrics };
}

/**
 * The outcome that a process reported for a run. A process that a script took over could report anything, so the parent
 * checks every limit and rule again.
 */
export function readOutcome(
  run: PreparedRun,
  done: DoneMessage,
  texts: readonly string[],
  logs: LogLine[],
  metrics: RunMetrics,
): Outcome {
  if (done.error) return failed(boundedError(done.error, run), logs, metrics);
  const reported = texts[0] ?? 'null';
  // Comes first, because parsing fails on text that nests too deeply, and this check doesn't.
  if (isDeeperThan(reported, run.limits.depth)) {
    const message = `The result nests deeper than depth = ${run.limits.depth}`;
    return failed({ kind: 'rejected', message }, logs, metrics);
  }
  const resultText = toStorableJson(reported);
  if (isLargerThan(resultText, run.limits.resultBytes)) {
    const message = `The result is larger than resultBytes = ${run.limits.resultBytes}`;
    return failed({ kind: 'rejected', message }, logs, metrics);
  }
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

/** The published events, or the reason to refuse them. Throws for text that the child's own code never sends. */
function readPublished(text: string, { limits, reservedEventTypes }: PreparedRun): PublishedEvent[] | string {
  if (text === '[]') return [];
  const mostBytes = MOST_PAYLOADS * limits.publishBytes + limits.publishes * BYTES_AROUND_PAYLOAD;
  if (isLargerThan(text, mostBytes)) return 'The run published too much';
  // The list and the event around a payload add two levels.
  if (isDeeperThan(text, limits.depth + 2)) return `A payload nests deeper than depth = ${limits.depth}`;
  const events = JSON.parse(toStorableJson(text)) as PublishedEvent[];
  if (events.length > limits.publishes)
    return `The run published more than publishes = ${limits.publishes} events`;
  const isSmall = text.length * MOST_GROWTH <= limits.publishBytes;
  for (const { type, payload } of events) {
    if (typeof type !== 'string') throw new TypeError('no event type');
    if (!isEventTypeName(type)) return 'The run published something that is not an event';
    if (typeof payload !== 'object' || payload === null) return `The payload of "${type}" is not an object`;
    if (isReservedEventType(type, reservedEventTypes)) return `Event type "${type}" belongs to the host`;
    if (!isSmall && isLargerThan(JSON.stringify(payload), limits.publishBytes)) {
      return `The payload of "${type}" is larger than publishBytes = ${limits.publishBytes}`;
    }
  }
  return events.map(({ type, payload }) => ({ type, payload }));
}

/** Limits the size of an error's text. Throws if the error has a form that the child's own code never sends. */
function boundedError(error: ChildError, { source, limits }: PreparedRun): RunError {
  const { kind, message, name, stack, line, retryable, retryAfterMs } = error;
  if (!KINDS.has(kind)) throw new TypeError('no kind of failure');
  return {
    kind,
    message: cutStorable(message, limits.messageBytes),
    ...(name === undefined ? {} : { name: cutStorable(name, MOST_OF_NAME) }),
    ...(stack === undefined ? {} : { stack: cutStorable(stack, limits.stackBytes) }),
    ...(line === undefined ? {} : { line: lineWithin(source, line) }),
    ...(retryable === false ? { retryable } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs: amount(retryAfterMs) }),
  };
}

/**
 * Cuts text to `bytes` bytes as it is stored. Characters that PostgreSQL refuses are replaced first, because U+0000 has
 * one byte and its replacement three.
 */
const cutStorable = (text: string, bytes: number): string =>
  // One character more than fits, so that a longer text is still cut, with a mark.
  cut(toStorableText(text.slice(0, bytes + 1)), bytes);

/**
 * The line number, limited to the lines of the source. A compiler reports an unclosed bracket after the last line. A
 * script can give its error a stack with any line number, and the database refuses a record whose number is too large.
 * Throws if `line` is not a finite number from 0 on.
 */
export function lineWithin(source: string, line: number): number {
  return Math.min(Math.max(1, wholeAmount(line)), source.split(LINE_END).length);
}

/** Returns the value if it is a finite number from 0 on. Throws otherwise. */
export function amount(value: number): number {
  if (typeof value !== 'number' || !(value >= 0 && value < Infinity)) throw new TypeError('no amount');
  return value;
}

/** The amount, rounded down and limited to what an `integer` column of PostgreSQL can store. */
export const wholeAmount = (value: number): number => Math.min(Math.floor(amount(value)), MAX_INTEGER);

/**
 * Most lines of the sandbox in the log of a run: one each for the start and every answer if they leave a rejection
 * unhandled, and one at the end.
 */
export const mostOwnLines = (bindingCalls: number): number => bindingCalls + 2;

type LogLimits = Pick<SandboxLimits, 'logLines' | 'logBytes' | 'depth' | 'bindingCalls' | 'messageBytes'>;

/** Collects the log lines of one run. Enforces the run's limits again, because the child may not obey them. */
export class LogCollector {
  readonly lines: LogLine[] = [];
  private readonly fits: (text: string) => boolean;
  private own = 0;
  dropped = 0;

  constructor(private readonly limits: LogLimits) {
    this.fits = makeBudget(limits.logBytes);
  }

  /**
   * Adds log lines; counts those over a limit in `dropped`. The lines of the sandbox itself come in addition to the
   * script's. Throws for text that is not a log line, and if the sandbox has more to say than an honest one.
   */
  add(texts: readonly string[]): void {
    for (const text of texts) {
      if (text.startsWith(OWN_LINE)) {
        this.addOwn(text);
        continue;
      }
      const isOver = this.lines.length - this.own >= this.limits.logLines || text.length > MAX_LINE_TEXT;
      if (isOver || !this.fits(text)) this.dropped++;
      else this.lines.push(this.read(text));
    }
  }

  private addOwn(text: string): void {
    const { bindingCalls, messageBytes } = this.limits;
    const isHonest = text.length <= BYTES_IN_JSON * messageBytes + MAX_AROUND_OWN;
    if (!isHonest || ++this.own > mostOwnLines(bindingCalls)) throw new TypeError('no line of the sandbox');
    this.lines.push(this.read(text));
  }

  private read(text: string): LogLine {
    const { depth } = this.limits;
    // The line around the data adds a level.
    const isTooDeep = isDeeperThan(text, depth + 1);
    const { level, message, data } = JSON.parse(isTooDeep ? text : toStorableJson(text)) as LogLine;
    if (!LEVELS.has(level) || typeof message !== 'string') throw new TypeError('no log line');
    if (isTooDeep) return { level, message: toStorableText(message), data: `[nests deeper than ${depth}]` };
    return data === undefined ? { level, message } : { level, message, data };
  }
}
