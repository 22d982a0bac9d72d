import { ScriptsEventError } from '../common/errors.js';
import { type FieldIssue, fieldIssue } from '../common/invalid-query.error.js';
import { quoted } from '../common/printable.js';

/** The tenant has no such secret. @publicApi */
export class SecretNotFoundError extends ScriptsEventError {
  readonly code = 'secret-not-found';
  override readonly category = 'not-found';

  constructor(readonly secretName: string) {
    super(`The tenant has no secret ${quoted(secretName)}. Check the name and the tenant.`);
  }
}

/** The tenant already has a secret of this name. @publicApi */
export class DuplicateSecretError extends ScriptsEventError {
  readonly code = 'duplicate-secret';
  override readonly category = 'conflict';
  /** The problem with its field, as other errors about fields list theirs. Always one. */
  readonly issues: readonly [FieldIssue];

  constructor(
    readonly secretName: string,
    cause?: unknown,
  ) {
    super(
      `The tenant already has a secret ${quoted(secretName)}. Choose another name, or change that secret.`,
      {
        cause,
      },
    );
    this.issues = [fieldIssue('name', 'duplicate', this.message)];
  }
}

/** The tenant already has as many secrets as `limits.tenantSecrets` allows. Nothing was changed. @publicApi */
export class TooManySecretsError extends ScriptsEventError {
  readonly code = 'too-many-secrets';
  override readonly category = 'conflict';

  /** @param limit `limits.tenantSecrets` */
  constructor(
    readonly tenantId: string,
    readonly limit: number,
  ) {
    super(
      `Tenant ${quoted(tenantId)} has reached the limit of ${limit} secrets. Delete some, or raise limits.tenantSecrets ` +
        '(EVENT_LIMITS_TENANT_SECRETS).',
    );
  }
}

/** The application has no key for secrets, so secrets are off. Nothing was changed. @publicApi */
export class SecretKeyMissingError extends ScriptsEventError {
  readonly code = 'secret-key-missing';
  override readonly category = 'conflict';

  constructor() {
    super(
      'Secrets are off because no key is set. Set secrets.keys (EVENT_SECRETS_KEY) to a key made with ' +
        '"openssl rand -base64 32", or secrets.cipher.',
    );
  }
}

/**
 * A key of `secrets.keys` (or the host's cipher) can't open secrets that were sealed with a key of the same id.
 * Thrown when the application starts.
 *
 * @publicApi
 */
export class SecretKeyError extends ScriptsEventError {
  readonly code = 'secret-key';

  constructor(
    /** Ids of keys. */
    readonly keyIds: readonly string[],
    cause?: unknown,
  ) {
    super(
      `Keys for secrets are wrong: ${keyIds.map(quoted).join(', ')} can't open secrets that were sealed with a key of the same id. Put the ` +
        'right keys into secrets.keys (EVENT_SECRETS_KEY), or give a new key an id of its own.',
      { cause },
    );
  }
}
