/** A host that scripts may call: `api.example.com`, `api.example.com:8443`, `*.example.com`. */
export interface HostPattern {
  /**
   * As `URL` writes it: lower case, punycode, and one form for each IP address. For a wildcard, the part after the
   * star: `.example.com`.
   */
  readonly host: string;
  /** Whether every name below `host` is allowed. */
  readonly wildcard: boolean;
  /** Absent: the default port of the scheme. */
  readonly port: string | undefined;
}

export const HOST_PATTERN_RULE =
  'hosts such as api.example.com, api.example.com:8443 or *.example.com, without scheme and path';

const PATTERN = /^(\*\.)?([^\s/?#@*\\:]+|\[[0-9a-f:.]+\])(?::([1-9]\d{0,4}))?$/i;

/** Reads a pattern; `undefined` for anything else. The name after `*.` must have at least two parts. */
export function parseHostPattern(text: unknown): HostPattern | undefined {
  const [, star, name, port] = (typeof text === 'string' && PATTERN.exec(text)) || [];
  if (name === undefined || !URL.canParse(`https://${name}`) || Number(port ?? 1) > 65_535) return undefined;
  const { hostname } = new URL(`https://${name}`);
  if (star === undefined) return { host: hostname, wildcard: false, port };
  const isName = /^[^.]+(\.[^.]+)+$/.test(hostname) && /[a-z]/i.test(hostname.split('.').at(-1) ?? '');
  return isName ? { host: `.${hostname}`, wildcard: true, port } : undefined;
}

export const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** The port that a URL leads to. */
export const portOf = ({ protocol, port }: URL): string | undefined =>
  port === '' ? DEFAULT_PORTS[protocol] : port;

/**
 * Whether an exact host, optionally with a port, is the host of the URL. Without a port, it means the scheme's default
 * port.
 */
export function allowsHost(exact: string, url: URL): boolean {
  const pattern = parseHostPattern(exact);
  if (pattern === undefined || pattern.wildcard) return false;
  return url.hostname === pattern.host && portOf(url) === (pattern.port ?? DEFAULT_PORTS[url.protocol]);
}
