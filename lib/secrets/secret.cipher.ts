/** The place of a secret. A value that is sealed for one place can't be opened for another. @publicApi */
export interface SecretReference {
  readonly tenantId: string;
  readonly name: string;
}

/**
 * Port: seals the values of secrets before they are stored, and opens them. Extend it, for example to ask a KMS, and
 * set `secrets.cipher` to your class. If a method throws, the call that needs the secret fails, and its run is
 * retried.
 *
 * @publicApi
 */
export abstract class SecretCipher {
  /** The id of the key that {@link seal} uses, 1 to 200 characters. It is stored beside the sealed value. */
  abstract readonly keyId: string;

  /**
   * Seals a value, as text that only {@link open} can read. The text must differ each time, and must be bound to the
   * place, as by the associated data of AES-GCM or the encryption context of a KMS. Otherwise a row that is copied to
   * another tenant could be opened there.
   */
  abstract seal(value: string, place: SecretReference): Promise<string>;

  /**
   * Opens a sealed value. Rejects if it was not sealed for this place or was changed.
   *
   * @param keyId the `keyId` with which the value was sealed
   */
  abstract open(sealed: string, place: SecretReference, keyId: string): Promise<string>;
}
