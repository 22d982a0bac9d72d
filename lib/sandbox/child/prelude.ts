/* The functions of this file never run in the child: their text is compiled inside the isolate, so they may use nothing
 * from outside themselves. They run beside hostile code: after a script has started they use only what was captured
 * before, and no prototype's method, iterator, setter, `toJSON` or inherited property descriptor. */

/** What the prelude calls in the child. Copies of text only. */
export interface PreludeHost {
  log(level: string, message: string, data: string | undefined): void;
  drop(): void;
  call(id: number, name: string, args: string): void;
  /** The first call ends the run. */
  completed(result: string, published: string): void;
  failed(error: string): void;
  rejected(message: string): void;
}

export interface PreludeSettings {
  bindings: string[];
  reservedEventTypes: string[];
  resultBytes: number;
  logLines: number;
  logBytes: number;
  messageBytes: number;
  stackBytes: number;
  publishes: number;
  publishBytes: number;
  bindingCalls: number;
  bindingBytes: number;
}

/** Delivers the answer of a binding call. */
export type Settle = (call: number, ok: boolean, text: string) => void;
/** Begins a run; the script itself starts in a microtask, so that no frame of ours is below its own. */
export type Start = (
  script: (...scope: unknown[]) => () => Promise<unknown>,
  host: PreludeHost,
  ctx: string,
  input: string,
  settings: string,
) => Settle;

/**
 * Captures what is needed of a realm nobody has touched yet, takes away what no script needs, and gives the function
 * that starts a run.
 */
