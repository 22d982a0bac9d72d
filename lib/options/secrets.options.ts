import type { Type } from '@nestjs/common';
import { Implementation, MayBeUndefined, SecretKeys } from './option.decorators.js';

/**
 * How tenants' secrets are stored. Without keys and without a cipher, secrets are off.
 *
 * @publicApi
 */
export class SecretsOptions {
  /**
   * Keys that seal the values, each `id:key`; the key is 32 random bytes in base64 or hex. The first one seals, all of
   * them open. A single key may have no id. Default none. To change the key, put the new one in front, call
   * `SecretService.rotateSecrets()`, and remove the old one when the call has resolved. Never logged.
   */
  @SecretKeys()
  keys: readonly string[] = [];

  /**
   * Your own `SecretCipher`, for example one that asks a KMS, in place of `keys`: an instance, or a class resolved
   * from the host's providers. Default none.
   */
  @MayBeUndefined()
  @Implementation('a SecretCipher', ['seal', 'open'])
  cipher: Type<object> | object | undefined = undefined;
}
