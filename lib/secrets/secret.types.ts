import type { SecretEntity } from '../entities/index.js';

/**
 * The fields of a secret besides its name and value.
 *
 * @publicApi
 */
export interface SecretFields {
  /** Up to 2,000 characters. */
  description?: string | null;
  /**
   * The hosts that `http.fetch` may send it to, up to 20: full names such as `api.example.com` or
   * `api.example.com:8443`, without wildcards. Default none. They must be in `http.allowedHosts` as well.
   */
  hosts?: string[];
  /**
   * Names of the bindings that may get its value, up to 20. Each must be declared with `secrets: true`. Default none.
   */
  bindings?: string[];
}

/** A secret to create. @publicApi */
export interface CreateSecret extends SecretFields {
  /** The name in scripts: up to 64 letters, digits and `_`, not beginning with a digit. */
  name: string;
  /** 8 to 8,192 characters. A shorter value could be guessed, and masking it would change ordinary text. */
  value: string;
}

/** The fields of a secret to change. Fields that are left out stay as they are. @publicApi */
export interface UpdateSecret extends SecretFields {
  /** A new value. Runs that have begun continue with the old one. */
  value?: string;
}

/** A secret without its value. No service returns the value. @publicApi */
export type SecretSummary = Omit<SecretEntity, 'sealed' | 'keyId' | 'revision'>;

/** The result of `rotateSecrets`. @publicApi */
export interface SecretRotation {
  /** How many secrets were sealed anew with the current key. */
  sealed: number;
  /** Secrets that could not be opened. They stay as they are. */
  failed: { tenantId: string; name: string; keyId: string }[];
}