export function prelude(): Start {
  'use strict';
  const { parse, stringify } = JSON;
  const { freeze, keys, defineProperty } = Object;
  const { apply } = Reflect;
  const { isFinite } = Number;
  const { slice, split, startsWith, indexOf, charCodeAt } = String.prototype;
  const { then } = Promise.prototype;
  const { captureStackTrace } = Error;
  const NativePromise = Promise;
  const NativeError = Error;
  const NativeTypeError = TypeError;
  const NativeRangeError = RangeError;
  const text = String;
  const resolved = Promise.resolve();
  const MAX_RETRY_AFTER_MS = 31_536_000_000;
  const MAX_LINE = 8_192;
  const MAX_DATA = 16_384;

  for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'console']) {
    delete (globalThis as Record<string, unknown>)[name];
  }

  const isObject = (value: unknown): value is object =>
    (typeof value === 'object' && value !== null) || typeof value === 'function';

  let isNonRetryable!: (error: object) => boolean;
  let retryAfterOf!: (error: object) => number | undefined;

  class NonRetryableError extends NativeError {
    #nonRetryable = true;
    constructor(message?: string, options?: ErrorOptions) {
      super(message, options);
    }
    static {
      defineProperty(this.prototype, 'name', {
        value: 'NonRetryableError',
        writable: true,
        configurable: true,
      });
      isNonRetryable = (error) => #nonRetryable in error && error.#nonRetryable;
    }
  }

  class RetryAfterError extends NativeError {
    #ms: number;
    constructor(ms: number, message?: string, options?: ErrorOptions) {
      if (typeof ms !== 'number' || !isFinite(ms) || ms < 0 || ms > MAX_RETRY_AFTER_MS) {
        throw new NativeTypeError(
          'new RetryAfterError(ms, message): ms is a number from 0 to 31,536,000,000',
        );
      }
      super(message === undefined ? `Asked to be retried after ${ms} ms` : message, options);
      this.#ms = ms;
    }
    static {
      defineProperty(this.prototype, 'name', {
        value: 'RetryAfterError',
        writable: true,
        configurable: true,
      });
      retryAfterOf = (error) => (#ms in error ? error.#ms : undefined);
    }
  }

  /** An error of ours whose stack begins at the script's own call. */
  function problem(
    Base: ErrorConstructor,
    name: string,
    message: string,
    code: string,
    below: object,
  ): Error {
    const error = new Base(message);
    defineProperty(error, 'name', {
      __proto__: null,
      value: name,
      writable: true,
      configurable: true,
    } as object);
    defineProperty(error, 'code', {
      __proto__: null,
      value: code,
      writable: true,
      configurable: true,
    } as object);
    captureStackTrace(error, below as () => void);
    return error;
  }

  /** Gives an error of ours its words later than its stack. */
  function reword(error: Error, name: string, message: string, code: string): Error {
    const fields = { __proto__: null, name, message, code } as unknown as Record<string, string>;
    const { stack } = error;
    const frames = typeof stack === 'string' ? (apply(indexOf, stack, ['\n']) as number) : -1;
    fields['stack'] = name + ': ' + message + (frames < 0 ? '' : (apply(slice, stack!, [frames]) as string));
    for (const key in fields) {
      const value = fields[key];
      defineProperty(error, key, { __proto__: null, value, writable: true, configurable: true } as object);
    }
    return error;
  }

  /** Freezes what JSON.parse made: plain data, no deeper than the parent lets through. */
  function freezeDeep(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const names = keys(value);
    for (let index = 0; index < names.length; index++)
      freezeDeep((value as Record<string, unknown>)[names[index]!]);
    return freeze(value);
  }

  function readText(thrown: object, key: string, max: number): string | undefined {
    try {
      const value = (thrown as Record<string, unknown>)[key];
      return typeof value === 'string' ? apply(slice, value, [0, max]) : undefined;
    } catch {
      return undefined;
    }
  }

  /** The text of any value: never throws; loops of the script end at the isolate's timeout. */
  function show(value: unknown): string {
    try {
      if (!isObject(value) || typeof value === 'function') return text(value);
      const message = readText(value, 'message', MAX_LINE);
      if (message !== undefined) {
        const name = readText(value, 'name', 128);
        return name === undefined || name === '' ? message : message === '' ? name : name + ': ' + message;
      }
      const json = stringify(value) as string | undefined;
      return json === undefined ? 'a value without a text' : json;
    } catch {
      return 'a value without a text';
    }
  }

  function describe(thrown: unknown, settings: PreludeSettings, prefix: string): string {
    const object = isObject(thrown) ? thrown : undefined;
    const message = object && readText(object, 'message', settings.messageBytes + 1);
    const error = {
      __proto__: null,
      message:
        prefix + apply(slice, message === undefined ? show(thrown) : message, [0, settings.messageBytes + 1]),
      name: object && readText(object, 'name', 128),
      stack: object && readText(object, 'stack', settings.stackBytes * 4),
      retryable: object && isNonRetryable(object) ? false : undefined,
      retryAfterMs: object && retryAfterOf(object),
    };
    return stringify(error);
  }

  function makeLog(host: PreludeHost, settings: PreludeSettings) {
    let lines = 0;
    let size = 0;
    return (level: string, args: unknown[]): void => {
      if (lines >= settings.logLines || size >= settings.logBytes) return host.drop();
      const first = args.length === 0 ? '' : args[0];
      let message = typeof first === 'string' ? first : show(first);
      if (message.length > MAX_LINE) {
        message = apply(slice, message, [0, MAX_LINE]) + `… (${message.length - MAX_LINE} more characters)`;
      }
      const data =
        args.length < 2 ? undefined : dataOf(args.length === 2 ? args[1] : apply(listRest, args, [1]));
      size += message.length + (data === undefined ? 0 : data.length) + 32;
      if (size > settings.logBytes) return host.drop();
      lines++;
      host.log(level, message, data);
    };
  }
  const listRest = Array.prototype.slice;

  function dataOf(value: unknown): string | undefined {
    let json: string | undefined;
    try {
      const plain = typeof value === 'object' && value !== null && value instanceof NativeError;
      json = plain || typeof value === 'bigint' ? stringify(show(value)) : stringify(value);
    } catch (error) {
      json = stringify(`[no JSON form: ${show(error)}]`);
    }
    if (json === undefined || json.length <= MAX_DATA) return json;
    return stringify(`[${json.length} characters left out]`);
  }

  function makeSdk(log: (level: string, args: unknown[]) => void) {
    const at =
      (level: string) =>
      (...args: unknown[]): void =>
        log(level, args);
    const debug = at('debug');
    const info = at('info');
    const warn = at('warn');
    const error = at('error');
    const sdk = freeze({ log: freeze({ debug, info, warn, error }) });
    const console = freeze({ log: info, info, debug, trace: debug, warn, error, dir: info, table: info });
    return { sdk, console };
  }

  /** Letters, digits, "_" and "-" in parts joined by single dots, beginning with a letter; at most 128 characters. */
  function isEventType(type: unknown): type is string {
    if (typeof type !== 'string' || type.length > 128) return false;
    let wordBefore = false;
    for (let index = 0; index < type.length; index++) {
      const code = apply(charCodeAt, type, [index]);
      const letter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
      const word = letter || (code >= 48 && code <= 57) || code === 95 || code === 45;
      if (index === 0 ? !letter : !word && !(code === 46 && wordBefore)) return false;
      wordBefore = word;
    }
    return wordBefore;
  }

  function isReserved(type: string, reserved: string[]): boolean {
    if (apply(startsWith, type, ['script.'])) return true;
    for (let index = 0; index < reserved.length; index++) {
      const name = reserved[index]!;
      const wild = name.length > 1 && name[name.length - 1] === '*' && name[name.length - 2] === '.';
      if (wild ? apply(startsWith, type, [apply(slice, name, [0, -1])]) : type === name) return true;
    }
    return false;
  }

  function makeEvents(settings: PreludeSettings) {
    let count = 0;
    let list = '';
    function publish(type: unknown, payload?: unknown): void {
      if (!isEventType(type)) {
        const hint =
          'is a name such as "order.checked", of at most 128 letters, digits, "_", "-" and single dots';
        throw problem(
          NativeTypeError,
          'EventTypeError',
          `events.publish(type, payload): type ${hint}`,
          'event-type',
          publish,
        );
      }
      if (isReserved(type, settings.reservedEventTypes)) {
        const message = `Event type "${type}" belongs to the host; scripts publish types of their own`;
        throw problem(NativeTypeError, 'EventTypeError', message, 'event-type-reserved', publish);
      }
      if (count >= settings.publishes) {
        const message = `A run publishes at most ${settings.publishes} events`;
        throw problem(NativeRangeError, 'LimitError', message, 'publishes', publish);
      }
      const json = payload === undefined ? '{}' : (stringify(payload) as string | undefined);
      if (json === undefined || json[0] !== '{') {
        const message = 'events.publish(type, payload): payload is an object';
        throw problem(NativeTypeError, 'EventPayloadError', message, 'event-payload', publish);
      }
      if (json.length > settings.publishBytes) {
        const message = `A payload has at most ${settings.publishBytes} bytes; this one has ${json.length}`;
        throw problem(NativeRangeError, 'LimitError', message, 'publishBytes', publish);
      }
      list += (count++ === 0 ? '' : ',') + '{"type":' + stringify(type) + ',"payload":' + json + '}';
    }
    return { events: freeze({ publish }), published: () => '[' + list + ']' };
  }

  function makeBindings(host: PreludeHost, settings: PreludeSettings) {
    interface Waiting {
      resolve: (value: unknown) => void;
      reject: (error: unknown) => void;
      /** Made at the call, because at the answer no frame of the script is left. */
      site: Error;
    }
    const waiting = { __proto__: null } as unknown as Record<number, Waiting>;
    let calls = 0;

    function begin(name: string, args: unknown, below: object): Promise<unknown> {
      return new NativePromise((resolve, reject) => {
        if (calls >= settings.bindingCalls) {
          const message = `A run calls bindings at most ${settings.bindingCalls} times`;
          return reject(problem(NativeRangeError, 'LimitError', message, 'bindingCalls', below));
        }
        const json = args === undefined ? 'null' : (stringify(args) as string | undefined);
        if (json === undefined) {
          return reject(
            problem(
              NativeTypeError,
              'BindingError',
              `${name}: the argument has no JSON form`,
              'input',
              below,
            ),
          );
        }
        if (json.length > settings.bindingBytes) {
          const message = `${name}: an argument has at most ${settings.bindingBytes} bytes; this one has ${json.length}`;
          return reject(problem(NativeRangeError, 'LimitError', message, 'bindingBytes', below));
        }
        const id = ++calls;
        waiting[id] = { resolve, reject, site: problem(NativeError, 'BindingError', '', '', below) };
        host.call(id, name, json);
      });
    }

    const settle: Settle = (call, ok, answer) => {
      const waiter = waiting[call];
      if (waiter === undefined) return;
      delete waiting[call];
      const value: unknown = parse(answer);
      if (ok) return waiter.resolve(value);
      const { name, code, message } = value as { name: string; code: string; message: string };
      waiter.reject(reword(waiter.site, name, message, code));
    };

    /** The bindings as objects by first name: `{ crm: { findClient } }`. */
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

    return { roots, settle, calls: () => calls };
  }

  function freezeTree(node: unknown): void {
    if (!isObject(node)) return;
    const names = keys(node);
    for (let index = 0; index < names.length; index++)
      freezeTree((node as Record<string, unknown>)[names[index]!]);
    freeze(node);
  }

  /** Reactions without a look at `constructor`, which the script may have replaced. */
  function whenSettled(
    promise: object,
    done: (value: unknown) => void,
    failed: (error: unknown) => void,
  ): void {
    defineProperty(promise, 'constructor', { __proto__: null, value: undefined } as object);
    apply(then, promise, [done, failed]);
  }

  function isTooDeep(error: unknown): boolean {
    try {
      return error instanceof NativeRangeError && apply(indexOf, error.message, ['call stack']) >= 0;
    } catch {
      return false;
    }
  }

  return (script, host, ctxText, inputText, settingsText) => {
    const settings = parse(settingsText) as PreludeSettings;
    const ctx = parse(ctxText) as Record<string, unknown>;
    ctx['input'] = parse(inputText);
    freezeDeep(ctx);
    const { sdk, console } = makeSdk(makeLog(host, settings));
    const { events, published } = makeEvents(settings);
    const bindings = makeBindings(host, settings);

    const fail = (error: unknown): void => host.failed(describe(error, settings, ''));
    const complete = (value: unknown): void => {
      let json: string | undefined;
      try {
        json = stringify(value) as string | undefined;
      } catch (error) {
        if (isTooDeep(error)) return host.rejected('The result is nested too deeply');
        return host.failed(describe(error, settings, 'The result has no JSON form: '));
      }
      if (json === undefined) json = 'null';
      if (json.length > settings.resultBytes) {
        const bounds = `${json.length} characters; at most resultBytes = ${settings.resultBytes} are allowed`;
        return host.rejected(`The result has ${bounds}`);
      }
      host.completed(json, published());
    };

    const scope: unknown[] = [ctx, sdk, events, console, NonRetryableError, RetryAfterError];
    const roots = bindings.roots();
    for (let index = 0; index < roots.length; index++) scope[scope.length] = roots[index];
    const body = apply(script, undefined, scope);
    whenSettled(apply(then, resolved, [body]), complete, fail);
    return bindings.settle;
  };
}
