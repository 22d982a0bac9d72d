import type { SecretEntity } from '../entities/index.js';

/**
 * What a secret is for, besides its name and value.
 *
 * @publicApi
 */
export interface SecretFields {
  /** Up to 2,000 characters. */
  description?: string | null;
  /**
   * The hosts that `http.fetch` may send it to, up to 20: full names such as `api.example.com` or `api.example.com:8443`, without
   * wildcards. Default none. They have to be among `http.allowedHosts` as well.
   */
  hosts?: string[];
  /** Names of the bindings that may have it, up to 20; each has to be declared with `secrets: true`. Default none. */
  bindings?: string[];
}

/** A secret to create. @publicApi */
export interface CreateSecret extends SecretFields {
  /** What scripts call it: up to 64 letters, digits and `_`, not beginning with a digit. */
  name: string;
  /** 8 to 8,192 characters. A shorter one could be guessed, and its mask would stand in ordinary text. */
  value: string;
}

/** The fields of a secret to change; fields that are left out stay. @publicApi */
export interface UpdateSecret extends SecretFields {
  /** A new value. Runs under way go on with the one that they began with. */
  value?: string;
}

/** A secret without its value, which no service returns. @publicApi */
export type SecretSummary = Omit<SecretEntity, 'sealed' | 'keyId' | 'revision'>;

/** What `rotateSecrets` has done. @publicApi */
export interface SecretRotation {
  /** Secrets that were sealed anew, with the key that seals now. */
  sealed: number;
  /** Secrets that could not be opened and stay as they are. */
  failed: { tenantId: string; name: string; keyId: string }[];
}
