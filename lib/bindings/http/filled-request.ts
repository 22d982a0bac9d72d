import { byteLength } from '../../common/json.js';
import type { SecretsInUse } from '../binding-secrets.js';
import { httpError } from './http.errors.js';
import { HEADER_VALUE, type Outgoing, redirected } from './outgoing.js';

/** A request as it is sent. */
export interface Filled {
  /** The destination. Its path still has markers, unless the whole address is a secret. */
  readonly url: URL;
  /** Path and query as sent. */
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly hasSecrets: boolean;
}

/** The longest value of a header, and the longest address, with secrets in it. */
const MOST_CHARACTERS = 8_192 + 4_096;

/**
 * Fills in the values of secrets, after a check that each may go to the destination. Called before anything is sent.
 *
 * @throws BindingCallError
 */
export function filled(request: Outgoing, secrets: SecretsInUse | undefined, maxBytes: number): Filled {
  const { address, headers, body } = request;
  const isSecret = secrets?.begins(address) ?? false;
  const read = isSecret ? undefined : readUrl(address);
  // Includes the parsed URL: the parser drops tabs and line breaks, which can join the parts of a marker.
  const parts = [address, read?.href ?? '', ...Object.values(headers), body ?? ''];
  if (!secrets || (read && !parts.some((part) => secrets.isIn(part)))) {
    const url = read ?? readUrl(address);
    return { ...request, url, path: `${url.pathname}${url.search}`, hasSecrets: false };
  }
  if (secrets.filledLength(address) > MOST_CHARACTERS)
    throw httpError(
      'invalid-input',
      `url has more than ${MOST_CHARACTERS} characters with the secrets in it`,
    );
  const url = read ?? urlInSecret(secrets.fill(address, { inProcess: true }));
  const to = { host: url, inSecret: isSecret };
  for (const part of parts) secrets.check(part, to);
  const fill: Fill = (text, encode) => secrets.fill(text, to, encode);
  return {
    url,
    path: `${fill(url.pathname, inPath)}${fill(url.search, encodeURIComponent)}`,
    method: request.method,
    headers: filledHeaders(headers, secrets, fill),
    body: body === null ? null : filledBody(body, headers['content-type'] ?? '', secrets, fill, maxBytes),
    hasSecrets: true,
  };
}

type Fill = (text: string, encode?: (value: string) => string) => string;

/**
 * The request that follows a redirect. A secret's value in the new address becomes a marker again. Values are searched
 * for before the address is parsed, because the parser writes the host in lower case.
 */
export function redirectOf(
  request: Outgoing,
  from: URL,
  status: number,
  location: string,
  secrets: SecretsInUse | undefined,
): Outgoing {
  const remark = (text: string): string => secrets?.remark(text) ?? text;
  const next = redirected(request, from, status, remark(location));
  return { ...next, address: remark(next.address) };
}

function readUrl(text: string): URL {
  if (!URL.canParse(text)) {
    throw httpError('invalid-input', 'url must be a full URL such as https://api.example.com/path');
  }
  return new URL(text);
}

function urlInSecret(text: string): URL {
  if (!URL.canParse(text))
    throw httpError('invalid-input', 'url begins with a secret, which must be a full URL then');
  return new URL(text);
}

/** Keeps the characters that a path may contain, including "/": a webhook's path has several parts. */
const inPath = (value: string): string =>
  encodeURIComponent(value).replaceAll(/%(2F|3A|40|2C|3B|2B|3D|26|24)/g, decodeURIComponent);

function filledHeaders(
  headers: Outgoing['headers'],
  secrets: SecretsInUse,
  fill: Fill,
): Record<string, string> {
  const entries = Object.entries(headers).map(([name, given]) => {
    const isTooLong = secrets.filledLength(given) > MOST_CHARACTERS;
    const value = isTooLong ? '' : fill(given);
    if (isTooLong || !HEADER_VALUE.test(value)) {
      const rule = `it is longer than ${MOST_CHARACTERS} characters, or has one that no header may have, such as a line break`;
      throw httpError('invalid-input', `headers: ${name} can't be sent with the secret in it: ${rule}`);
    }
    return [name, value];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Encodes a value like the rest of the body: escaped in JSON, encoded in a form. */
function filledBody(
  body: string,
  contentType: string,
  secrets: SecretsInUse,
  fill: Fill,
  maxBytes: number,
): string {
  if (!secrets.isIn(body)) return body;
  const isTooLong = secrets.filledBytes(body) > maxBytes;
  const text = isTooLong ? '' : fill(body, encodingOf(body, contentType));
  if (isTooLong || byteLength(text) > maxBytes)
    throw httpError('too-large', `The body with the secrets in it has more bytes than ${maxBytes}`);
  return text;
}

function encodingOf(body: string, contentType: string): (value: string) => string {
  if (/^\s*application\/x-www-form-urlencoded/i.test(contentType))
    return (value) => encodeURIComponent(value).replaceAll('%20', '+');
  return isJson(body) ? (value) => JSON.stringify(value).slice(1, -1) : (value) => value;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
