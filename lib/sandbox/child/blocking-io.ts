import { readSync, writeSync } from 'node:fs';

/** Waits until there is something to read, and reads it. Returns the number of bytes, or 0 at the end of the pipe. */
export const readSome = (descriptor: number, into: Buffer): number =>
  uninterrupted(() => readSync(descriptor, into));

/** Returns when all bytes are written. */
export function writeAll(descriptor: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;)
    written += uninterrupted(() => writeSync(descriptor, bytes, written));
}

/** Makes a blocking call, and repeats it if a signal interrupted it before it did anything. */
function uninterrupted(call: () => number): number {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EINTR') throw error;
    }
  }
}
