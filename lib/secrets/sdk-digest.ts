import { createHash, createHmac } from 'node:crypto';
import { BindingCallError } from '../common/binding-call.error.js';
import { isRecord, type JsonValue } from '../common/json.js';
import { valueInWords } from '../common/printable.js';
import type { RunSecrets } from './run-secrets.js';

const ALGORITHMS = ['sha256', 'sha512', 'sha384', 'sha1', 'md5'] as const;
const ENCODINGS = ['hex', 'base64', 'base64url'] as const;
/** The largest text to digest, together with the key, with secrets filled in. */
const MOST_BYTES = 256 * 1024;
/** The calls of `sdk` that this file answers. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  'sdk.hash': ['text', 'algorithm', 'encoding'],
  'sdk.hmac': ['secret', 'text', 'algorithm', 'encoding'],
};

/** Whether a script's call is one of {@link CALLS} and not the call of a binding. */
export const isDigestCall = (name: string): boolean => Object.hasOwn(CALLS, name);

/**
 * `sdk.hash` and `sdk.hmac`. They count towards the limits of binding calls; a digest of the longest text takes less
 * than a millisecond.
 *
 * @param secrets the secrets of the run, whose values replace their markers in `secret` and `text`
 * @throws BindingCallError `invalid-input`, or the error of a secret that can't be used
 */
export async function digest(
  name: string,
  input: JsonValue,
  secrets: RunSecrets | undefined,
): Promise<string> {
  const { text, secret, algorithm, encoding } = readDigest(name, input);
  if (!secrets?.isIn(`${text} ${secret ?? ''}`)) return digestOf(text, secret, algorithm, encoding);
  await secrets.open();
  if (secrets.filledBytes(text) + secrets.filledBytes(secret ?? '') > MOST_BYTES)
    throw new BindingCallError(
      'invalid-input',
      `${name}: with secrets filled in, text and secret have more than ${MOST_BYTES} bytes`,
    );
  const filled = (part: string): string => secrets.fill(part, { inProcess: true });
  return digestOf(filled(text), secret === undefined ? undefined : filled(secret), algorithm, encoding);
}

interface Digest {
  text: string;
  /** The key of an HMAC. */
  secret: string | undefined;
  algorithm: (typeof ALGORITHMS)[number];
  encoding: (typeof ENCODINGS)[number];
}

const digestOf = (
  text: string,
  secret: string | undefined,
  algorithm: Digest['algorithm'],
  encoding: Digest['encoding'],
): string =>
  (secret === undefined ? createHash(algorithm) : createHmac(algorithm, secret))
    .update(text, 'utf8')
    .digest(encoding);

function readDigest(name: string, input: JsonValue): Digest {
  const known = CALLS[name] ?? [];
  const invalid = (problem: string): never => {
    throw new BindingCallError('invalid-input', `${name}({ ${known.join(', ')} }): ${problem}`);
  };
  if (!isRecord(input)) return invalid(`expected an object, not ${valueInWords(input)}`);
  const unknown = Object.keys(input).find((field) => !known.includes(field));
  if (unknown !== undefined) invalid(`unknown field ${valueInWords(unknown)}; remove it`);
  const { text, secret, algorithm = 'sha256', encoding = 'hex' } = input;
  if (typeof text !== 'string') return invalid('text must be text');
  if (name === 'sdk.hmac' && (typeof secret !== 'string' || secret === ''))
    return invalid('secret must be one of the script, such as secrets.key, or text that is not empty');
  if (!isOneOf(ALGORITHMS, algorithm)) return invalid(`algorithm must be one of ${ALGORITHMS.join(', ')}`);
  if (!isOneOf(ENCODINGS, encoding)) return invalid(`encoding must be one of ${ENCODINGS.join(', ')}`);
  return { text, secret: secret as string | undefined, algorithm, encoding };
}

const isOneOf = <Word extends string>(words: readonly Word[], value: unknown): value is Word =>
  (words as readonly unknown[]).includes(value);
