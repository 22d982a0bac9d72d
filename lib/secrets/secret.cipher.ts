/** Whose secret it is: what is sealed for one opens for no other. @publicApi */
export interface SecretReference {
  readonly tenantId: string;
  readonly name: string;
}

/**
 * Port: seals the values of secrets before they are stored, and opens them. Extend it, for example to ask a KMS, and name your
 * class in `secrets.cipher`. What it throws fails the call that needs the secret, which is retried with its run.
 *
 * @publicApi
 */
export abstract class SecretCipher {
  /** The id of the key that {@link seal} uses, 1 to 200 characters; it is stored beside what is sealed. */
  abstract readonly keyId: string;

  /**
   * The value as text that only {@link open} makes anything of. It has to differ each time, and to hold the place fast, as
   * the associated data of AES-GCM or the encryption context of a KMS do: what is sealed for one place must not open for
   * another, or a row that is copied to another tenant would.
   */
  abstract seal(value: string, place: SecretReference): Promise<string>;

  /**
   * The value. Rejects when it was not sealed for this place, or was changed.
   *
   * @param keyId the `keyId` it was sealed under
   */
  abstract open(sealed: string, place: SecretReference, keyId: string): Promise<string>;
}
