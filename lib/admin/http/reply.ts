import { createHash } from 'node:crypto';
import { StreamableFile } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
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

/** An answer that goes on: it writes the response itself, and ends it. */
export class Streamed {
  constructor(readonly begin: (response: ServerResponse, headOnly: boolean) => void) {}
}

/** A tenant's data stays with the browser of who asked, and is asked for again each time. */
const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'private, no-cache',
  'X-Content-Type-Options': 'nosniff',
};

/** Text or bytes with what they are, for {@link send}. */
export interface Content {
  body: string | Buffer;
  type: string;
}

export const jsonContent = (body: unknown): Content => ({
  body: JSON.stringify(body),
  type: 'application/json; charset=utf-8',
});

export const textContent = (text: string): Content => ({
  body: text,
  type: 'text/plain; charset=utf-8',
});

export const problemContent = (body: unknown): Content => ({
  body: JSON.stringify(body),
  type: 'application/problem+json; charset=utf-8',
});

/** Writes an answer through the host's adapter, past its interceptors, which may wrap or change what they are given. */
export function send(
  adapter: AbstractHttpAdapter,
  response: object,
  status: number,
  content: Content | undefined,
  headers: Readonly<Record<string, string>> = {},
  vary = 'Cookie, Authorization',
): void {
  const all = { ...HEADERS, ...headers, ...(content ? { 'Content-Type': content.type } : {}) };
  for (const [name, value] of Object.entries(all)) adapter.setHeader(response, name, value);
  const varies: unknown = adapter.getHeader(response, 'Vary');
  adapter.setHeader(response, 'Vary', [varies, vary].filter(Boolean).join(', '));
  // An adapter would write a buffer as JSON.
  const body = Buffer.isBuffer(content?.body) ? new StreamableFile(content.body) : content?.body;
  adapter.reply(response, body, status);
}

/** The same for what was asked with GET: who has it already is told so. */
export function sendFresh(
  adapter: AbstractHttpAdapter,
  request: HttpRequest,
  response: object,
  content: Content,
  headers: Readonly<Record<string, string>>,
  vary?: string,
): void {
  const etag = headers.ETag ?? tagOf(content.body);
  if (isKnown(headerOf(request, 'if-none-match'), etag))
    send(adapter, response, 304, undefined, { ...headers, ETag: etag }, vary);
  else send(adapter, response, 200, content, { ...headers, ETag: etag }, vary);
}

const tagOf = (body: string | Buffer): string =>
  `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;

/** RFC 9110, 13.1.2: the comparison is weak, since proxies that compress mark tags as weak. */
function isKnown(given: string | undefined, etag: string): boolean {
  if (given === undefined) return false;
  return given.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag || tag.trim() === '*');
}
