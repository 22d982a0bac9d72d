import type { FailureKind } from './outcome.js';

/**
 * The messages between the parent and a sandbox process. A message has a small JSON head, and texts that are not part
 * of that JSON. Only text crosses the boundary: no structured clone, no handle, no shared memory.
 *
 *   parent                               child
 *     | <------------------- ready -------- |
 *     | --- run (ctx, input, source?) ----> |
 *     | <------------------- need --------- |   asks for the source if `run` came without it
 *     | --- source -----------------------> |
 *     | <------------------- logs --------- |   log lines, while the script runs
 *     | <------------------- calls -------- |   binding calls with large arguments, while the script runs
 *     | <------------------- waiting ------ |   with the binding calls and log lines since the last message
 *     | --- answer ----------------------->  |   one for each call
 *     | --- end --------------------------> |   only to a run that waits
 *     | <------------------- done --------- |   with the remaining log lines
 *     | --- check (source) ---------------> |
 *     | <------------------- checked ------ |
 *
 * The parent may send further `run`s before the `done` of the first. The child begins each after the `done` of the one
 * before it. If an `end` for a run has come by then, the child doesn't begin it and reports it as cancelled. Until the
 * `done` of the run before it, the child sends nothing for a run.
 *
 * The child only answers: for each `run`, `source`, `answer` and `end` it sends `need`, `waiting` or `done` once, after
 * its logs and calls. Between a `done` and the next `run` it sends nothing. The parent draws the id of a run or check
 * at random, so that a process can't send anything for a run before it has read the run's message.
 * `process/heard-run.ts` enforces these rules.
 *
 * The child keeps most log lines until it next sends something else. On another pipe, the parent can ask for the lines
 * that the run has not sent yet: for each byte, a thread of the child writes one `unsent`, whatever its main thread does.
 */
export type ToChild = RunMessage | SourceMessage | AnswerMessage | EndMessage | CheckMessage;
export type ToParent = ReadyMessage | NeedMessage | LogsMessage | CallsMessage | DoneMessage | CheckedMessage;

/** Most compiled scripts that a home keeps. The parent remembers as many for each home. */
export const MOST_SCRIPTS = 64;
/** Most homes that one `done` reports as gone. Further ones wait for the next `done`. */
export const MOST_GONE = 64;

/** If the arguments of unsent calls have more characters than this, the child sends the calls at once. */
export const MOST_UNSENT_ARGS = 64 * 1024;
/** If unsent log lines have more bytes than this, the child sends them at once. */
export const MOST_UNSENT_LINES = 64 * 1024;
/** All payloads of a run together may have this many times `publishBytes`. Reading more would block the host. */
export const MOST_PAYLOADS = 4;
/** Most bytes of an error's name. */
export const MOST_OF_NAME = 128;

/** What a run shares with earlier runs; see `Isolation`. */
export type IsolationMode = 'context' | 'isolate' | 'compartment';

/**
 * Texts: `ctx` without its input; the input; the tenant's values if `values` is set; the source if `settings` is set.
 */
export interface RunMessage {
  t: 'run';
  id: number;
  /** The number that the parent gave to the run's isolate. An isolate belongs to one tenant. */
  home: number;
  /** The number that the parent gave to the source with its settings. */
  script: number;
  /** Present if the source is sent: the process should not have it yet. */
  settings?: RunSettings;
  /** Present if the run has values of its tenant. Most runs have none. */
  values?: true;
  /** Present if the child sends the first log lines as soon as they are written, even if the script ran before. */
  prompt?: true;
}

/** Text: the source of the run that asked for it with `need`. */
export interface SourceMessage {
  t: 'source';
  id: number;
  settings: RunSettings;
}

/** A script's settings. They rarely change between runs, so they are sent only with the source. */
export interface RunSettings {
  isolation: IsolationMode;
  bindings: readonly string[];
  reservedEventTypes: readonly string[];
  limits: ChildLimits;
}

/** The limits that the child enforces itself. */
interface ChildLimits {
  timeoutMs: number;
  memoryMb: number;
  resultBytes: number;
  logLines: number;
  logBytes: number;
  messageBytes: number;
  stackBytes: number;
  publishes: number;
  publishBytes: number;
  bindingCalls: number;
  bindingBytes: number;
  depth: number;
}

/** Text: the answer as JSON, or `{ name, code, message }` if `ok` is false. */
export interface AnswerMessage {
  t: 'answer';
  id: number;
  call: number;
  ok: boolean;
  /** Milliseconds of the run so far that don't count for the script, because its process or the parent stood still. */
  stillMs: number;
}

interface EndMessage {
  t: 'end';
  id: number;
  kind: 'timeout' | 'cancelled';
}

/** Text: the source to check. */
interface CheckMessage {
  t: 'check';
  id: number;
}

interface ReadyMessage {
  t: 'ready';
}

/** Asks for the run's source, which the process doesn't have, or no longer has. */
interface NeedMessage {
  t: 'need';
  id: number;
}

/** How a log line begins that the sandbox has written. The child writes the begin of a script's line, too. */
export const OWN_LINE = '{"own":true,';

/** Texts: one JSON log line each. */
interface LogsMessage {
  t: 'logs';
  id: number;
}

/**
 * Texts: the arguments of each call, as JSON. `t` is `waiting` if the script can't continue before a call is answered.
 * `waiting` has the unsent log lines as further texts.
 */
export interface CallsMessage {
  t: 'calls' | 'waiting';
  id: number;
  calls: { call: number; name: string }[];
}

/**
 * Texts: the result as JSON, and the published events as a JSON list; neither if the run failed. Then the unsent log
 * lines.
 */
