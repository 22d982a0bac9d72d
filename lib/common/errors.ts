/** What an error carries besides its message. */
export interface ScriptsEventErrorOptions {
  /** Whether doing the same again later may succeed. Default false. */
  retryable?: boolean;
  cause?: unknown;
}

/**
 * Base of every error this package throws.
 * `code` is stable and meant for programs; the message says what failed, where, and what to change.
 *
 * @publicApi
 */
export abstract class ScriptsEventError extends Error {
  /** Stable name of the problem, for example `script-not-found`. */
  abstract readonly code: string;
  /** Whether doing the same again later may succeed. */
  readonly retryable: boolean;

  constructor(message: string, options: ScriptsEventErrorOptions = {}) {
    // Without one there shall be no field either: a log would write "[cause]: undefined" under every error.
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = new.target.name;
    this.retryable = options.retryable ?? false;
  }
}

/** The text of anything that was thrown, safe to log: never throws, never runs a getter twice. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return 'an error whose message could not be read';
  }
}
