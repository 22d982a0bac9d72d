import { byteLength } from '../../common/json.js';
import { httpError } from './http.errors.js';
import type { HttpRequest } from './http-request.js';

/** One request as it is sent: the script's own, or the one that follows a redirect. */
export interface Outgoing {
  /** The URL as text. Here, in headers and in the body, markers stand for secrets. */
  readonly address: string;
  readonly method: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** The options of outgoing requests. */
export interface OutgoingSettings {
  readonly methods: readonly string[];
  readonly maxRequestBytes: number;
}

/**
 * Headers that a script can't set: those of the connection (RFC 9110, section 7.6.1), those that decide where a request
 * goes or where it ends, and `user-agent`.
 */
const REFUSED = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'host',
  'content-length',
  'expect',
  'accept-encoding',
  'user-agent',
]);

const MOST_HEADERS = 50;
const MOST_CHARACTERS = 4_096;
// RFC 9110, sections 5.1 and 5.5: a name is a token; a value has no control characters, which could begin another
// header.
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
export const HEADER_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/** Reads a request of a script. @throws BindingCallError saying what to change */
export function readRequest(request: HttpRequest, settings: OutgoingSettings): Outgoing {
  const method = (request.method ?? 'GET').toUpperCase();
  if (!settings.methods.includes(method)) {
    const message = `Scripts can't use the method ${JSON.stringify(method)}. Allowed: ${settings.methods.join(', ')}`;
    throw httpError('method-not-allowed', message);
  }
  const headers = readHeaders(request.headers ?? {});
  const body = readBody(request, method, settings.maxRequestBytes);
  if (request.json !== undefined) headers['content-type'] ??= 'application/json';
  return { address: request.url, method, headers, body };
}

function readHeaders(given: NonNullable<HttpRequest['headers']>): Record<string, string> {
  const entries = Object.entries(given);
  if (entries.length > MOST_HEADERS)
    throw httpError('invalid-input', `headers has more than ${MOST_HEADERS} entries`);
  const headers: Record<string, string> = {};
  for (const [name, value] of entries) {
    const lower = name.toLowerCase();
    const shown = JSON.stringify(name.slice(0, 64));
    if (!HEADER_NAME.test(name) || lower === '__proto__')
      throw httpError('invalid-input', `headers: ${shown} is not a valid header name`);
    if (REFUSED.has(lower))
      throw httpError('invalid-input', `headers: scripts can't set ${shown}; remove it`);
    if (typeof value !== 'string' || value.length > MOST_CHARACTERS || !HEADER_VALUE.test(value)) {
      const rule = `text of up to ${MOST_CHARACTERS} characters without line breaks`;
      throw httpError('invalid-input', `headers: the value of ${shown} must be ${rule}`);
    }
    if (Object.hasOwn(headers, lower)) throw httpError('invalid-input', `headers contains ${shown} twice`);
    headers[lower] = value;
  }
  return headers;
}

function readBody({ body, json }: HttpRequest, method: string, maxBytes: number): string | null {
  // null is a valid value, and its JSON is a body.
  const hasJson = json !== undefined;
  if (typeof body === 'string' && hasJson) throw httpError('invalid-input', 'set body or json, not both');
  const text = hasJson ? JSON.stringify(json) : (body ?? null);
  if (text === null) return null;
  if (method === 'GET' || method === 'HEAD')
    throw httpError(
      'invalid-input',
      `a ${method} request can't have a body: remove it, or use another method`,
    );
  const bytes = byteLength(text);
  if (bytes > maxBytes) {
    throw httpError('too-large', `The body has ${bytes} bytes; the limit is ${maxBytes}`);
  }
  return text;
}

/**
 * Headers that are also sent to another origin after a redirect. All others may contain a secret for the first origin.
 */
const FOR_ANYONE = new Set(['accept', 'accept-language', 'content-type']);

/**
 * The request that follows a redirect (RFC 9110, section 15.4, and browsers): after 303, and after 301 or 302 to a
 * POST, it is a GET without a body.
 */
export function redirected(request: Outgoing, from: URL, status: number, location: string): Outgoing {
  if (!URL.canParse(location, from.href))
    throw httpError('network', `${from.host} redirects to an invalid URL`);
  const url = new URL(location, from);
  const becomesGet =
    (status === 303 && request.method !== 'HEAD') || (status <= 302 && request.method === 'POST');
  const sameOrigin = url.origin === from.origin;
  const headers = Object.entries(request.headers).filter(
    ([name]) => (sameOrigin || FOR_ANYONE.has(name)) && !(becomesGet && name.startsWith('content-')),
  );
  return {
    address: url.href,
    method: becomesGet ? 'GET' : request.method,
    headers: Object.fromEntries(headers),
    body: becomesGet ? null : request.body,
  };
}
