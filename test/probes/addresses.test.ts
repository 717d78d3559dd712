import { describe, expect, test } from 'vitest';
import { canonicalHost, specialRange } from '../../lib/probes/addresses.ts';

describe('addresses that are not on the public Internet', () => {
  test.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['0.0.0.0', 'unspecified'],
    ['10.1.2.3', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['169.254.169.254', 'linkLocal'],
    ['100.64.0.1', 'carrierGradeNat'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['240.0.0.1', 'reserved'],
    ['198.18.0.1', 'reserved'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['fe80::1', 'linkLocal'],
    ['fe80::1%eth0', 'linkLocal'],
    ['fd00:ec2::254', 'uniqueLocal'],
    ['ff02::1', 'multicast'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:a9fe:a9fe', 'linkLocal'],
    ['64:ff9b::7f00:1', 'loopback'],
    ['64:ff9b:1::a00:1', 'rfc6052'],
    ['2002:7f00:1::', 'loopback'],
    ['2002:a9fe:a9fe::1', 'linkLocal'],
    ['2001:0:1::1', 'teredo'],
    // IPv4-compatible (RFC 4291 2.5.5.1, deprecated) and what IANA has given to nobody.
    ['::7f00:1', 'reserved'],
    ['4000::1', 'reserved'],
    ['not an address', 'invalid'],
  ])('%s is %s', (address, range) => {
    expect(specialRange(address)).toBe(range);
  });

  test.each([
    '93.184.216.34',
    '172.32.0.1',
    '100.128.0.1',
    '2606:2800:220:1::1',
    '::ffff:93.184.216.34',
    '2002:5db8:d822::1',
    '64:ff9b::5db8:d822',
  ])('%s is public', (address) => {
    expect(specialRange(address)).toBeUndefined();
  });
});

test.each([
  ['2130706433', '127.0.0.1'],
  ['0x7f.1', '127.0.0.1'],
  ['0177.0.0.1', '127.0.0.1'],
  ['127.1', '127.0.0.1'],
  ['[::FFFF:127.0.0.1]', '::ffff:7f00:1'],
  ['::1', '::1'],
  ['Node.Example.ORG.', 'node.example.org'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['a b', undefined],
  ['host:80', undefined],
  ['user@host', undefined],
  ['host/path', undefined],
])('the host %s is %s', (host, canonical) => {
  expect(canonicalHost(host)).toBe(canonical);
});
