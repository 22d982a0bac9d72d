/* oxlint-disable unicorn/consistent-function-scoping -- the text of this function is compiled in the isolate: see index.ts */
import type { Captured } from './capture.js';
import type { Errors } from './errors.js';

type Options = { maxByteLength?: unknown } | undefined;

/**
 * Makes resizable buffers impossible. Each reserves address space that no isolate's limit counts, and a process that
 * has used up its address space is killed. All other ways to create a buffer stay, also through subclasses and
 * `Reflect.construct`.
 */
export function fixBuffers(captured: Captured, errors: Errors): void {
  'use strict';
  const { captureStackTrace, construct, defineProperty, NativeTypeError } = captured;
  const { isObject } = errors;
  const Native = ArrayBuffer;

  const make = (target: typeof ArrayBuffer, args: [unknown, Options], newTarget: () => void): object => {
    const options = args[1];
    if (isObject(options) && options.maxByteLength !== undefined) {
      const error = new NativeTypeError("Scripts can't use resizable buffers; remove maxByteLength");
      captureStackTrace(error, make);
      throw error;
    }
    return construct(target, [args[0]], newTarget) as object;
  };

  // A proxy, so that the class keeps its name, its text, its statics and its prototype.
  const value = new Proxy(Native, { __proto__: null, construct: make } as ProxyHandler<typeof ArrayBuffer>);
  defineProperty(globalThis, 'ArrayBuffer', { value });
  defineProperty(Native.prototype, 'constructor', { value });
}
