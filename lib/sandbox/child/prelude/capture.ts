/** The built-ins that the prelude uses, captured before a script can change them. */
export type Captured = ReturnType<typeof capture>;

/**
 * Captures the built-ins that the prelude needs, and removes those that could break isolation: WebAssembly compiles
 * outside the isolate's limits, shared memory and Atomics block threads and measure time, and finalizers would run code
 * of one run during a later one. Also removes V8's own console, whose output is lost.
 */
export function capture() {
  'use strict';
  const needless = [
    'WebAssembly',
    'SharedArrayBuffer',
    'Atomics',
    'FinalizationRegistry',
    'WeakRef',
    'console',
  ];
  for (const name of needless) {
    delete (globalThis as Record<string, unknown>)[name];
  }
  return {
    parse: JSON.parse,
    stringify: JSON.stringify as (value: unknown) => string | undefined,
    freeze: Object.freeze,
    keys: Object.keys,
    defineProperty: Object.defineProperty,
    apply: Reflect.apply,
    construct: Reflect.construct,
    hasOwn: Object.hasOwn,
    toPrimitive: Symbol.toPrimitive as typeof Symbol.toPrimitive,
    toLowerCase: String.prototype.toLowerCase,
    isFinite: Number.isFinite,
    text: String,
    slice: String.prototype.slice,
    split: String.prototype.split,
    startsWith: String.prototype.startsWith,
    indexOf: String.prototype.indexOf,
    charCodeAt: String.prototype.charCodeAt,
    /** `charCodeAt`, in the form that is fastest in a loop. */
    codeAt: Function.prototype.call.bind(String.prototype.charCodeAt) as (text: string, at: number) => number,
    exec: RegExp.prototype.exec,
    sliceList: Array.prototype.slice,
    mapGet: Map.prototype.get,
    mapSet: Map.prototype.set,
    thenOf: Promise.prototype.then,
    resolved: Promise.resolve(),
    captureStackTrace: Error.captureStackTrace,
    AsyncFunction: (async () => {}).constructor as new (body: string) => object,
    NativeMap: Map,
    NativePromise: Promise,
    NativeProxy: Proxy,
    NativeError: Error,
    NativeTypeError: TypeError,
    NativeRangeError: RangeError,
  };
}
