/** Port: says whether the database responds. */
export abstract class DatabasePing {
  /** Resolves when the database has executed the smallest of statements. */
  abstract ping(): Promise<void>;
}
