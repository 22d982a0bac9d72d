import { watch as watchFiles } from 'chokidar';

/** Editors write a file in several steps, and several files at once. */
const SETTLE_MS = 50;

/**
 * Calls `run` now and after every change of a file, until `ended` aborts. A change ends the run under way. A file that an
 * editor removes and writes anew is one change; one that is gone is waited for.
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
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  again();
  await new Promise<void>((resolve) => {
    if (ended.aborted) resolve();
    else ended.addEventListener('abort', () => resolve(), { once: true });
  });
  clearTimeout(timer);
  current.abort();
  await Promise.all([running, watcher.close()]);
}
