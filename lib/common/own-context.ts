import { AsyncResource } from 'node:async_hooks';

/**
 * The async context of this package: it has the store of no `AsyncLocalStorage`. Requests, transactions and traces of
 * the host live in such stores, and what this package queues, schedules or keeps open outlives the one in which it
 * began.
 */
const ROOT = emptied(new AsyncResource('nestjs-scripts-event'));

/**
 * Runs `fn` outside the caller's async context and returns its result: whatever `fn` starts (promises, timers, sockets,
 * processes) doesn't see the caller's stores either. Code that awaits the result continues in its own context.
 *
 * Used where code of the host starts work that several callers share, and where this package calls the host's code.
 * Each call has its own context, so a store that is entered inside (`enterWith`) doesn't outlive it.
 */
export function inOwnContext<T>(fn: () => T): T {
  // Created inside the empty context, so that it copies its empty stores.
  return ROOT.runInAsyncScope(() => new AsyncResource('nestjs-scripts-event').runInAsyncScope(fn));
}

/**
 * This file may be loaded inside a store, by a lazy import during a request. Then the resource has captured that store.
 * Node.js keeps two ids on a resource, which are numbers; everything else on it is what was captured.
 */
function emptied(resource: AsyncResource): AsyncResource {
  for (const key of Object.getOwnPropertySymbols(resource)) {
    if (typeof Reflect.get(resource, key) !== 'number') Reflect.deleteProperty(resource, key);
  }
  return resource;
}
