import type { SocketLookup } from './checked-lookup.js';
import { HttpClientMissingError } from './http.errors.js';

/**
 * The part of undici that the package uses, declared here because published types must not refer to an optional peer
 * dependency.
 */
export interface HttpAgent {
  request(options: AgentRequest): Promise<AgentResponse>;
  destroy(): Promise<void>;
}

interface AgentRequest {
  origin: string;
  path: string;
  method: string;
  headers: Record<string, string>;
  body: string | null;
  signal: AbortSignal;
}

export interface AgentResponse {
  statusCode: number;
  /** Header values by lower-case name. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: AsyncIterable<Uint8Array> & {
    /**
     * Reads the rest of the body, up to `limit` bytes, so that the connection can be used again. A connection with more
     * is closed.
     */
    dump(options: { limit: number; signal?: AbortSignal }): Promise<unknown>;
  };
}

interface Undici {
  Agent: new (options: {
    connect: { lookup: SocketLookup };
    keepAliveTimeout: number;
    keepAliveMaxTimeout: number;
    maxHeaderSize: number;
    allowH2: false;
  }) => HttpAgent;
}

/**
 * Milliseconds after which an idle socket is closed, whatever longer time a server suggests: undici's 10 minutes would
 * keep thousands of sockets.
 */
const IDLE_MS = 4_000;
const MAX_IDLE_MS = 10_000;
const MAX_HEADER_BYTES = 16 * 1024;

/** Creates an agent whose sockets use `lookup`. It has no proxy and no cookies. @throws HttpClientMissingError */
export async function createAgent(lookup: SocketLookup): Promise<HttpAgent> {
  let loaded: unknown;
  try {
    // @ts-ignore -- an optional peer: a host without it must still be able to compile
    loaded = await import('undici');
  } catch (error) {
    throw new HttpClientMissingError(error);
  }
  const { Agent } = loaded as Undici;
  return new Agent({
    connect: { lookup },
    // The number of sockets has no limit here: there is one for each running call, and the caller limits those.
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: MAX_IDLE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    allowH2: false,
  });
}
