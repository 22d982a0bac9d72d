/** Port: the names of a tenant's variables. */
export abstract class VariableNames {
  /** The names that scripts can read now. Rejects if they are not in memory and can't be read. */
  abstract namesOf(tenantId: string): Promise<readonly string[]>;
}
