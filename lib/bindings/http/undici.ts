import type { SocketLookup } from './checked-lookup.js';
import { HttpClientMissingError } from './http.errors.js';

/**
 * The part of undici that is used, in our own words: an optional peer must not appear in published types.
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
  /** By lower-case name. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: AsyncIterable<Uint8Array> & {
    /** Reads what is left, up to `limit` bytes, so that the connection can be used again; with more it is closed. */
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

/** Milliseconds that an idle socket is kept, and the most a server may ask for: undici's 10 minutes would keep thousands. */
const IDLE_MS = 4_000;
const MAX_IDLE_MS = 10_000;
const MAX_HEADER_BYTES = 16 * 1024;

/** An agent whose sockets connect where `lookup` says. It knows no proxy and no cookies. @throws HttpClientMissingError */
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
    // The caller limits their number: one for each running call.
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: MAX_IDLE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    allowH2: false,
  });
}
