import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { httpError } from './http.errors.js';
import { isPublicAddress } from './public-address.js';

/** The part of `dns.lookup` that is used. */
export type DnsLookup = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/** The `lookup` function of a socket. */
export type SocketLookup = (
  hostname: string,
  options: LookupOptions,
  callback: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
) => void;

/**
 * Resolves a name for a socket, and checks every address. The socket connects to an address returned here without
 * resolving the name again, so changing the name's address between check and connection (DNS rebinding) has no effect.
 */
export function checkedLookup(
  mayBePrivate: (hostname: string) => boolean,
  lookup: DnsLookup = dnsLookup as DnsLookup,
): SocketLookup {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const inside = mayBePrivate(hostname)
        ? undefined
        : addresses.find(({ address }) => !isPublicAddress(address));
      if (inside) return callback(addressRefused(hostname, inside.address), []);
      const [first] = addresses;
      if (!first) return callback(new Error(`${hostname} does not resolve to an address`), []);
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}

/** The refused address is not shown to the script, because it would reveal the internal network. */
export const addressRefused = (hostname: string, address: string): Error =>
  httpError(
    'address-not-allowed',
    `${hostname} is not on the public internet; only the operator of the application can allow it`,
    new Error(
      `${hostname} resolves to the private address ${address}; to allow it, add the host to http.allowPrivateAddresses`,
    ),
  );
