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

/** A response of Fastify. After `hijack`, Fastify writes nothing to it. */
interface FastifyReply {
  raw: ServerResponse;
  hijack(): void;
  getHeaders(): Record<string, number | string | string[] | undefined>;
}

/** Takes a response over, to write to its stream directly. Keeps the headers that the host has set. */
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

/** The value of a header; undefined if it is missing, or is a list. */
export const headerOf = ({ headers }: Pick<HttpRequest, 'headers'>, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};
