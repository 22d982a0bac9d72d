import { AsyncResource } from 'node:async_hooks';

/**
 * The async context of this package: the stores of no `AsyncLocalStorage`, whoever made it. Requests, transactions and
 * traces of the host live in such stores, and what this package queues, times or keeps open outlives the one that
 * happened to begin it.
 */
const ROOT = emptied(new AsyncResource('nestjs-scripts-event'));

/**
 * Runs `fn` in no async context of the caller, and returns what it returns: what it begins there (promises, timers,
 * sockets, processes) stays outside the caller's stores too. Who awaits the result goes on in a context of its own.
 *
 * Called where the host's code enters what it shares with others, and where this package calls code of the host. Each
 * call has a context for itself: a store that is entered inside (`enterWith`) is gone with it.
 */
export function inOwnContext<T>(fn: () => T): T {
  // Created inside the empty context, so that it copies its empty stores.
  return ROOT.runInAsyncScope(() => new AsyncResource('nestjs-scripts-event').runInAsyncScope(fn));
}

/**
 * This file may be loaded within a store, by a lazy import in a request, which the resource has caught by then. Node.js
 * keeps on it two ids, which are numbers, and beside them nothing but what was caught.
 */
function emptied(resource: AsyncResource): AsyncResource {
  for (const key of Object.getOwnPropertySymbols(resource)) {
    if (typeof Reflect.get(resource, key) !== 'number') Reflect.deleteProperty(resource, key);
  }
  return resource;
}
