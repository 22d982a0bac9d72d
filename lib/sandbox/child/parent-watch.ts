import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { UnsentLines } from './unsent-lines.js';

/**
 * Ends this process when the parent is gone, and tells the parent the unsent log lines when it asks for them, even
 * while the main thread is inside a call that nothing interrupts. A separate thread waits at a pipe that only the
 * parent holds open. The thread costs some 6 MB.
 */
export function watchParent({ memory }: UnsentLines): void {
  const worker = new Worker(join(__dirname, 'parent-watch.worker.js'), {
    env: {},
    workerData: memory,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  });
  // If the thread fails, the main thread still notices the parent's end when it next reads a message.
  worker.on('error', () => {});
  worker.unref();
}
