import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { encodeFrame, FrameReader } from '../protocol.js';
import type { Frame, ToChild, ToParent } from '../protocol.js';

/** Descriptor on which the parent writes, and the one on which it reads. */
const FROM_PARENT = 3;
const TO_PARENT = 4;

/** Calls `onFrame` for each message of the parent, and `onEnd` when the parent is gone. */
export function listen(onFrame: (frame: Frame<ToChild>) => void, onEnd: () => void): void {
  const reader = new FrameReader<ToChild>();
  const socket = new Socket({ fd: FROM_PARENT, readable: true, writable: false });
  socket.on('data', (chunk: Buffer) => reader.push(chunk).forEach(onFrame));
  socket.on('close', onEnd);
  socket.on('error', onEnd);
}

/**
 * Writes a message before it returns: what the child has said is never lost when it is killed or aborts a moment later,
 * so the parent knows for certain which run a process died in.
 */
export function send(head: ToParent, texts: readonly string[] = []): void {
  const frame = encodeFrame(head, texts);
  for (let written = 0; written < frame.length;) {
    written += writeSync(TO_PARENT, frame, written);
  }
}
