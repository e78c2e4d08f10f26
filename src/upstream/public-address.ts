import { BlockList, isIP } from 'node:net';

/**
 * Which addresses belong to the public internet. Everything else is internal: this machine, its network, cloud metadata
 * services (IANA special-purpose address registries).
 */

const special4 = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  // Azure's host of metadata, DHCP and health probes, within a public range.
  ['168.63.129.16', 32],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  special4.addSubnet(network, prefix, 'ipv4');
}

/** All assigned IPv6. Mapped IPv4 and NAT64 are outside of it, 6to4 and Teredo inside. */
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');
const special6 = new BlockList();
special6.addSubnet('2001::', 23, 'ipv6');
special6.addSubnet('2001:db8::', 32, 'ipv6');
special6.addSubnet('2002::', 16, 'ipv6');
special6.addSubnet('3fff::', 20, 'ipv6');

/** `false` also for anything that is no address. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special4.check(address, 'ipv4');
    case 6:
      return global6.check(address, 'ipv6') && !special6.check(address, 'ipv6');
    default:
      return false;
  }
}

/** Names that never leave the machine or its network, whatever a resolver says. */
export function isLocalName(hostname: string): boolean {
  return /(^|\.)(localhost|local|internal|localdomain|home\.arpa)\.?$/i.test(hostname);
}

/**
 * Whether a URL may be passed on to a provider, which then fetches it: no credentials, no local name, no private address. A
 * name that resolves to a private address is not found here; the fetcher looks at addresses when it connects.
 */
export function isPublicUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  const literal = hostname.replace(/^\[|\]$/g, '');
  return isIP(literal) === 0 ? !isLocalName(hostname) : isPublicAddress(literal);
}