export interface DoneMessage {
  t: 'done';
  id: number;
  error?: ChildError;
  /** Milliseconds since the process began the run. The parent may read both ends of a short run late. */
  durationMs: number;
  cpuMs: number;
  bindingCalls: number;
  logsDropped: number;
  /** True if the script left something on the global object. */
  touched?: true;
  /** True if the run ran out of memory in a home in which other scripts had run. */
  crowded?: true;
  /** The numbers of homes that the process no longer has. */
  gone?: number[];
  /** Whole percent of the memory for homes that are used, if the process has not reported this number last. */
  used?: number;
}

/**
 * Text: the log lines that a run has not sent yet, each with a line end. The run may have sent them by the time this is
 * read, or have ended. Without text and with the id 0 if nothing has changed since the last time.
 */
export interface UnsentMessage {
  t: 'unsent';
  id: number;
  /** How many lines of the run were sent before. */
  from: number;
}

/** An error as the child reports it. The parent checks its size again. */
export interface ChildError {
  kind: FailureKind;
  message: string;
  name?: string;
  stack?: string;
  line?: number;
  retryable?: boolean;
  retryAfterMs?: number;
}

interface CheckedMessage {
  t: 'checked';
  id: number;
  problem: { message: string; line?: number } | null;
}

/** A message and its texts. */
export interface Frame<M> {
  head: M;
  texts: string[];
}

const HEADER = 8;

/** The largest message that one side accepts. A larger one is refused before it is read. */
export interface FrameBounds {
  bytes: number;
  /** Bytes of the head, the only part that is parsed on arrival. */
  headBytes: number;
  texts: number;
}

/** The largest message that the child accepts. The bounds are generous, because the child trusts the parent. */
const FROM_PARENT: FrameBounds = { bytes: 64 * 1024 * 1024, headBytes: 16 * 1024 * 1024, texts: 8 };

/** Encodes a message: its length, the number of texts, the length of the head and of each text, the head, the texts. */
export function encodeFrame(head: ToChild | ToParent | UnsentMessage, texts: readonly string[] = []): Buffer {
  const parts = [JSON.stringify(head), ...texts];
  const lengths = parts.map((part) => Buffer.byteLength(part));
  const total = lengths.reduce((sum, length) => sum + length, HEADER + 4 * parts.length);
  const frame = Buffer.allocUnsafe(total);
  frame.writeUInt32LE(total, 0);
  frame.writeUInt32LE(parts.length, 4);
  let offset = HEADER + 4 * parts.length;
  for (const [index, part] of parts.entries()) {
    frame.writeUInt32LE(lengths[index]!, HEADER + 4 * index);
    offset += frame.write(part, offset);
  }
  return frame;
}

/**
 * Splits a stream of bytes into messages. Throws if the stream is not in this format, or a message exceeds `bounds`.
 * Collects a message by copying each byte after its header at most once, however small the chunks are.
 */
export class FrameReader<M> {
  /** The incomplete message, of which the first `filled` bytes have arrived. */
  private partial: Buffer = Buffer.alloc(HEADER);
  private filled = 0;

  constructor(public bounds: FrameBounds = FROM_PARENT) {}

  /** True if part of a message has arrived, but not its end. */
  get isWithinMessage(): boolean {
    return this.filled > 0;
  }

  /** The messages that `chunk` completes. Each is decoded when the iterator reaches it. */
  *read(chunk: Buffer): Generator<Frame<M>> {
    let at = 0;
    while (at < chunk.length) {
      if (this.filled === 0 && chunk.length - at >= HEADER) {
        const end = at + this.totalOf(chunk, at);
        if (end <= chunk.length) {
          const frame = chunk.subarray(at, end);
          at = end;
          yield this.decode(frame);
          continue;
        }
      }
      at += this.fill(chunk, at);
      if (this.filled >= HEADER && this.filled === this.partial.length) {
        const frame = this.partial;
        // The header states the length of the message.
        const total = this.totalOf(frame, 0);
        if (total > frame.length) {
          this.partial = Buffer.allocUnsafe(total);
          frame.copy(this.partial);
          continue;
        }
        this.partial = Buffer.alloc(HEADER);
        this.filled = 0;
        yield this.decode(frame);
      }
    }
  }

  /** All messages that `chunk` completes. */
  push(chunk: Buffer): Frame<M>[] {
    return [...this.read(chunk)];
  }

  private fill(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.partial, this.filled, at);
    this.filled += copied;
    return copied;
  }

  private totalOf(bytes: Buffer, at: number): number {
    const total = bytes.readUInt32LE(at);
    if (total < HEADER + 4 || total > this.bounds.bytes) throw new RangeError(`a message of ${total} bytes`);
    return total;
  }

  private decode(frame: Buffer): Frame<M> {
    const { headBytes, texts: mostTexts } = this.bounds;
    const count = frame.readUInt32LE(4);
    let offset = HEADER + 4 * count;
    if (count < 1 || count > 1 + mostTexts || offset > frame.length)
      throw new RangeError(`a message of ${count} parts`);
    const headLength = frame.readUInt32LE(HEADER);
    if (headLength > headBytes) throw new RangeError(`a head of ${headLength} bytes`);
    const parts: string[] = [];
    for (let index = 0; index < count; index++) {
      const end = offset + frame.readUInt32LE(HEADER + 4 * index);
      if (end > frame.length) throw new RangeError('a message whose parts are longer than itself');
      parts.push(frame.toString('utf8', offset, end));
      offset = end;
    }
    const [head, ...texts] = parts;
    return { head: JSON.parse(head!) as M, texts };
  }
}
