import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Addresses that are not somebody's on the internet (IANA special-purpose registries, IPv4 and IPv6). Those of cloud
 * metadata are among them: 169.254.169.254 is link-local, 100.100.100.200 shared, fd00:ec2::254 unique local. 168.63.129.16
 * is Azure's, in the midst of public ones.
 */
const NOT_PUBLIC_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/** All that is given out, and so neither loopback, unique local, link-local, multicast, mapped IPv4 nor NAT64. */
const GLOBAL_V6 = ['2000::/3'];

/** Within that: protocol assignments with Teredo, 6to4, both of which carry an IPv4 address, and documentation. */
const NOT_PUBLIC_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const refusedV4 = listOf(NOT_PUBLIC_V4, 'ipv4');
const globalV6 = listOf(GLOBAL_V6, 'ipv6');
const refusedV6 = listOf(NOT_PUBLIC_V6, 'ipv6');

/** Whether the address is on the public internet. What is no address is not. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !refusedV4.check(address, 'ipv4');
  // A zone belongs to link-local addresses, and `BlockList` does not read it.
  if (!isIPv6(address) || address.includes('%')) return false;
  return globalV6.check(address, 'ipv6') && !refusedV6.check(address, 'ipv6');
}

function listOf(subnets: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', prefix] = subnet.split('/');
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}
