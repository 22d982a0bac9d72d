import { databaseMessageOf, databaseStackOf } from './database-error.js';
import { printable, printableLines } from './printable.js';

/**
 * The kind of an error, and its HTTP status:
 *
 * | category      | meaning                                                       | HTTP status |
 * | ------------- | ------------------------------------------------------------- | ----------- |
 * | `invalid`     | The caller gave a wrong value; the message names it.          | 400         |
 * | `forbidden`   | The caller may not do this.                                   | 403         |
 * | `not-found`   | What the caller named does not exist for this tenant.         | 404         |
 * | `conflict`    | The state of what the caller named does not allow this.       | 409         |
 * | `internal`    | The application's code or set-up is wrong.                    | 500         |
 * | `unavailable` | The application stops, is full or lacks its database for now. | 503         |
 *
 * @publicApi
 */
export type ErrorCategory = 'invalid' | 'forbidden' | 'not-found' | 'conflict' | 'internal' | 'unavailable';

/** Options of a {@link ScriptsEventError}. */
export interface ScriptsEventErrorOptions {
  /** Whether the same call may succeed later. Default false. */
  retryable?: boolean;
  cause?: unknown;
  /**
   * Wording of the message: one line, several lines of our own, or the host's text as it is. Default `line`.
   *
   * @internal
   */
  wording?: keyof typeof WORDINGS;
}

/** Long enough for the text of a database or a sandbox process that some messages repeat. */
const LONGEST_MESSAGE = 8_000;

const WORDINGS = {
  line: (message: string): string => printable(message, LONGEST_MESSAGE),
  lines: (message: string): string => printableLines(message, LONGEST_MESSAGE),
  given: (message: string): string => message,
};

/**
 * Base class of every error that this package throws. `code` is stable and meant for programs. The message says what
 * failed, where, and what to change; it is printable and limited in length, even where it repeats a tenant's text.
 *
 * @publicApi
 */
export abstract class ScriptsEventError extends Error {
  /** Stable name of the problem, for example `script-not-found`. */
  abstract readonly code: string;
  /** The kind of problem. Default `internal`, whose details are not shown to callers. */
  readonly category: ErrorCategory = 'internal';
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;

  /** @internal */
  constructor(message: string, options: ScriptsEventErrorOptions = {}) {
    // Without a cause there must be no field either: a log would write "[cause]: undefined" under every error.
    super(
      WORDINGS[options.wording ?? 'line'](message),
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.name = new.target.name;
    this.retryable = options.retryable ?? false;
  }
}

/**
 * The text of anything that was thrown, safe to log and to store: of an error of the database, it has no values. Never
 * throws, and reads the message of any other error once.
 */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? (databaseMessageOf(thrown) ?? thrown.message) : String(thrown);
  } catch {
    return 'an error whose message could not be read';
  }
}

/** The stack of anything that was thrown, which begins with its message, or the message alone. As {@link messageOf}. */
export function stackOf(thrown: unknown): string {
  try {
    return (thrown instanceof Error && (databaseStackOf(thrown) ?? thrown.stack)) || messageOf(thrown);
  } catch {
    return messageOf(thrown);
  }
}
