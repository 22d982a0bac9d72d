/**
 * The right to run something that others may take over once it has ended. Whoever runs it asks before each act that
 * cannot be taken back.
 */
export interface RunLease {
  /** From the database, drawn when the right was taken: whoever has it later has a greater one. */
  readonly fencingToken: number;
  /** Resolves while the right holds, which the database is asked. @throws LeaseLostError once it has ended */
  assure(): Promise<void>;
}
