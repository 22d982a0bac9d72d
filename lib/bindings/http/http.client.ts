import { ScriptsEventError } from '../../common/errors.js';
import type { BindingContext } from '../binding-context.js';
import type { SecretsInUse } from '../binding-secrets.js';
import { checkedLookup, type DnsLookup } from './checked-lookup.js';
import { BindingCallError } from '../../common/binding-call.error.js';
import type { EventTrace } from '../../common/event-trace.js';
import { NOT_TRACED, type ScriptSpan } from '../../tracing/script-span.js';
import { FairTurns } from './fair-turns.js';
import { HostPolicy, type HostSettings } from './host-policy.js';
import { httpError } from './http.errors.js';
import type { HttpRequest, HttpResponse } from './http-request.js';
import { type OutgoingSettings, readRequest } from './outgoing.js';
import { type Filled, filled, redirectOf } from './filled-request.js';
import { decompress, jsonOf, readBody, textOf } from './response-body.js';
import { type AgentResponse, createAgent, type HttpAgent } from './undici.js';

/** The options of the client. */
export interface HttpSettings extends HostSettings, OutgoingSettings {
  readonly maxResponseBytes: number;
  readonly maxRedirects: number;
  readonly userAgent: string;
  /** Milliseconds after which the caller's signal ends a call; absent if not known. */
  readonly timeoutMs?: number;
}

/** Who calls, and the signal that ends the call. */
export type HttpCaller = Pick<BindingContext, 'tenantId' | 'executionId' | 'signal'> & {
  /** The secrets whose markers may be in a request, opened. */
  secrets?: SecretsInUse;
  /** The span of the call; left out: it isn't traced. */
  span?: ScriptSpan;
};

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/**
 * A call waits for its turn for at most this share of its time. After that, too little would be left for the call, and
 * the script should learn the reason.
 */
const WAITING_SHARE = 0.9;
/** Most bytes of a redirect's body that are read, so that the connection can be used again. */
const DUMPED_BYTES = 16 * 1024;

/**
 * Makes the calls of scripts: only to allowed hosts, and never to internal addresses. Each redirect is checked like a
 * new call.
 */
export class HttpClient {
  private readonly turns = new FairTurns();

  private constructor(
    private readonly settings: HttpSettings,
    private readonly agent: HttpAgent,
    private readonly policy: HostPolicy,
  ) {}

  /** @param lookup resolves names; default that of the operating system. @throws HttpClientMissingError */
  static async open(settings: HttpSettings, lookup?: DnsLookup): Promise<HttpClient> {
    const policy = new HostPolicy(settings);
    const agent = await createAgent(checkedLookup((host) => policy.mayBePrivate(host), lookup));
    return new HttpClient(settings, agent, policy);
  }

  /** @throws BindingCallError with a code of `HttpProblem`; the reason of the caller's signal when that is first */
  async fetch(request: HttpRequest, caller: HttpCaller): Promise<HttpResponse> {
    let outgoing = readRequest(request, this.settings);
    const { tenantId, signal, secrets } = caller;
    const deadline = performance.now() + (this.settings.timeoutMs ?? Infinity) * WAITING_SHARE;
    let isSafe = false;
    for (let redirects = 0; ; redirects += 1) {
      const next = filled(outgoing, secrets, this.settings.maxRequestBytes);
      const server = this.policy.check(next.url);
      if (next.hasSecrets && isSafe && next.url.protocol === 'http:')
        throw httpError('url-not-allowed', 'A redirect to http:// would send a secret for everybody to read');
      isSafe ||= next.url.protocol === 'https:';
      const waitMs = Math.max(1, Math.round(deadline - performance.now()));
      const turn = { tenantId, host: next.url.host, waitMs, signal };
      const answer = await this.turns.take(turn, () => {
        const span = (caller.span ?? NOT_TRACED).request(next.method, server, redirects);
        return this.call(next, caller, span);
      });
      if (!('location' in answer)) return answer;
      if (redirects >= this.settings.maxRedirects) {
        throw httpError('too-many-redirects', `More than ${this.settings.maxRedirects} redirects`);
      }
      outgoing = redirectOf(outgoing, next.url, answer.status, answer.location, secrets);
    }
  }

  /** Cancels running calls and closes every connection. */
  close(): Promise<void> {
    return this.agent.destroy();
  }

