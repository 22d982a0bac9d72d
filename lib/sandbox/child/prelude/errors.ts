/* oxlint-disable unicorn/consistent-function-scoping -- the text of this function is compiled in the isolate: see index.ts */
import type { Captured } from './capture.js';
import type { PreludeSettings } from './prelude.types.js';

/** Names of the error classes in a script's scope, in their order. */
export const ERROR_NAMES = [
  'NonRetryableError',
  'RetryAfterError',
  'BindingError',
  'LimitError',
  'EventTypeError',
  'EventPayloadError',
  'UnknownNameError',
] as const;

type ErrorName = (typeof ERROR_NAMES)[number];
/** Names of the errors that the prelude throws into a script. */
export type ThrownName = Exclude<ErrorName, 'NonRetryableError' | 'RetryAfterError'>;

/** A script's error classes, functions that create errors to throw into it, and functions that read thrown values. */
export type Errors = ReturnType<typeof makeErrors>;

/** A place in a script, as the frames of a stack. */
export interface Site {
  readonly stack: string;
}

export function makeErrors(captured: Captured, formatDuration: (milliseconds: number) => string) {
  'use strict';
  const { apply, captureStackTrace, defineProperty, freeze, indexOf, isFinite, keys } = captured;
  const { slice, stringify, text } = captured;
  const { NativeError, NativeTypeError } = captured;
  /** One year. */
  const MAX_RETRY_AFTER_MS = 31_536_000_000;
  const MAX_SHOWN = 8_192;

  const isObject = (value: unknown): value is object =>
    (typeof value === 'object' && value !== null) || typeof value === 'function';

  let isNonRetryable!: (error: object) => boolean;
  let retryAfterOf!: (error: object) => number | undefined;

  /**
   * Gives the errors of a class their name, and freezes the class. The name is an accessor, because a frozen plain
   * property would forbid `error.name = 'mine'`.
   */
  function nameErrors(Class: { prototype: Error }, name: ErrorName): void {
    // No plain functions: each would have a prototype object, which stays open when the function is frozen.
    const { get, set } = {
      get: () => name,
      set(this: Error, value: unknown) {
        const own = { __proto__: null, value, writable: true, configurable: true } as object;
        defineProperty(this, 'name', own);
      },
    };
    defineProperty(Class.prototype, 'name', {
      __proto__: null,
      get: freeze(get),
      set: freeze(set),
    } as object);
    freeze(Class.prototype);
    freeze(Class);
  }

  class NonRetryableError extends NativeError {
    #nonRetryable = true;
    static {
      nameErrors(this, 'NonRetryableError');
      isNonRetryable = (error) => #nonRetryable in error && error.#nonRetryable;
    }
  }

  class RetryAfterError extends NativeError {
    #ms: number;
    constructor(ms: number, message?: string, options?: ErrorOptions) {
      if (typeof ms !== 'number' || !isFinite(ms) || ms < 0 || ms > MAX_RETRY_AFTER_MS) {
        throw new NativeTypeError(
          'new RetryAfterError(ms, message): ms must be a number from 0 to 31,536,000,000',
        );
      }
      super(
        message === undefined ? `The script asked for a retry after ${formatDuration(ms)}` : message,
        options,
      );
      this.#ms = ms;
    }
    static {
      nameErrors(this, 'RetryAfterError');
      retryAfterOf = (error) => (#ms in error ? error.#ms : undefined);
    }
  }

  function makeClass(name: ErrorName): ErrorConstructor {
    class OwnError extends NativeError {
      static {
        defineProperty(this, 'name', { __proto__: null, value: name } as object);
        nameErrors(this, name);
      }
    }
    return OwnError as unknown as ErrorConstructor;
  }

  /** The errors that the prelude throws into a script; `code` says why. */
  const ownErrors = freeze({
    __proto__: null,
    BindingError: makeClass('BindingError'),
    LimitError: makeClass('LimitError'),
    EventTypeError: makeClass('EventTypeError'),
    EventPayloadError: makeClass('EventPayloadError'),
    UnknownNameError: makeClass('UnknownNameError'),
  }) as Record<ThrownName, ErrorConstructor>;

  /** Creates an error whose stack begins at the script's own call. */
  function problem(name: ThrownName, message: string, code: string, below: object): Error {
    const error = define(new ownErrors[name](message), { __proto__: null, code } as object);
    captureStackTrace(error, below as () => void);
    return error;
  }

  /**
   * Remembers where the script called, in case the call fails later. Most calls succeed, so no error is created yet.
   * The site has no prototype, because the engine reads a name and a message from it.
   */
  function siteOf(below: object): Site {
    const site = { __proto__: null } as unknown as Site;
    captureStackTrace(site, below as () => void);
    return site;
  }

  /** Creates an error whose stack begins where the script called. */
  function problemAt({ stack }: Site, name: ThrownName, message: string, code: string): Error {
    const frames = typeof stack === 'string' ? (apply(indexOf, stack, ['\n']) as number) : -1;
    const shown = name + ': ' + message + (frames < 0 ? '' : (apply(slice, stack, [frames]) as string));
    return define(new ownErrors[name](message), { __proto__: null, code, stack: shown } as object);
  }

  function define(error: Error, fields: object): Error {
    for (const key in fields) {
      const value = (fields as Record<string, string>)[key];
      defineProperty(error, key, { __proto__: null, value, writable: true, configurable: true } as object);
    }
    return error;
  }

  /** Freezes what `JSON.parse` made: plain data, nested no deeper than the parent permits. */
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

  /** The text of any value. Never throws. An endless loop in the script's `toString` ends at the run's timeout. */
  function show(value: unknown): string {
    try {
      if (!isObject(value) || typeof value === 'function') return text(value);
      const message = readText(value, 'message', MAX_SHOWN);
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
    return stringify(error)!;
  }

  return {
    /** In the order of {@link ERROR_NAMES}. */
    classes: [
      NonRetryableError,
      RetryAfterError,
      ownErrors.BindingError,
      ownErrors.LimitError,
      ownErrors.EventTypeError,
      ownErrors.EventPayloadError,
      ownErrors.UnknownNameError,
    ] as object[],
    problem,
    problemAt,
    siteOf,
    show,
    describe,
    isObject,
    freezeDeep,
  };
}
