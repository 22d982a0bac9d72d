import { AsyncLocalStorage } from 'node:async_hooks';
import { once, EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { inOwnContext } from '../../../lib/common/own-context.js';

const requests = new AsyncLocalStorage<string>();
const traces = new AsyncLocalStorage<string>();
const stores = (): (string | undefined)[] => [requests.getStore(), traces.getStore()];
const NONE = [undefined, undefined];
const inRequest = <T>(fn: () => T): T => requests.run('request', () => traces.run('trace', fn));

describe('a context of its own', () => {
  it('has no store, whether immediately, after an await, in a timer or in a listener, and returns the result', async () => {
    const seen: unknown[] = [];
    const told = new EventEmitter();
    const answer = await inRequest(async () => {
      const inside = await inOwnContext(async () => {
        seen.push(stores());
        await sleep(1);
        seen.push(stores());
        setImmediate(() => {
          seen.push(stores());
          told.emit('done');
        });
        await once(told, 'done');
        return 'answer';
      });
      seen.push(stores());
      return inside;
    });
    expect(answer).toBe('answer');
    expect(seen).toEqual([NONE, NONE, NONE, ['request', 'trace']]);
  });

  it('passes on an error to the caller, who has their stores again', () => {
    const failing = () =>
      inOwnContext(() => {
        throw new Error('inside');
      });
    inRequest(() => {
      expect(failing).toThrow('inside');
      expect(stores()).toEqual(['request', 'trace']);
    });
  });

  it('has no store of a storage that was created later', () => {
    const later = new AsyncLocalStorage<string>();
    expect(later.run('later', () => inOwnContext(() => later.getStore()))).toBeUndefined();
  });

  it('forgets a store that is entered inside', () => {
    const entered = inOwnContext(() => {
      requests.enterWith('left behind');
      return requests.getStore();
    });
    expect(entered).toBe('left behind');
    expect(inOwnContext(stores)).toEqual(NONE);
    expect(inRequest(() => inOwnContext(stores))).toEqual(NONE);
  });

  it('is empty even if the package was loaded within a store', () => {
    const loaded = inRequest(() => {
      let module!: { inOwnContext: typeof inOwnContext };
      jest.isolateModules(() => (module = jest.requireActual('../../../lib/common/own-context.js')));
      return module;
    });
    expect(loaded.inOwnContext).not.toBe(inOwnContext);
    expect(loaded.inOwnContext(stores)).toEqual(NONE);
    expect(requests.run('another', () => loaded.inOwnContext(stores))).toEqual(NONE);
  });
});
