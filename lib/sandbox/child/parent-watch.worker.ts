import { readSync } from 'node:fs';

/** The pipe on which the parent never writes. */
const PARENT_ALIVE = 5;

try {
  readSync(PARENT_ALIVE, Buffer.alloc(1));
} catch {
  // A pipe that cannot be read has no parent at its other end.
}
process.kill(process.pid, 'SIGKILL');
