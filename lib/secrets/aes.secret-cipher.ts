import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SecretKey } from '../options/secret-keys.js';
import { SecretCipher, type SecretReference } from './secret.cipher.js';

const ALGORITHM = 'aes-256-gcm';
/** NIST SP 800-38D, section 8.2: 96 bits; drawn at random, safe for 2^32 values of one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** The prefix of sealed text. Another format would get another prefix. */
const FORM = 'a1';

/** AES-256-GCM of `node:crypto`, a fresh nonce each time, with tenant and name as associated data. */
export class AesSecretCipher extends SecretCipher {
  readonly keyId: string;
  private readonly keys: ReadonlyMap<string, Buffer>;

  /** @param keys at least one; the first one seals */
  constructor(keys: readonly [SecretKey, ...SecretKey[]]) {
    super();
    this.keyId = keys[0].id;
    this.keys = new Map(keys.map(({ id, key }) => [id, key]));
  }

  async seal(value: string, place: SecretReference): Promise<string> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.keyOf(this.keyId), nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(associated(place));
    const sealed = [nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return `${FORM}.${Buffer.concat(sealed).toString('base64')}`;
  }

  async open(sealed: string, place: SecretReference, keyId: string): Promise<string> {
    const [form, text = ''] = sealed.split('.');
    const bytes = Buffer.from(text, 'base64');
    if (form !== FORM || bytes.length < NONCE_BYTES + TAG_BYTES)
      throw new Error('it was not sealed by this cipher');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(ALGORITHM, this.keyOf(keyId), nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(associated(place));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const value = [decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()];
      return Buffer.concat(value).toString('utf8');
    } catch (cause) {
      throw new Error(`the key "${keyId}" doesn't open it`, { cause });
    }
  }

  private keyOf(id: string): Buffer {
    const key = this.keys.get(id);
    if (!key) throw new Error(`the key "${id}" isn't among secrets.keys (EVENT_SECRETS_KEY)`);
    return key;
  }
}

/** A JSON list, so that no two places give the same text. */
const associated = ({ tenantId, name }: SecretReference): Buffer =>
  Buffer.from(JSON.stringify(['scripts-event secret', tenantId, name]));
