import { encodeFrame, FrameReader } from '../protocol.js';
import type { Frame, ToChild, ToParent } from '../protocol.js';
import { readSome, writeAll } from './blocking-io.js';

/** File descriptors: the parent writes on the first and reads on the second. */
const FROM_PARENT = 3;
const TO_PARENT = 4;
const CHUNK_BYTES = 64 * 1024;

/**
 * Calls `onFrame` for each message of the parent, and `onEnd` when the parent is gone. The process has nothing else to
 * wait for, so it reads with a blocking call, and nothing happens between two messages. The event loop turns once for
 * each chunk, so that work which the engine has deferred gets done.
 */
export function listen(onFrame: (frame: Frame<ToChild>) => void, onEnd: () => void): void {
  const reader = new FrameReader<ToChild>();
  // One buffer for all reads: before the next read, the reader has decoded or copied what is in it.
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const turn = (): void => {
    const size = readSome(FROM_PARENT, chunk);
    if (size === 0) return onEnd();
    for (const frame of reader.read(chunk.subarray(0, size))) onFrame(frame);
    setImmediate(turn);
  };
  setImmediate(turn);
}

/**
 * Returns only when the message is written. So nothing that the child has sent is lost if it is killed or aborts a
 * moment later, and the parent knows for certain which run a process died in.
 */
export function send(head: ToParent, texts: readonly string[] = []): void {
  writeAll(TO_PARENT, encodeFrame(head, texts));
}
