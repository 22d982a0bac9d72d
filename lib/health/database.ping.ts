/** Port: says whether the database responds. */
export abstract class DatabasePing {
  /** Resolves when the database has executed a trivial statement; rejects if it can't. */
  abstract ping(): Promise<void>;
}
