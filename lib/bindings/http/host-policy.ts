import { isIP } from 'node:net';
import { DEFAULT_PORTS, type HostPattern, parseHostPattern, portOf } from '../../options/host-pattern.js';
import { addressRefused } from './checked-lookup.js';
import { httpError } from './http.errors.js';
import { isPublicAddress } from './public-address.js';

/** The options that say which hosts are allowed. */
export interface HostSettings {
  readonly allowedHosts: readonly string[];
  readonly allowPrivateAddresses: readonly string[];
  readonly allowPlainHttp: boolean;
  /** Left out: none. */
  readonly traceHosts?: readonly string[];
}

/** A server as the host's own options name it. */
export interface AllowedServer {
  /** `api.example.com` or `*.example.com`. */
  readonly address: string;
  readonly port: number;
}

/** Decides which addresses scripts may call. */
export class HostPolicy {
  private readonly allowed: readonly HostPattern[];
  private readonly privateHosts: ReadonlySet<string>;
  private readonly traced: readonly HostPattern[];

  constructor(private readonly settings: HostSettings) {
    this.allowed = patternsOf(settings.allowedHosts);
    this.privateHosts = new Set(patternsOf(settings.allowPrivateAddresses).map(({ host }) => host));
    this.traced = patternsOf(settings.traceHosts ?? []);
  }

  /**
   * Checks the address of a request or a redirect. All spellings of a host are equal here, because `URL` normalizes
   * them: 2130706433 and 0x7f.1 are 127.0.0.1.
   *
   * @returns what allows it
   * @throws BindingCallError with `url-not-allowed`, `host-not-allowed` or `address-not-allowed`
   */
  check(url: URL): AllowedServer {
    const { protocol, hostname } = url;
    if (!(protocol in DEFAULT_PORTS) || (protocol === 'http:' && !this.settings.allowPlainHttp)) {
      const schemes = this.settings.allowPlainHttp ? 'https:// or http://' : 'https://';
      throw httpError('url-not-allowed', `The URL must start with ${schemes}, not ${protocol}`);
    }
    if (url.username !== '' || url.password !== '') {
      const message = "The URL can't contain a user or password; send them in an authorization header";
      throw httpError('url-not-allowed', message);
    }
    const allowed = this.allowed.find((pattern) => matches(pattern, url));
    if (!allowed) {
      const message = `Scripts aren't allowed to call ${url.host}; only the operator of the application can allow it`;
      throw httpError('host-not-allowed', message);
    }
    // Checked here, because a socket uses an IP address in the URL without a lookup.
    const literal = hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(literal) !== 0 && !isPublicAddress(literal) && !this.mayBePrivate(hostname))
      throw addressRefused(hostname, literal);
    return { address: `${allowed.wildcard ? '*' : ''}${allowed.host}`, port: Number(portOf(url)) };
  }

  /** Whether requests to this address carry the trace headers. */
  tellsTrace(url: URL): boolean {
    return this.traced.some((pattern) => matches(pattern, url));
  }

  /** Whether the host may have an address that is not public. */
  mayBePrivate(hostname: string): boolean {
    return this.privateHosts.has(hostname);
  }
}

function matches({ host, wildcard, port }: HostPattern, url: URL): boolean {
  if (portOf(url) !== (port ?? DEFAULT_PORTS[url.protocol])) return false;
  return wildcard ? url.hostname.endsWith(host) && isIP(url.hostname) === 0 : url.hostname === host;
}

const patternsOf = (texts: readonly string[]): HostPattern[] =>
  texts.flatMap((text) => parseHostPattern(text) ?? []);
