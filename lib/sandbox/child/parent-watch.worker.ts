import { readSync } from 'node:fs';

/** File descriptor of a pipe on which the parent never writes. The pipe ends when the parent does. */
const PARENT_ALIVE = 5;

try {
  readSync(PARENT_ALIVE, Buffer.alloc(1));
} catch {
  // If the pipe can't be read, the parent is gone.
}
process.kill(process.pid, 'SIGKILL');
