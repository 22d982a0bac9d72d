import { Injectable } from '@nestjs/common';
import { callerOf, quoted } from '../common/printable.js';
import { lineAbout } from '../common/log-line.js';
import { PrintableLogger } from '../common/printable-logger.js';
import { checkTenant, checkId, checkFields, checkWhole } from '../options/query-checks.js';
import { parseHostPattern } from '../options/host-pattern.js';
import { checkNewSecret, checkSecretChange, checkSecretName } from './secret.checks.js';
import { SecretNotFoundError } from './secret.errors.js';
import { type SecretChange, type SecretId, SecretRepository } from './secret.repository.js';
import type {
  CreateSecret,
  SecretFields,
  SecretRotation,
  SecretSummary,
  UpdateSecret,
} from './secret.types.js';
import { SecretVault } from './secret-vault.js';

const DEFAULT_BATCH = 100;

/**
 * Secrets that scripts use and never read. Every method works on one tenant's secrets; secrets of another tenant are
 * not found. No method returns a value. A change takes effect in this process before the call resolves, and in other
 * processes within a second. A run keeps the values that it began with.
 *
 * `by` names who makes the change and is stored with it: an id that you choose, up to 200 characters.
 *
 * Every method throws a {@link SecretKeyMissingError} if neither `secrets.keys` nor `secrets.cipher` is set, and an
 * {@link InvalidQueryError} that names the field if an argument is invalid.
 *
 * @publicApi
 */
@Injectable()
export class SecretService {
  private readonly logger = new PrintableLogger(SecretService.name);

  /** @internal */
  constructor(
    private readonly repository: SecretRepository,
    private readonly vault: SecretVault,
  ) {}

  /**
   * Creates a secret. Only scripts that list it in their `secrets` may use it, and only to send it to its `hosts` and
   * `bindings`.
   *
   * @throws {DuplicateSecretError} if the tenant has one of this name
   * @throws {TooManySecretsError} if the tenant already has `limits.tenantSecrets` secrets
   */
  async create(tenantId: string, secret: CreateSecret, by?: string | null): Promise<SecretSummary> {
    const actor = this.begin(tenantId, by);
    checkNewSecret(secret);
    const { name, value, description = null } = secret;
    const seal = await this.vault.seal(value, { tenantId, name });
    const fields = { description, hosts: [], bindings: [], ...destinationsOf(secret) };
    const created = await this.repository.create({ tenantId, name, ...seal, ...fields, createdBy: actor });
    await this.vault.changed(tenantId);
    return created;
  }

  /**
   * Changes a secret. Fields that are left out stay as they are.
   *
   * @throws {SecretNotFoundError}
   */
  async update(
    tenantId: string,
    name: string,
    changes: UpdateSecret,
    by?: string | null,
  ): Promise<SecretSummary> {
    const actor = this.begin(tenantId, by);
    checkSecretName(name);
    checkSecretChange(changes);
    const { value, description } = changes;
    const change: SecretChange = { ...destinationsOf(changes) };
    if (description !== undefined) change.description = description;
    if (value !== undefined) Object.assign(change, await this.vault.seal(value, { tenantId, name }));
    const changed = await this.repository.change({ tenantId, name }, actor, change);
    if (!changed) throw new SecretNotFoundError(name);
    await this.vault.changed(tenantId);
    return changed;
  }

  /** Replaces the value and nothing else. @throws {SecretNotFoundError} */
  rotate(tenantId: string, name: string, value: string, by?: string | null): Promise<SecretSummary> {
    // `null` and not `undefined`: a missing value is a mistake here and doesn't mean "unchanged".
    return this.update(tenantId, name, { value: value ?? (null as unknown as string) }, by);
  }

  /**
   * Deletes a secret and logs who did it. Scripts that list it fail when they use it.
   *
   * @throws {SecretNotFoundError}
   */
  async delete(tenantId: string, name: string, by?: string | null): Promise<void> {
    const actor = this.begin(tenantId, by);
    checkSecretName(name);
    if (!(await this.repository.delete({ tenantId, name }))) throw new SecretNotFoundError(name);
    // Logged, because the row that would say so is deleted.
    this.logger.log(
      lineAbout(
        { tenantId },
        ({ ofTenant }) => `Secret ${quoted(name)}${ofTenant} was deleted by ${callerOf(actor)}.`,
      ),
    );
    await this.vault.changed(tenantId);
  }

  /** @throws {SecretNotFoundError} */
  async get(tenantId: string, name: string): Promise<SecretSummary> {
    this.begin(tenantId, null);
    checkSecretName(name);
    const found = await this.repository.find({ tenantId, name });
    if (!found) throw new SecretNotFoundError(name);
    return found;
  }

  /** The tenant's secrets, sorted by name. There are at most `limits.tenantSecrets`. */
  async list(tenantId: string): Promise<SecretSummary[]> {
    this.begin(tenantId, null);
    return this.repository.list(tenantId);
  }

  /**
   * Seals all secrets of all tenants anew that were sealed with an older key, in batches. Scripts keep running, and a
   * second call, here or in another process, does no harm. If the result has nothing in `failed`, no secret needs an
   * older key any more, and you can remove those keys.
   *
   * @param options.batchSize secrets in one statement, 1 to 1,000. Default 100
   */
  async rotateSecrets(options: { batchSize?: number } = {}): Promise<SecretRotation> {
    this.vault.require();
    checkFields('the options', options, ['batchSize']);
    const { batchSize = DEFAULT_BATCH } = options;
    checkWhole('batchSize', batchSize, 1, 1_000);
    const rotation: SecretRotation = { sealed: 0, failed: [] };
    let after: SecretId | null = null;
    for (;;) {
      const batch = await this.repository.sealedByOthers(this.vault.keyId, after, batchSize);
      const tenants = new Set<string>();
      for (const secret of batch) {
        const { tenantId, name, keyId } = secret;
        const seal = await this.vault.reseal(secret);
        if (!seal) rotation.failed.push({ tenantId, name, keyId });
        else if (await this.repository.reseal(secret, seal.keyId, seal.sealed)) {
          rotation.sealed++;
          tenants.add(tenantId);
        }
      }
      for (const tenantId of tenants) await this.vault.changed(tenantId);
      const last = batch.at(-1);
      if (!last || batch.length < batchSize) return rotation;
      after = { tenantId: last.tenantId, name: last.name };
    }
  }

  /** Checks what every call needs. Returns who makes the change, or null. */
  private begin(tenantId: string, by: string | null | undefined): string | null {
    this.vault.require();
    checkTenant(tenantId);
    if (by !== undefined && by !== null) checkId('by', by);
    return by ?? null;
  }
}

/** Normalises host names, so that they can be compared. */
function destinationsOf({ hosts, bindings }: SecretFields): Pick<SecretChange, 'hosts' | 'bindings'> {
  return {
    ...(hosts === undefined ? {} : { hosts: [...new Set(hosts.map(hostInOneForm))] }),
    ...(bindings === undefined ? {} : { bindings: [...bindings] }),
  };
}

function hostInOneForm(text: string): string {
  const { host, port } = parseHostPattern(text)!;
  return port === undefined ? host : `${host}:${port}`;
}
