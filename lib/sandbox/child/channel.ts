import { readSync, writeSync } from 'node:fs';
import { encodeFrame, FrameReader } from '../protocol.js';
import type { Frame, ToChild, ToParent } from '../protocol.js';

/** File descriptors: the one on which the parent writes, and the one on which it reads. */
const FROM_PARENT = 3;
const TO_PARENT = 4;
const CHUNK_BYTES = 64 * 1024;

/**
 * Calls `onFrame` for each message of the parent, and `onEnd` when the parent is gone. The process has nothing else to
 * wait for, so it reads with a blocking call, and nothing happens between two messages. The event loop turns once for
 * each chunk, for what the engine defers to it.
 */
export function listen(onFrame: (frame: Frame<ToChild>) => void, onEnd: () => void): void {
  const reader = new FrameReader<ToChild>();
  // One for all, since whatever is in it is text or copied before the next read.
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const turn = (): void => {
    const size = interruptible(() => readSync(FROM_PARENT, chunk));
    if (size === 0) return onEnd();
    for (const frame of reader.read(chunk.subarray(0, size))) onFrame(frame);
    setImmediate(turn);
  };
  setImmediate(turn);
}

/**
 * Writes a message before it returns. So nothing that the child has sent is lost if it is killed or aborts a moment
 * later, and the parent knows for certain which run a process died in.
 */
export function send(head: ToParent, texts: readonly string[] = []): void {
  const frame = encodeFrame(head, texts);
  for (let written = 0; written < frame.length;) {
    written += interruptible(() => writeSync(TO_PARENT, frame, written));
  }
}

/** Repeats a blocking call that a signal has interrupted before it did anything. */
function interruptible(call: () => number): number {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EINTR') throw error;
    }
  }
}
