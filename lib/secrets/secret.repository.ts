import type { SecretEntity } from '../entities/index.js';
import type { TenantRowSource } from '../nodes/tenant-rows.js';
import type { SecretSummary } from './secret.types.js';

/** A secret in memory, with its value sealed. */
export type SealedSecret = Pick<
  SecretEntity,
  'tenantId' | 'name' | 'keyId' | 'sealed' | 'version' | 'hosts' | 'bindings' | 'revision'
>;

/** A secret to store. */
export type NewSecret = Pick<
  SecretEntity,
  'tenantId' | 'name' | 'keyId' | 'sealed' | 'description' | 'hosts' | 'bindings' | 'createdBy'
>;

/** Changes of a stored secret. */
export type SecretChange = Partial<
  Pick<SecretEntity, 'keyId' | 'sealed' | 'description' | 'hosts' | 'bindings'>
>;

/** Identifies a secret. */
export type SecretId = Pick<SecretEntity, 'tenantId' | 'name'>;

/** Port: stores sealed secrets. Every method that reads or writes one takes the tenant. */
export abstract class SecretRepository {
  /** For {@link TenantRows}. */
  abstract readonly rows: TenantRowSource<SealedSecret>;

  /** @throws {DuplicateSecretError} @throws {TooManySecretsError} */
  abstract create(secret: NewSecret): Promise<SecretSummary>;

  /** Returns null if the tenant has no such secret. A new `sealed` value makes a new version. */
  abstract change(id: SecretId, by: string | null, change: SecretChange): Promise<SecretSummary | null>;

  /** Returns whether the secret existed. */
  abstract delete(id: SecretId): Promise<boolean>;

  abstract find(id: SecretId): Promise<SecretSummary | null>;

  /** The tenant's secrets, sorted by name. */
  abstract list(tenantId: string): Promise<SecretSummary[]>;

  /**
   * Stores when secrets were last used, in milliseconds since the epoch. A time older than the stored one changes
   * nothing.
   */
  abstract noteUses(uses: readonly (SecretId & { at: number })[]): Promise<void>;

  /** One secret of each key id, to check the keys. */
  abstract onePerKey(): Promise<SealedSecret[]>;

  /** Secrets that were sealed with another key than `keyId`, in order, beginning after `after`. */
  abstract sealedByOthers(keyId: string, after: SecretId | null, limit: number): Promise<SealedSecret[]>;

  /**
   * Replaces the sealed value if it is still the one that was read, without a new version. Returns whether it was
   * replaced.
   */
  abstract reseal(secret: SealedSecret, keyId: string, sealed: string): Promise<boolean>;
}
