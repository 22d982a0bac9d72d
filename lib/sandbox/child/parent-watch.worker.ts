import { readSync } from 'node:fs';

/** The pipe on which the parent never writes. */
const PARENT_ALIVE = 5;

try {
  readSync(PARENT_ALIVE, Buffer.alloc(1));
} catch {
  // If the pipe can't be read, the parent is gone.
}
process.kill(process.pid, 'SIGKILL');
