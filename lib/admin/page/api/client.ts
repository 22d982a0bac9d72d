import { API } from '../base';
import type { Problem } from './schema';

/** Shows the API that no other site's form sent the request. */
const HEADERS = { 'x-scripts-event': '1' };

/** One problem in a request. */
export interface Issue {
  path: string;
  code: string;
  message: string;
  line?: number;
}

/** Whether an issue is about a field or a part of it. */
export const isAbout = ({ path }: Issue, field: string): boolean =>
  path === field || path.startsWith(`${field}[`) || path.startsWith(`${field}.`);

/** A failed request. */
export class ApiError extends Error {
  constructor(
    /** HTTP status; 0 if no server answered. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly issues: readonly Issue[] = [],
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** Whether it may be temporary: the server or its database is away. */
  get passing(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

export type Query = Readonly<Record<string, string | number | readonly string[] | undefined | null>>;

/** An answer with its ETag. */
export interface Answer<T> {
  value: T;
  etag: string | null;
}

export function addressOf(path: string, query: Query = {}): URL {
  const address = new URL(path, API);
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue;
    for (const one of [value].flat()) address.searchParams.append(name, String(one));
  }
  return address;
}

interface Sent {
  method?: string;
  query?: Query;
  body?: unknown;
  ifMatch?: string;
  signal?: AbortSignal;
}

export async function request<T>(path: string, sent: Sent = {}): Promise<Answer<T>> {
  const response = await answerOf(path, sent);
  if (!response.ok) throw await errorOf(response);
  const etag = response.headers.get('etag');
  // The browser sends If-None-Match itself, and returns its cached answer if nothing changed.
  const type = response.headers.get('content-type') ?? '';
  if (response.status === 202 || response.status === 204) return { value: undefined as T, etag };
  return {
    value: (type.startsWith('text/plain') ? await response.text() : await response.json()) as T,
    etag,
  };
}

async function answerOf(
  path: string,
  { method = 'GET', query, body, ifMatch, signal }: Sent,
): Promise<Response> {
  const headers = {
    ...(method === 'GET' ? {} : HEADERS),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
  };
  try {
    return await fetch(addressOf(path, query), {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new ApiError(0, 'unreachable', 'The server can’t be reached. Check your connection.');
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  try {
    const { code, detail, issues } = (await response.json()) as Problem;
    return new ApiError(response.status, code, detail, issues as Issue[] | undefined);
  } catch {
    // A proxy may answer in another format.
    return new ApiError(response.status, 'no-problem', `The server answered ${response.status}.`);
  }
}

export const get = async <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  (await request<T>(path, { ...(query ? { query } : {}), ...(signal ? { signal } : {}) })).value;

export const post = async <T = void>(path: string, query: Query, body?: unknown): Promise<T> =>
  (await request<T>(path, { method: 'POST', query, body })).value;
