type Stringify = (value: unknown) => string | undefined;
/** Node.js 22 and later have it. */
interface JsonWithRaw {
  rawJSON?: (text: unknown) => object;
}

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
  const { parse, stringify } = JSON as { parse: typeof JSON.parse; stringify: Stringify };
  const { rawJSON } = JSON as JsonWithRaw;
  /** Whether the run has made raw JSON. */
  let mayBeRaw = false;
  if (rawJSON !== undefined) {
    // A method in short form can't be used as a constructor, like a built-in.
    const noted: Required<JsonWithRaw> = {
      rawJSON(text) {
        mayBeRaw = true;
        return rawJSON(text);
      },
    };
    (JSON as JsonWithRaw).rawJSON = noted.rawJSON;
  }
  /**
   * The JSON text of a value as the host writes it, so that what is measured here is what the host stores. A script can
   * write a number in another form by `JSON.rawJSON`: `9e20`, for example, has 21 digits in the host.
   */
  const stringifyPlainly: Stringify = (value) => {
    const json = stringify(value);
    return mayBeRaw && json !== undefined ? stringify(parse(json)) : json;
  };
  return {
    parse,
    stringify: stringifyPlainly,
    /** Call it before each run. No run reaches the raw JSON of another, and looking for raw JSON triples the time. */
    forgetRaw: (): void => {
      mayBeRaw = false;
    },
    freeze: Object.freeze,
    keys: Object.keys,
    defineProperty: Object.defineProperty,
    apply: Reflect.apply,
    construct: Reflect.construct,
    hasOwn: Object.hasOwn,
    toPrimitive: Symbol.toPrimitive as typeof Symbol.toPrimitive,
    toLowerCase: String.prototype.toLowerCase,
    isFinite: Number.isFinite,
    floor: Math.floor,
    round: Math.round,
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
