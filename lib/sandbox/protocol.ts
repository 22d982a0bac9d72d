import type { FailureKind } from './outcome.js';

/**
 * What the parent and a sandbox process say to each other. A message is a small JSON head and, beside it, texts that
 * are carried as they are. Only text crosses the boundary: no structured clone, no handle, no shared memory.
 *
 *   parent                               child
 *     | <------------------- ready -------- |
 *     | --- run (source, ctx, input) -----> |
 *     | <------------------- logs --------- |   any number, while the run goes on
 *     | <------------------- calls -------- |   binding calls with much to carry, while the run goes on
 *     | <------------------- waiting ------ |   with the binding calls made since the last message
 *     | --- answer ----------------------->  |   one for each call
 *     | --- end --------------------------> |   only to a run that waits
 *     | <------------------- done --------- |
 *     | --- check (source) ---------------> |
 *     | <------------------- checked ------ |
 */
export type ToChild = RunMessage | AnswerMessage | EndMessage | CheckMessage;
export type ToParent = ReadyMessage | LogsMessage | CallsMessage | DoneMessage | CheckedMessage;

/** Which way a run is kept apart from others; see `Isolation`. */
export type IsolationMode = 'context' | 'isolate' | 'compartment';

/** Texts: source, ctx without input, input. */
export interface RunMessage {
  t: 'run';
  id: number;
  /** Tenant, script, version and what else makes a kept isolate unfit for another run. */
  key: string;
  isolation: IsolationMode;
  bindings: readonly string[];
  reservedEventTypes: readonly string[];
  limits: ChildLimits;
}

/** The part of the limits that the child keeps itself. */
export interface ChildLimits {
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

/** Text: the answer as JSON, or `{ code, message, retryable }` when `ok` is false. */
export interface AnswerMessage {
  t: 'answer';
  id: number;
  call: number;
  ok: boolean;
}

export interface EndMessage {
  t: 'end';
  id: number;
  kind: 'timeout' | 'cancelled';
}

/** Text: source. */
export interface CheckMessage {
  t: 'check';
  id: number;
}

export interface ReadyMessage {
  t: 'ready';
}

/** Texts: one JSON log line each. */
export interface LogsMessage {
  t: 'logs';
  id: number;
}

/** Texts: the arguments of each call, as JSON. `waiting` when the script can do nothing before one is answered. */
export interface CallsMessage {
  t: 'calls' | 'waiting';
  id: number;
  calls: { call: number; name: string }[];
}

/** Texts: the result as JSON (empty when failed), the published events as a JSON list. */
export interface DoneMessage {
  t: 'done';
  id: number;
  error?: ChildError;
  cpuMs: number;
  bindingCalls: number;
  logsDropped: number;
}

/** An error as the child words it; the parent bounds it again. */
export interface ChildError {
  kind: FailureKind;
  message: string;
  name?: string;
  stack?: string;
  line?: number;
  retryable?: boolean;
  retryAfterMs?: number;
}

export interface CheckedMessage {
  t: 'checked';
  id: number;
  problem: { message: string; line?: number } | null;
}

/** A message with its texts. */
export interface Frame<M> {
  head: M;
  texts: string[];
}

const HEADER = 8;
/** More than any honest message: a child that says more is broken or hostile. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** Lays a message out as: length, number of texts, length of head and of each text, head, texts. */
export function encodeFrame(head: ToChild | ToParent, texts: readonly string[] = []): Buffer {
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

/** Cuts a stream of bytes into messages. Throws when the stream cannot be one of ours. */
export class FrameReader<M> {
  private pending: Buffer = Buffer.alloc(0);
  private readonly chunks: Buffer[] = [];
  private size = 0;

  push(chunk: Buffer): Frame<M>[] {
    this.chunks.push(chunk);
    this.size += chunk.length;
    const frames: Frame<M>[] = [];
    for (let need = this.need(); this.size >= need; need = this.need()) {
      this.join();
      frames.push(decode(this.pending.subarray(0, need)));
      this.pending = this.pending.subarray(need);
      this.size -= need;
      if (this.size === 0) break;
    }
    return frames;
  }

  /** Bytes that the message at the front has; HEADER while they are not known. */
  private need(): number {
    if (this.size < HEADER) return HEADER;
    if (this.pending.length < HEADER) this.join();
    const total = this.pending.readUInt32LE(0);
    if (total < HEADER + 4 || total > MAX_FRAME_BYTES) throw new RangeError(`a message of ${total} bytes`);
    return total;
  }

  private join(): void {
    if (this.chunks.length === 0) return;
    const parts = this.pending.length > 0 ? [this.pending, ...this.chunks] : this.chunks;
    this.pending = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    this.chunks.length = 0;
  }
}

function decode<M>(frame: Buffer): Frame<M> {
  const count = frame.readUInt32LE(4);
  let offset = HEADER + 4 * count;
  if (count < 1 || offset > frame.length) throw new RangeError(`a message of ${count} parts`);
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
