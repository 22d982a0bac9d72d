/** What every script has in scope in every application. A test compares it with the sandbox. */
export const AMBIENT = `/** An id of the product: text or a number. */
type EntityId = string | number;

/** An amount of money in major units: 10000.5, or "10000.50", which keeps every digit. */
type Amount = number | string;

/** A type of event that a script can listen to. */
type ScriptEventType = keyof ScriptEvents;

/** The names of the fields of the payloads. */
type ScriptEventField<Type extends ScriptEventType> = Type extends unknown
  ? keyof { [Field in keyof ScriptEvents[Type] as string extends Field ? never : Field]: true }
  : never;

/**
 * The payload of one of the given types. A field that only other types have is present as undefined, so that an editor
 * completes all fields and a comparison with undefined tells the types apart.
 */
type ScriptInput<Type extends ScriptEventType, All extends ScriptEventType = Type> = Type extends unknown
  ? Readonly<ScriptEvents[Type]> & {
      readonly [Field in Exclude<ScriptEventField<All>, keyof ScriptEvents[Type]>]?: undefined;
    }
  : never;

/**
 * What a script sees of its event; frozen. A script for one type may write \`ctx as ScriptContext<'client.created'>\`.
 * A script for several types compares \`ctx.type\` to find out which one it has.
 */
type ScriptContext<Type extends ScriptEventType = ScriptEventType, All extends ScriptEventType = Type> = Type extends unknown
  ? ScriptContextOf<Type, All>
  : never;

interface ScriptContextOf<Type extends ScriptEventType, All extends ScriptEventType> {
  /** The event's type. In \`if (ctx.type === 'client.created')\` the input has the fields of that type. */
  readonly type: Type;
  /** The event's payload. */
  readonly input: ScriptInput<Type, All>;
  readonly event: {
    readonly id: string;
    /** The same as \`ctx.type\`. */
    readonly type: Type;
    /** ISO 8601 in UTC. */
    readonly occurredAt: string;
    /** How many executions led to the event: 0 for an event of the product. */
    readonly depth: number;
  };
  /** The tenant that the event belongs to. */
  readonly tenant: { readonly id: string };
  /** Who caused the event; null if unknown. */
  readonly actor: { readonly id: string } | null;
  readonly script: { readonly id: string; readonly name: string; readonly version: number };
  /** This run. */
  readonly execution: {
    readonly id: string;
    /** 1 for the first run, one more for each retry or replay. */
    readonly attempt: number;
    /** The same on every attempt at this event by this script. */
    readonly idempotencyKey: string;
  };
}

declare const sdk: {
  readonly log: {
    debug(message?: unknown, ...data: unknown[]): void;
    info(message?: unknown, ...data: unknown[]): void;
    warn(message?: unknown, ...data: unknown[]): void;
    error(message?: unknown, ...data: unknown[]): void;
  };
  /** A digest of a text in UTF-8. The text may contain secrets. */
  hash(input: { text: string } & DigestForm): Promise<string>;
  /** A digest with a key (HMAC), by which the recipient checks who signed the text. */
  hmac(input: { secret: Secret | string; text: string } & DigestForm): Promise<string>;
};

interface DigestForm {
  /** Default \`sha256\`. */
  algorithm?: 'sha256' | 'sha512' | 'sha384' | 'sha1' | 'md5';
  /** Default \`hex\`. */
  encoding?: 'hex' | 'base64' | 'base64url';
}

/**
 * Stands for a secret; a script can't read the value. In a text, \`\${secrets.token}\`, it becomes the value when
 * \`http.fetch\` or a binding uses the text; everywhere else it shows as \`[secret:token]\`.
 */
interface Secret {
  toString(): string;
  toJSON(): string;
}

/** The same log as \`sdk.log\`. */
declare const console: {
  log(message?: unknown, ...data: unknown[]): void;
  info(message?: unknown, ...data: unknown[]): void;
  dir(message?: unknown, ...data: unknown[]): void;
  table(message?: unknown, ...data: unknown[]): void;
  debug(message?: unknown, ...data: unknown[]): void;
  trace(message?: unknown, ...data: unknown[]): void;
  warn(message?: unknown, ...data: unknown[]): void;
  error(message?: unknown, ...data: unknown[]): void;
};

declare const events: {
  /**
   * Publishes an event of the script's own when the run completes. Types that the product emits, \`script\` and
   * \`script.*\` are refused.
   */
  publish<Type extends string>(
    type: Type extends ProductEventType | 'script' | \`script.\${string}\` ? never : Type,
    payload?: Type extends ScriptEventType ? ScriptEvents[Type] : object,
  ): void;
};

/**
 * Values that a script keeps from one run to the next. What a run writes is stored when the run completes; if it fails,
 * nothing is stored.
 */
interface ScriptStore {
  /** The value, or null. The run sees its own writes. */
  get<Value = any>(key: string): Promise<Value | null>;
  /**
   * Stores a JSON value of up to 64 KiB. With a \`ttl\`, such as \`12h\` or a number of milliseconds, the value expires
   * after that time.
   */
  set(key: string, value: unknown, options?: StoreOptions): Promise<void>;
  delete(key: string): Promise<void>;
  /**
   * Adds \`by\`, default 1, to the value that is stored when the run completes. Several runs may increment the same key
   * at the same time. To read the sum, call \`get\`.
   */
  increment(key: string, by?: number, options?: StoreOptions): Promise<void>;
  /** The keys that begin with \`prefix\`, in order, with their values. \`limit\`: at most 1,000, default 100. */
  list<Value = any>(prefix?: string, options?: { limit?: number; cursor?: string | null }): Promise<StorePage<Value>>;
}

interface StoreOptions {
  /**
   * How long the value stays: 1 second to 366 days. Default: for ever. An increment sets it only if the key has no
   * value yet.
   */
  ttl?: number | string;
}

interface StorePage<Value> {
  items: { key: string; value: Value }[];
  /** Pass it as \`cursor\` to get the next page; null on the last page. */
  nextCursor: string | null;
}

/** The script's own store; \`store.tenant\` is the one that all scripts of the tenant share. */
declare const store: ScriptStore & { readonly tenant: ScriptStore };

/** Throw it to give up the event immediately, without a retry. */
declare class NonRetryableError extends Error {}

/** Throw it to retry the event after \`ms\` milliseconds, but at most the product's longest delay. */
declare class RetryAfterError extends Error {
  constructor(ms: number, message?: string, options?: ErrorOptions);
}

/** A call of a binding failed. \`code\` says why: one of these, or a code of the binding itself. */
declare class BindingError extends Error {
  private constructor();
  readonly code: 'invalid-input' | 'not-allowed' | 'secret-not-allowed' | 'secret-unavailable' | 'timeout' | 'failed' | (string & {});
}

/** The run exceeded a limit. \`code\` names the limit. */
declare class LimitError extends Error {
  private constructor();
  readonly code: 'bindingCalls' | 'bindingBytes' | 'publishes' | 'publishBytes' | 'depth' | (string & {});
}

/** \`events.publish\` was given a type that a script may not publish. */
declare class EventTypeError extends Error {
  private constructor();
  readonly code: 'event-type' | 'event-type-reserved';
}

/** \`events.publish\` was given a payload that is not an object. */
declare class EventPayloadError extends Error {
  private constructor();
  readonly code: 'event-payload';
}

/** \`secrets\` or \`vars\` has no such name. */
declare class UnknownNameError extends Error {
  private constructor();
  readonly code: 'secret' | 'variable';
}
`;
