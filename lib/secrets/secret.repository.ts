import type { SecretEntity } from '../entities/index.js';
import type { TenantRowSource } from '../nodes/tenant-rows.js';
import type { SecretSummary } from './secret.types.js';

/** A secret as it is held in memory: its value stays sealed. */
export type SealedSecret = Pick<
  SecretEntity,
  'tenantId' | 'name' | 'keyId' | 'sealed' | 'version' | 'hosts' | 'bindings' | 'revision'
>;

/** A secret to store. */
export type NewSecret = Pick<
  SecretEntity,
  'tenantId' | 'name' | 'keyId' | 'sealed' | 'description' | 'hosts' | 'bindings' | 'createdBy'
>;

/** What to change of a stored secret. */
export type SecretChange = Partial<
  Pick<SecretEntity, 'keyId' | 'sealed' | 'description' | 'hosts' | 'bindings'>
>;

/** Which secret. */
export type SecretId = Pick<SecretEntity, 'tenantId' | 'name'>;

/** Port: where secrets are kept. Every read and write of one carries the tenant. */
export abstract class SecretRepository {
  /** For {@link TenantRows}. */
  abstract readonly rows: TenantRowSource<SealedSecret>;

  /** @throws {DuplicateSecretError} @throws {TooManySecretsError} */
  abstract create(secret: NewSecret): Promise<SecretSummary>;

  /** Null when the tenant has no such secret. A `sealed` value is the next version. */
  abstract change(id: SecretId, by: string | null, change: SecretChange): Promise<SecretSummary | null>;

  /** Whether there was one. */
  abstract delete(id: SecretId): Promise<boolean>;

  abstract find(id: SecretId): Promise<SecretSummary | null>;

  /** By name. */
  abstract list(tenantId: string): Promise<SecretSummary[]>;

  /** When secrets were used last, in milliseconds since the epoch; an older time changes nothing. */
  abstract noteUses(uses: readonly (SecretId & { at: number })[]): Promise<void>;

  /** Some secret of each key, to see whether the keys fit. */
  abstract onePerKey(): Promise<SealedSecret[]>;

  /** Secrets that another key than this one has sealed, in order, behind `after`. */
  abstract sealedByOthers(keyId: string, after: SecretId | null, limit: number): Promise<SealedSecret[]>;

  /** Puts another seal on what is still sealed as it was read; no new version. Whether it was. */
  abstract reseal(secret: SealedSecret, keyId: string, sealed: string): Promise<boolean>;
}
