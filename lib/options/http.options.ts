import type { Duration } from '../common/duration.js';
import { HOST_PATTERN_RULE, parseHostPattern } from './host-pattern.js';
import { DurationBetween, Flag, ListOf, Text, WholeNumber } from './option.decorators.js';

/**
 * The built-in binding `http.fetch`. It exists when `allowedHosts` names a host, and needs the package `undici`.
 *
 * @publicApi
 */
export class HttpOptions {
  /**
   * Hosts that scripts may call: `api.example.com`, `*.example.com` (any name below it), each optionally with a port;
   * without one, the scheme's default port. Default none: there is no `http.fetch`.
   */
  @ListOf(HOST_PATTERN_RULE, (host) => parseHostPattern(host) !== undefined)
  allowedHosts: readonly string[] = [];

  /**
   * Which of the allowed hosts may have a private, loopback or link-local address: full names, without a port.
   * Default none: a name that resolves to such an address is refused.
   */
  @ListOf('full names of hosts, without scheme, port and wildcard', isFullName)
  allowPrivateAddresses: readonly string[] = [];

  /**
   * Which of the allowed hosts are sent the headers `traceparent` and `tracestate` of `tracing.adapter`, so that their
   * own spans join the trace: written as in `allowedHosts`. Default none: nobody outside learns of your traces.
   */
  @ListOf(HOST_PATTERN_RULE, (host) => parseHostPattern(host) !== undefined)
  traceHosts: readonly string[] = [];

  /**
   * Whether scripts may call `http://` URLs, where anyone in between can read and change the traffic. Default false.
   */
  @Flag()
  allowPlainHttp = false;

  /** Methods that scripts may use. Default GET, HEAD, POST, PUT, PATCH and DELETE. */
  @ListOf('methods among GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS', (method) =>
    METHODS.includes(method),
  )
  methods: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

  /**
   * How long a call may take, redirects and body included. 1 ms to 10 minutes, default 5 seconds;
   * `sandbox.bindingTimeout` applies too.
   */
  @DurationBetween('1ms', '10m')
  timeout: Duration = '5s';

  /** Largest body of a request, in bytes. 0 to 8,388,608, default 65,536. */
  @WholeNumber(0, 8_388_608)
  maxRequestBytes = 65_536;

  /**
   * Largest body of a response, in bytes after decompression. 0 to 8,388,608, default 65,536. Keep it well below
   * `sandbox.maxBindingBytes`, because a script gets JSON both as text and as a value.
   */
  @WholeNumber(0, 8_388_608)
  maxResponseBytes = 65_536;

  /** How many redirects a call follows. Each is checked like the first URL. 0 to 10, default 3. */
  @WholeNumber(0, 10)
  maxRedirects = 3;

  /**
   * The `User-Agent` header of every call. `{tenantId}` and `{executionId}` in it are replaced. 1 to 200 printable
   * characters, default `nestjs-scripts-event`.
   */
  @Text(200, /^[ -~]+$/)
  userAgent = 'nestjs-scripts-event';
}

const METHODS: readonly unknown[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

function isFullName(value: unknown): boolean {
  const pattern = parseHostPattern(value);
  return pattern !== undefined && !pattern.wildcard && pattern.port === undefined;
}
