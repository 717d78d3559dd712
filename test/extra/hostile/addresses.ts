import { chainCheck } from '../../probes/chains/check.ts';
import { httpCheck, tcpCheck } from '../../probes/checks.ts';
import { dnsCheck, jsonrpcCheck, tlsCheck, websocketCheck } from '../../probes/kinds.ts';
import { serveAnswer, serveHttp, serveRaw } from '../../probes/servers.ts';
import { serveNames } from './names.ts';
import { overHttp, row } from './over-http.ts';
import { type HostileClass, PUBLIC_ADDRESS, type Row } from './row.ts';

const to = (location: string) => () => serveAnswer(307, '', { location });

export const BY_REDIRECT: HostileClass = {
  name: 'Addresses that are not public, by redirect',
  defence: 'A redirect to another host is not followed, whatever its name or address.',
  rows: [
    ...overHttp('a redirect to the metadata service', 'redirect-refused', to('http://169.254.169.254/latest/meta-data/')),
    ...overHttp('a redirect to the metadata service over IPv6', 'redirect-refused', to('http://[fd00:ec2::254]/latest/')),
    ...overHttp('a redirect to a private address', 'redirect-refused', to('http://10.0.0.1/')),
    ...overHttp(
      'a redirect to loopback’s other name',
      'redirect-refused',
      to('//localhost:9001/2018-06-01/runtime/invocation/next'),
    ),
    ...overHttp('a redirect to a file', 'redirect-refused', to('file:///proc/self/environ')),
  ],
};

/** A name that leads there, for each kind of check; nothing may be reached. */
function named(does: string, address: string): Row[] {
  const job = async (check: Parameters<typeof row>[3]) => ({
    ...(await check()),
    nameServer: await serveNames({ 'node.test': [[address]] }),
  });
  const checks: [kind: string, make: () => ReturnType<typeof httpCheck>][] = [
    ['http', () => httpCheck('http://node.test:9001/')],
    ['tcp', () => tcpCheck('node.test', 9001)],
    ['tls', () => tlsCheck(9001, { allowPrivate: false })],
    ['dns', () => dnsCheck(9001, { server: 'node.test' })],
    ['websocket', () => websocketCheck('ws://node.test:9001/')],
    ['jsonrpc', () => jsonrpcCheck('http://node.test:9001/')],
    ['eosio', () => chainCheck('eosio', 'http://node.test:9001')],
  ];
  return checks.map(([kind, make]) => row(does, kind, 'address-refused', () => job(async () => ({ check: make() }))));
}

export const BY_DNS: HostileClass = {
  name: 'Addresses that are not public, by DNS answer',
  defence: 'Every address of an answer is judged before anything is opened.',
  rows: [
    ...named('a name that leads to loopback', '127.0.0.1'),
    ...named('a name that leads to the metadata service', '169.254.169.254'),
    ...named('a name that leads to a private address', '192.168.0.1'),
    ...named('a name that leads to a unique local address', 'fd00:ec2::254'),
    ...named('a name that leads to any address of this machine', '0.0.0.0'),
    ...named('a name that leads to a carrier’s own network', '100.64.0.1'),
  ],
};

export const IN_IPV6: HostileClass = {
  name: 'IPv4 in IPv6',
  defence: 'An IPv4 address inside of an IPv6 address is judged as what it reaches.',
  rows: [
    ...named('a name that leads to loopback, mapped', '::ffff:127.0.0.1'),
    ...named('a name that leads to the metadata service by NAT64', '64:ff9b::a9fe:a9fe'),
    ...named('a name that leads to a private address by 6to4', '2002:a00:1::1'),
    ...overHttp('a redirect to loopback, mapped', 'redirect-refused', to('http://[::ffff:127.0.0.1]:9001/')),
  ],
};

export const OTHER_FORMS: HostileClass = {
  name: 'Decimal and octal forms',
  defence: 'Hosts are read as the URL standard reads them before they are judged.',
  rows: [
    ...overHttp('a redirect to 2852039166', 'redirect-refused', to('http://2852039166/')),
    ...overHttp('a redirect to 0251.0376.0251.0376', 'redirect-refused', to('http://0251.0376.0251.0376/')),
    ...overHttp('a redirect to 0xA9FEA9FE', 'redirect-refused', to('http://0xA9FEA9FE/')),
    ...overHttp('a redirect to full-width digits', 'redirect-refused', to('http://%EF%BC%91%EF%BC%90.0.0.1/')),
  ],
};

/** Leads to the public address first, then to loopback. */
const REBINDING = { 'node.test': [[PUBLIC_ADDRESS], ['127.0.0.1']] };

export const REBINDING_NAMES: HostileClass = {
  name: 'Rebinding between look-up and connect',
  defence: 'A connection goes to the very address that was judged; a further connection is judged anew.',
  rows: [
    row(
      'a name that leads to loopback when it is asked for again',
      'http',
      'ok',
      async () => {
        const { port } = await serveAnswer(200);
        return { check: httpCheck(`http://node.test:${port}/`), nameServer: await serveNames(REBINDING) };
      },
      { vote: 'up' },
    ),
    row(
      'a name that leads to loopback when it is asked for again',
      'tcp',
      'ok',
      async () => {
        const { port } = await serveRaw(() => undefined);
        return { check: tcpCheck('node.test', port), nameServer: await serveNames(REBINDING) };
      },
      { vote: 'up' },
    ),
    row('a redirect to its own name, which now leads to loopback', 'http', 'redirect-refused', async () => {
      const { port } = await serveAnswer(302, '', { location: '/again' });
      return { check: httpCheck(`http://node.test:${port}/`), nameServer: await serveNames(REBINDING) };
    }),
    row('a redirect to its own name, which now leads to loopback', 'jsonrpc', 'redirect-refused', async () => {
      const { port } = await serveAnswer(307, '', { location: '/again' });
      return { check: jsonrpcCheck(`http://node.test:${port}/`), nameServer: await serveNames(REBINDING) };
    }),
    row('a name that leads to loopback for the second question', 'ethereum', 'address-refused', async () => {
      const { port } = await serveHttp((_request, response) => response.end('{"jsonrpc":"2.0","id":1,"result":false}'));
      return { check: chainCheck('ethereum', `http://node.test:${port}`), nameServer: await serveNames(REBINDING) };
    }),
    row('a public address whose port is closed, and loopback', 'tcp', 'connect-refused', async () => ({
      check: tcpCheck('node.test', 1),
      nameServer: await serveNames({ 'node.test': [[PUBLIC_ADDRESS, '127.0.0.1', '169.254.169.254']] }),
    })),
  ],
};
