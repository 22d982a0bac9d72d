/**
 * The right to run something that others may take over when the right has ended. Its owner checks it before each action
 * that can't be undone.
 */
export interface RunLease {
  /** A number from the database, drawn when the right was acquired. A later owner has a greater one. */
  readonly fencingToken: number;
  /**
   * Resolves if the database confirms that the right still holds.
   *
   * @throws LeaseLostError if it has ended
   */
  assure(): Promise<void>;
}
