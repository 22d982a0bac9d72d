import { watch as watchFiles } from 'chokidar';
import { messageOf } from '../../common/errors.js';
import { CommandError } from '../cli.errors.js';

/**
 * Milliseconds without a further change before a run: editors write a file in several steps, and several files at once.
 */
const SETTLE_MS = 50;

/**
 * Calls `run` now and after every change of one of the files, until `ended` aborts. A change cancels the current run. A
 * file that an editor removes and writes again counts as one change; a missing file is waited for.
 * @throws CommandError if the operating system can't watch the files, for example at its limit of watched files
 */
export async function watch(
  files: readonly string[],
  run: (signal: AbortSignal) => Promise<void>,
  ended: AbortSignal,
): Promise<void> {
  const watcher = watchFiles([...files], { ignoreInitial: true, atomic: true });
  let current = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    current.abort();
    current = new AbortController();
    const { signal } = current;
    running = running.then(() => (signal.aborted ? undefined : run(signal)));
  };
  watcher.on('all', (event) => {
    if (event === 'unlink' || event === 'unlinkDir') return;
    clearTimeout(timer);
    timer = setTimeout(again, SETTLE_MS);
  });
  const failed = new Promise<never>((_, reject) => {
    watcher.on('error', (error) => {
      reject(new CommandError(`Can't watch the files: ${messageOf(error)}`, { cause: error }));
    });
  });
  try {
    await Promise.race([failed, new Promise<void>((resolve) => watcher.once('ready', () => resolve()))]);
    again();
    await Promise.race([failed, aborted(ended)]);
  } finally {
    clearTimeout(timer);
    current.abort();
    await Promise.all([running, watcher.close()]);
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
