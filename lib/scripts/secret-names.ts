/** Port: the names of a tenant's secrets. */
export abstract class SecretNames {
  /** As they are stored now; null while secrets are off. */
  abstract namesOf(tenantId: string): Promise<readonly string[] | null>;
}
