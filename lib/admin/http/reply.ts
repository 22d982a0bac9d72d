import { createHash } from 'node:crypto';
import { StreamableFile } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { type HttpRequest, headerOf } from './request.js';

/** A response with headers. */
export class Reply {
  /** @param value sent with the fields that the route's class declares, or a text as it is; undefined for 204 */
  constructor(
    readonly value: object | string | undefined,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
}

/** A response that stays open: it writes and ends the response itself. */
export class Streamed {
  constructor(readonly begin: (response: ServerResponse, headOnly: boolean) => void) {}
}

/** Only the user's own browser may store a tenant's data, and it asks each time whether the data has changed. */
const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'private, no-cache',
  'X-Content-Type-Options': 'nosniff',
};

/** Text or bytes with their type, for {@link send}. */
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

/** Writes a response through the host's adapter. Bypasses its interceptors, which may wrap or change what they get. */
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
  // An adapter would send a buffer as JSON.
  const body = Buffer.isBuffer(content?.body) ? new StreamableFile(content.body) : content?.body;
  adapter.reply(response, body, status);
}

/** The same for a GET request: a client that already has the content gets 304. */
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

/** RFC 9110, 13.1.2: the comparison is weak, because proxies that compress mark tags as weak. */
function isKnown(given: string | undefined, etag: string): boolean {
  if (given === undefined) return false;
  return given.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag || tag.trim() === '*');
}
