import type { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';

/** The parts of a request that are used. They are the same in Express and Fastify. */
export interface HttpRequest {
  method: string;
  headers: Record<string, string | string[] | undefined>;
  query?: unknown;
  params?: unknown;
  body?: unknown;
}

/** The stream of a response; Fastify has it in `raw`. */
interface RawResponse extends EventEmitter {
  writableFinished: boolean;
}

/** Fastify only: it writes nothing itself to a response that was taken over. */
interface FastifyReply {
  raw: ServerResponse;
  hijack(): void;
  getHeaders(): Record<string, number | string | string[] | undefined>;
}

/** The stream of a response with the headers that the host has set, for writing by hand. */
export function takeOver(response: object): ServerResponse {
  if (!('hijack' in response)) return response as ServerResponse;
  const reply = response as FastifyReply;
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value);
  reply.hijack();
  return reply.raw;
}

/** Aborts if the client disconnects before its response is written. */
export function goneSignal(response: object): AbortSignal {
  const raw = ('raw' in response ? response.raw : response) as RawResponse;
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** A header that occurs once. */
export const headerOf = ({ headers }: Pick<HttpRequest, 'headers'>, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};
