import type { EventEmitter } from 'node:events';

/** The part of a request that is read, alike in Express and Fastify. */
export interface HttpRequest {
  method: string;
  headers: Record<string, string | string[] | undefined>;
  query?: unknown;
  params?: unknown;
  body?: unknown;
}

/** The stream under an answer: Fastify keeps it in `raw`. */
interface RawResponse extends EventEmitter {
  writableFinished: boolean;
}

/** Aborts when the client goes away before its answer is written. */
export function goneSignal(response: object): AbortSignal {
  const raw = ('raw' in response ? response.raw : response) as RawResponse;
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** A header that comes once. */
export const headerOf = ({ headers }: HttpRequest, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};
