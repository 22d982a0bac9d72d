/** Port: the names of a tenant's variables. */
export abstract class VariableNames {
  /** As scripts find them now. Rejects when they are not in memory and can't be read. */
  abstract namesOf(tenantId: string): Promise<readonly string[]>;
}
