import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/**
 * Ends this process when the parent is gone, even while the main thread is inside a call that nothing interrupts: a
 * thread of its own waits for the end of a pipe whose other end only the parent holds. It costs some 6 MB.
 */
export function watchParent(): void {
  const worker = new Worker(join(__dirname, 'parent-watch.worker.js'), {
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  });
  // The main thread notices the parent's end too, whenever it is not computing.
  worker.on('error', () => {});
  worker.unref();
}
