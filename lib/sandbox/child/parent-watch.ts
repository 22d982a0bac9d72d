import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/**
 * Ends this process when the parent is gone, even while the main thread is inside a call that nothing interrupts. A
 * separate thread waits for the end of a pipe that only the parent holds open. The thread costs some 6 MB.
 */
export function watchParent(): void {
  const worker = new Worker(join(__dirname, 'parent-watch.worker.js'), {
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  });
  // If the thread fails, the main thread still notices the parent's end when it next reads a message.
  worker.on('error', () => {});
  worker.unref();
}