  /** Makes one call and reads the whole answer, so that its socket is free afterwards. */
  private async call(
    outgoing: Filled,
    caller: HttpCaller,
    span: ScriptSpan,
  ): Promise<HttpResponse | { status: number; location: string }> {
    try {
      const trace = this.policy.tellsTrace(outgoing.url) ? span.trace : undefined;
      const response = await span.within(() => this.send(outgoing, caller, trace));
      const { statusCode: status } = response;
      const location = locationOf(response);
      const answer =
        location === undefined ? await this.read(response, outgoing, caller.secrets) : { status, location };
      if (location !== undefined) await response.body.dump({ limit: DUMPED_BYTES, signal: caller.signal });
      span.end(status >= 400 ? String(status) : undefined, { 'http.response.status_code': status });
      return answer;
    } catch (error) {
      const problem = problemOf(error, outgoing.url, caller.signal);
      // A run may abort its signal with a reason of any type.
      span.end(problem instanceof BindingCallError ? problem.code : 'cancelled');
      throw problem;
    }
  }

  private send(
    { url, path, method, headers, body }: Filled,
    caller: HttpCaller,
    trace: EventTrace | undefined,
  ): Promise<AgentResponse> {
    return this.agent.request({
      origin: url.origin,
      path,
      method,
      headers: {
        ...withTrace(headers, trace),
        'user-agent': this.userAgent(caller),
        'accept-encoding': 'identity',
      },
      body,
      signal: caller.signal,
    });
  }

  private async read(
    { statusCode: status, headers, body }: AgentResponse,
    { method, hasSecrets }: Filled,
    secrets: SecretsInUse | undefined,
  ): Promise<HttpResponse> {
    const { maxResponseBytes } = this.settings;
    const told = plainHeaders(headers);
    // A response to HEAD and a 304 state the length of a body that doesn't follow (RFC 9110, section 8.6).
    const announced = method === 'HEAD' || status === 304 ? undefined : told['content-length'];
    const raw = await readBody(body, maxResponseBytes, announced);
    const bytes = await decompress(raw, told['content-encoding'], maxResponseBytes);
    const contentType = told['content-type'] ?? '';
    const text = readable(bytes, contentType, secrets);
    const json = jsonOf(text, contentType);
    // If the request had secrets or the body has masks, this length reveals the length of a value.
    if (secrets && (hasSecrets || secrets.mask(text) !== text)) delete told['content-length'];
    return { status, headers: told, body: text, ...(json === undefined ? {} : { json }) };
  }

  private userAgent({ tenantId, executionId }: HttpCaller): string {
    return this.settings.userAgent
      .replaceAll('{tenantId}', () => encodeURIComponent(tenantId))
      .replaceAll('{executionId}', () => executionId);
  }
}

/**
 * The body as text. If it has a value in UTF-8, it is read as UTF-8 whatever charset the server names: read in another
 * charset, the value would look different and not be masked, and a script could restore it.
 */
function readable(bytes: Buffer, contentType: string, secrets: SecretsInUse | undefined): string {
  const text = textOf(bytes, contentType);
  if (!secrets || !/charset/i.test(contentType)) return text;
  const plain = textOf(bytes, '');
  return plain === text || secrets.mask(plain) === plain ? text : plain;
}

/** Replaces a script's trace headers, which could name another trace. */
function withTrace(headers: Filled['headers'], trace: EventTrace | undefined): Filled['headers'] {
  if (!trace) return headers;
  const { traceparent: _, tracestate: _state, ...others } = headers;
  return { ...others, ...trace };
}

function locationOf({ statusCode, headers }: AgentResponse): string | undefined {
  const { location } = headers;
  return REDIRECTS.has(statusCode) && typeof location === 'string' ? fromBytes(location) : undefined;
}

/**
 * Reads header text as UTF-8 where it is valid: it arrives as one character per byte, and servers write UTF-8 addresses
 * into it. Other text stays as it is, and so does text that an older undici has already decoded.
 */
function fromBytes(text: string): string {
  if (/[\u0100-\uffff]/.test(text)) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'));
  } catch {
    return text;
  }
}

/** The headers without cookies, which a script doesn't get. */
function plainHeaders(headers: AgentResponse['headers']): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || name === 'set-cookie' ? [] : [[name, [value].flat().join(', ')]],
  );
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Shows the script only the code of a system or TLS error, because its message may name internal addresses. */
function problemOf(error: unknown, url: URL, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof ScriptsEventError) return error;
  const { code } = error as { code?: unknown };
  const known = typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? ` (${code})` : '';
  return httpError('network', `${url.host} could not be reached or did not answer with HTTP${known}`);
}
