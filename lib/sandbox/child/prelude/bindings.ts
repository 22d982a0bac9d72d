/* oxlint-disable unicorn/consistent-function-scoping -- the text of this function is compiled in the isolate: see index.ts */
import type { Captured } from './capture.js';
import type { ByteLimits } from './count-bytes.js';
import type { Errors, Site, ThrownName } from './errors.js';
import type { PreludeHost, PreludeSettings, Settle } from './prelude.types.js';

/** Creates the bindings of a script. */
export type MakeBindings = ReturnType<typeof bindingsMaker>;

export function bindingsMaker(captured: Captured, errors: Errors, limits: ByteLimits) {
  'use strict';
  const { apply, freeze, keys, parse, split, stringify } = captured;
  const { NativePromise } = captured;
  const { isObject, problem, problemAt, siteOf } = errors;
  const { isLargerThan, sizeInWords } = limits;

  function makeBindings(host: PreludeHost, settings: PreludeSettings) {
    interface Waiting {
      resolve: (value: unknown) => void;
      reject: (error: unknown) => void;
      /**
       * The place of the call. Taken when the script calls, because no frame of the script is left when the answer
       * comes.
       */
      site: Site;
    }
    const none = (): Record<number, Waiting> => ({ __proto__: null }) as never;
    let waiting = none();
    let calls = 0;

    function reset(): void {
      if (calls > 0) waiting = none();
      calls = 0;
    }

    function begin(name: string, args: unknown, below: object): Promise<unknown> {
      return new NativePromise((resolve, reject) => {
        const json = args === undefined ? 'null' : (stringify(args) as string | undefined);
        if (json === undefined) {
          const message = `${name}: the argument can't be converted to JSON`;
          return reject(problem('BindingError', message, 'invalid-input', below));
        }
        if (isLargerThan(json, settings.bindingBytes)) {
          const size = sizeInWords(json, settings.bindingBytes);
          const message = `${name}: the argument has ${size}; the limit is ${settings.bindingBytes}`;
          return reject(problem('LimitError', message, 'bindingBytes', below));
        }
        // Checked after serialising, because that may run code of the script, which may call a binding.
        if (calls >= settings.bindingCalls) {
          const message = `A run can call bindings at most ${settings.bindingCalls} times`;
          return reject(problem('LimitError', message, 'bindingCalls', below));
        }
        const id = ++calls;
        waiting[id] = { resolve, reject, site: siteOf(below) };
        host.call(id, name, json);
      });
    }

    const settle: Settle = (call, ok, answer) => {
      const waiter = waiting[call];
      if (waiter === undefined) return;
      delete waiting[call];
      const value: unknown = parse(answer);
      if (ok) return waiter.resolve(value);
      const { name, code, message } = value as { name: ThrownName; code: string; message: string };
      waiter.reject(problemAt(waiter.site, name, message, code));
    };

    /** One value for each first name of the bindings, such as `{ findClient }` for `crm.findClient`. */
    function roots(): unknown[] {
      const tree = { __proto__: null } as unknown as Record<string, unknown>;
      for (let index = 0; index < settings.bindings.length; index++) {
        const name = settings.bindings[index]!;
        const path = apply(split, name, ['.']) as string[];
        let node = tree;
        for (let part = 0; part < path.length - 1; part++) {
          node = (node[path[part]!] ??= { __proto__: null }) as Record<string, unknown>;
        }
        const call = (args?: unknown): Promise<unknown> => begin(name, args, call);
        node[path[path.length - 1]!] = call;
      }
      freezeTree(tree);
      const names = keys(tree);
      const values: unknown[] = [];
      for (let index = 0; index < names.length; index++) values[index] = tree[names[index]!];
      return values;
    }

    /** `store`, or `store.tenant`, which all scripts of the tenant share. */
    function storeOf(prefix: string): Record<string, unknown> {
      const get = (key: unknown): Promise<unknown> => begin(prefix + 'get', { __proto__: null, key }, get);
      const set = (key: unknown, value: unknown, options?: unknown): Promise<unknown> =>
        begin(prefix + 'set', { __proto__: null, key, value, options }, set);
      const remove = (key: unknown): Promise<unknown> =>
        begin(prefix + 'delete', { __proto__: null, key }, remove);
      const increment = (key: unknown, by?: unknown, options?: unknown): Promise<unknown> =>
        begin(prefix + 'increment', { __proto__: null, key, by, options }, increment);
      const list = (begun?: unknown, options?: unknown): Promise<unknown> =>
        begin(prefix + 'list', { __proto__: null, prefix: begun, options }, list);
      return { __proto__: null, get, set, delete: remove, increment, list } as never;
    }
    const store = storeOf('store.');
    store['tenant'] = storeOf('store.tenant.');
    freezeTree(store);

    const hash = (args?: unknown): Promise<unknown> => begin('sdk.hash', args, hash);
    const hmac = (args?: unknown): Promise<unknown> => begin('sdk.hmac', args, hmac);
    return { reset, roots, settle, store, hash: freeze(hash), hmac: freeze(hmac) };
  }

  function freezeTree(node: unknown): void {
    if (!isObject(node)) return;
    const names = keys(node);
    for (let index = 0; index < names.length; index++)
      freezeTree((node as Record<string, unknown>)[names[index]!]);
    freeze(node);
  }

  return makeBindings;
}
