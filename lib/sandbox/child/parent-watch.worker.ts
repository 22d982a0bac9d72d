import { workerData } from 'node:worker_threads';
import { encodeFrame } from '../protocol.js';
import { readSome, writeAll } from './blocking-io.js';
import { UnsentLines } from './unsent-lines.js';

/**
 * File descriptor of a pipe that ends when the parent does. For each byte from the parent, this thread writes the log
 * lines on it that the run has not sent yet.
 */
const PARENT_ALIVE = 5;

try {
  const lines = new UnsentLines(workerData as SharedArrayBuffer);
  const asked = Buffer.alloc(1);
  while (readSome(PARENT_ALIVE, asked) > 0) {
    const { id, from, text } = lines.copy();
    writeAll(PARENT_ALIVE, encodeFrame({ t: 'unsent', id, from }, [text]));
  }
} catch {
  // If the pipe can't be read or written, the parent is gone.
}
process.kill(process.pid, 'SIGKILL');
