/** Port to the database, for whoever wants to know whether it answers. */
export abstract class DatabasePing {
  /** Resolves when the database has answered the smallest of statements. */
  abstract ping(): Promise<void>;
}
