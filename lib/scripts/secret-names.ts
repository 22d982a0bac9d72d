/** Port: the names of a tenant's secrets. */
export abstract class SecretNames {
  /** The stored names. null while secrets are off. */
  abstract namesOf(tenantId: string): Promise<readonly string[] | null>;
}
