import ipaddr from 'ipaddr.js';

/** The only block IANA allocates global unicast IPv6 from ("Internet Protocol Version 6 Address Space"). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/** Well-known NAT64 prefix (RFC 6052 2.1): the last 32 bits are an IPv4 address. */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * Why an address is not on the public Internet (`loopback`, `private`, `linkLocal`, …), or undefined if it is. Metadata
 * services need no list of their own: 169.254.169.254 is link-local, fd00:ec2::254 unique-local. IPv4 that is carried
 * inside IPv6 (mapped, NAT64, 6to4) is judged as the IPv4 that it reaches.
 */
export function specialRange(address: string): string | undefined {
  if (!ipaddr.isValid(address)) return 'invalid';
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv4) return rangeOf(parsed);
  const embedded = embeddedIPv4(parsed);
  if (embedded) return rangeOf(embedded);
  const range = rangeOf(parsed);
  return range === undefined && !parsed.match(GLOBAL_UNICAST) ? 'reserved' : range;
}

/** Is this the text of an IP address (no brackets), rather than a name? */
export const isAddress = (host: string): boolean => ipaddr.isValid(host);

/**
 * A host as the WHATWG URL parser reads it: lower case, punycode, and `2130706433`, `0x7f.1` or `0177.0.0.1` turned into
 * the address that they mean. IPv6 loses its brackets. Undefined if it is no host at all.
 */
export function canonicalHost(host: string): string | undefined {
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const url = URL.parse(`http://${bracketed}/`);
  if (url?.port !== '' || url.pathname !== '/' || url.username !== '') return undefined;
  return withoutBrackets(url.hostname).replace(/\.$/, '');
}

/** `[::1]` of a URL's host name as the plain address `::1`. */
export const withoutBrackets = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1');

function rangeOf(address: ipaddr.IPv4 | ipaddr.IPv6): string | undefined {
  const range = address.range();
  return range === 'unicast' ? undefined : range;
}

function embeddedIPv4(address: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  const bytes = address.toByteArray();
  if (address.isIPv4MappedAddress() || address.match(NAT64)) return new ipaddr.IPv4(bytes.slice(12));
  // 6to4, RFC 3056 2: the IPv4 address follows the 16-bit prefix.
  return address.range() === '6to4' ? new ipaddr.IPv4(bytes.slice(2, 6)) : undefined;
}
