/** A key and its name. */
export interface SecretKey {
  readonly id: string;
  readonly key: Buffer;
}

export const SECRET_KEYS_RULE =
  'a list of up to 20 keys, each id:key with an id of at most 40 letters, digits, underscores, hyphens and dots, and a key of 32 ' +
  'random bytes in base64 or hex, as openssl rand -base64 32 makes them; no id and no key twice';

const MOST_KEYS = 20;
/** The id of a key without one. */
const DEFAULT_ID = 'default';
const ID = /^[\w.-]{1,40}$/;
const BYTES = 32;
const HEX = /^[\da-f]{64}$/i;
/** Padding may be left out. */
const BASE64 = /^[\w+/-]{43}=?$/;
/**
 * 32 random bytes have some 30 different values. A key with fewer than this is not random: it is zeros, or somebody
 * typed it.
 */
const FEWEST_DIFFERENT = 12;

/** Reads keys that {@link areSecretKeys} has accepted. The first one seals. */
export const readSecretKeys = (texts: readonly string[]): SecretKey[] =>
  texts.flatMap((text) => readKey(text) ?? []);

export function areSecretKeys(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > MOST_KEYS) return false;
  const keys = value.map(readKey);
  const known = keys.filter((key) => key !== undefined);
  const ids = new Set(known.map(({ id }) => id));
  const texts = new Set(known.map(({ key }) => key.toString('hex')));
  return known.length === keys.length && ids.size === keys.length && texts.size === keys.length;
}

function readKey(text: unknown): SecretKey | undefined {
  if (typeof text !== 'string' || text.length > 200) return undefined;
  const colon = text.indexOf(':');
  const id = colon === -1 ? DEFAULT_ID : text.slice(0, colon);
  const written = text.slice(colon + 1);
  if (!ID.test(id) || !(HEX.test(written) || BASE64.test(written))) return undefined;
  const key = Buffer.from(written, HEX.test(written) ? 'hex' : 'base64');
  return key.length === BYTES && new Set(key).size >= FEWEST_DIFFERENT ? { id, key } : undefined;
}
