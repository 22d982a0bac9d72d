import { randomBytes } from 'node:crypto';
import { AesSecretCipher } from '../../../lib/secrets/aes.secret-cipher.js';

const key = (id: string) => ({ id, key: randomBytes(32) });
const PLACE = { tenantId: 'acme', name: 'token' };

describe('the cipher of secrets', () => {
  const [old, recent] = [key('2025'), key('2026')];

  it('opens what it sealed, and seals the same value differently each time', async () => {
    const cipher = new AesSecretCipher([recent]);
    const sealed = await Promise.all(Array.from({ length: 50 }, () => cipher.seal('värde "1"', PLACE)));
    expect(new Set(sealed).size).toBe(50);
    for (const one of sealed) {
      expect(Buffer.from(one.split('.')[1] ?? '', 'base64').includes('rde "1"')).toBe(false);
      expect(await cipher.open(one, PLACE, '2026')).toBe('värde "1"');
    }
  });

  it.each([
    ['another tenant', { ...PLACE, tenantId: 'globex' }],
    ['another name', { ...PLACE, name: 'key' }],
    ['a place whose tenant and name join to the same text', { tenantId: 'acmet', name: 'oken' }],
  ])('opens no value that was copied to %s', async (_what, place) => {
    const cipher = new AesSecretCipher([recent]);
    const sealed = await cipher.seal('a value', PLACE);
    await expect(cipher.open(sealed, place, '2026')).rejects.toThrow(`the key "2026" doesn't open it`);
  });

  it('opens no value that was cut, or of which any byte was changed', async () => {
    const cipher = new AesSecretCipher([recent]);
    const sealed = await cipher.seal('a value', PLACE);
    const bytes = Buffer.from(sealed.slice(3), 'base64');
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      await expect(cipher.open(`a1.${changed.toString('base64')}`, PLACE, '2026')).rejects.toThrow('open');
    }
    for (const cut of [
      '',
      'a1',
      'a1.',
      `a1.${bytes.subarray(0, 20).toString('base64')}`,
      `b2${sealed.slice(2)}`,
    ])
      await expect(cipher.open(cut, PLACE, '2026')).rejects.toThrow('not sealed by this cipher');
  });

  it('seals with the first key, and opens with every key under the id of that key', async () => {
    const before = new AesSecretCipher([old]);
    const after = new AesSecretCipher([recent, old]);
    const sealed = await before.seal('a value', PLACE);
    expect(after.keyId).toBe('2026');
    expect(await after.open(sealed, PLACE, '2025')).toBe('a value');
    await expect(after.open(sealed, PLACE, '2026')).rejects.toThrow('open');
    await expect(after.open(sealed, PLACE, '2024')).rejects.toThrow(
      'the key "2024" isn\'t among secrets.keys (EVENT_SECRETS_KEY)',
    );
  });
});
