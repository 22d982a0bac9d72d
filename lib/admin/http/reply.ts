import { createHash } from 'node:crypto';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { type HttpRequest, headerOf } from './request.js';

/** An answer that says more than its value. */
export class Reply {
  /** @param value what the route's class shows, or text as it is; none for 204 */
  constructor(
    readonly value: object | string | undefined,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
}

/** A tenant's data stays with the browser of who asked, and is asked for again each time. */
const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'private, no-cache',
  'X-Content-Type-Options': 'nosniff',
};

/** Text with what it is, for {@link send}. */
interface Content {
  text: string;
  type: string;
}

export const jsonContent = (body: unknown): Content => ({
  text: JSON.stringify(body),
  type: 'application/json; charset=utf-8',
});

export const textContent = (text: string): Content => ({ text, type: 'text/plain; charset=utf-8' });

export const problemContent = (body: unknown): Content => ({
  text: JSON.stringify(body),
  type: 'application/problem+json; charset=utf-8',
});

/** Writes an answer through the host's adapter, past its interceptors, which may wrap or change what they are given. */
export function send(
  adapter: AbstractHttpAdapter,
  response: object,
  status: number,
  content: Content | undefined,
  headers: Readonly<Record<string, string>> = {},
): void {
  const all = { ...HEADERS, ...headers, ...(content ? { 'Content-Type': content.type } : {}) };
  for (const [name, value] of Object.entries(all)) adapter.setHeader(response, name, value);
  const varies: unknown = adapter.getHeader(response, 'Vary');
  adapter.setHeader(response, 'Vary', [varies, 'Cookie, Authorization'].filter(Boolean).join(', '));
  adapter.reply(response, content?.text, status);
}

/** The same for what was asked with GET: who has it already is told so. */
export function sendFresh(
  adapter: AbstractHttpAdapter,
  request: HttpRequest,
  response: object,
  content: Content,
  headers: Readonly<Record<string, string>>,
): void {
  const etag = headers.ETag ?? tagOf(content.text);
  if (isKnown(headerOf(request, 'if-none-match'), etag))
    send(adapter, response, 304, undefined, { ...headers, ETag: etag });
  else send(adapter, response, 200, content, { ...headers, ETag: etag });
}

const tagOf = (text: string): string =>
  `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;

/** RFC 9110, 13.1.2: the comparison is weak, since proxies that compress mark tags as weak. */
function isKnown(given: string | undefined, etag: string): boolean {
  if (given === undefined) return false;
  return given.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag || tag.trim() === '*');
}
