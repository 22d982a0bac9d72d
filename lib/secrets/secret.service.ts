import { Injectable } from '@nestjs/common';
import { quoted } from '../common/printable.js';
import { lineAbout } from '../common/log-line.js';
import { PrintableLogger } from '../common/printable-logger.js';
import { checkTenant, checkWord, checkFields, checkWhole } from '../options/query-checks.js';
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
 * Secrets that scripts use and never read. Every method works on one tenant's secrets; another tenant's are not found, and no
 * method returns a value. A change is in force in this process when the call resolves, and in other processes within a second;
 * runs under way end with what they began with.
 *
 * `by` is who asks, for the record: an id of the host's choice, up to 200 characters.
 *
 * Every method throws {@link SecretKeyMissingError} without `secrets.keys` and `secrets.cipher`, and {@link InvalidQueryError} for an
 * invalid argument; it names the field.
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
   * Creates a secret. Nothing may use it until a script names it in its `secrets`, and it goes nowhere but to its `hosts` and
   * `bindings`.
   *
   * @throws {DuplicateSecretError} if the tenant has one of this name
   * @throws {TooManySecretsError} if the tenant has `limits.tenantSecrets` already
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
   * Changes a secret. A `value` replaces the one it has.
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

  /** Replaces the value: `update` with nothing else. @throws {SecretNotFoundError} */
  rotate(tenantId: string, name: string, value: string, by?: string | null): Promise<SecretSummary> {
    // Null, not undefined: a missing value is a mistake here and doesn't mean "unchanged".
    return this.update(tenantId, name, { value: value ?? (null as unknown as string) }, by);
  }

  /**
   * Deletes a secret; the log says who did. Scripts that name it keep their list, and fail where they use it.
   *
   * @throws {SecretNotFoundError}
   */
  async delete(tenantId: string, name: string, by?: string | null): Promise<void> {
    const actor = this.begin(tenantId, by);
    checkSecretName(name);
    if (!(await this.repository.delete({ tenantId, name }))) throw new SecretNotFoundError(name);
    // Its row, which would say so, is gone.
    this.logger.log(
      lineAbout(
        { tenantId },
        ({ ofTenant }) =>
          `Secret ${quoted(name)}${ofTenant} was deleted by ${quoted(actor ?? 'nobody named')}.`,
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

  /** The tenant's secrets, by name. At most `limits.tenantSecrets`. */
  async list(tenantId: string): Promise<SecretSummary[]> {
    this.begin(tenantId, null);
    return this.repository.list(tenantId);
  }

  /**
   * Seals every secret of all tenants that another key has sealed with the key that seals now, in batches. Scripts run
   * meanwhile, and a second call, here or in another process, does no harm. When it resolves with nothing in `failed`, no
   * secret needs an older key any more.
   *
   * @param options.batchSize secrets in one statement, 1 to 1,000; default 100
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

  /** What every call begins with. Who asks, or null. */
  private begin(tenantId: string, by: string | null | undefined): string | null {
    this.vault.require();
    checkTenant(tenantId);
    if (by !== undefined && by !== null) checkWord('by', by);
    return by ?? null;
  }
}

/** Hosts in the one form in which they are compared. */
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
