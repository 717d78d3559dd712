import type { Cell, Check } from '../../lib/core/cell.ts';
import type { Effect } from './effects.ts';

/** Keys of the kinds that open a socket of their own, and what all of these share. */

const of = (type: string, needed = '') => {
  return (body: string, pick: (check: Check) => unknown, expected: unknown): Effect => {
    const keys = [`type: ${type}`, needed, body].filter((part) => part !== '').join(', ');
    const yaml = `name: effects
vantages: [a, b, c, d, e]
nodes: { eu1: { url: https://127.0.0.1:8080/base/, checks: { it: { ${keys} } } } }
`;
    return { yaml, pick: (cell: Cell) => cell.checks.map(pick)[0], expected };
  };
};

const probe = (check: Check) => check.probe as unknown as Record<string, unknown>;
const expects = (check: Check) => check.probe.expect as unknown as Record<string, unknown>;
type Of = ReturnType<typeof of>;

const probed = (section: string, check: Of): Record<string, Effect> => ({
  [`${section}.interval`]: check('interval: 2m', (each) => each.intervalMs, 120_000),
  [`${section}.timeout`]: check('timeout: 3s', (each) => each.timeoutMs, 3_000),
  [`${section}.attempts`]: check('attempts: 5', (each) => each.attempts, 5),
  [`${section}.downFor`]: check('downFor: 0s', (each) => each.downForMs, 0),
  [`${section}.recover`]: check('recover: 7', (each) => each.recover, 7),
  [`${section}.vantages`]: check('vantages: [e, a, c]', (each) => [each.vantages, each.quorum], [['a', 'c', 'e'], 2]),
  [`${section}.quorum`]: check('quorum: 5', (each) => each.quorum, 5),
  [`${section}.severity`]: check('severity: info', (each) => each.severity, 'info'),
  [`${section}.allowPrivate`]: check('allowPrivate: true', probe, { allowPrivate: true }),
});

const pinned = (section: string, check: Of): Record<string, Effect> => ({
  [`${section}.ipVersion`]: check('ipVersion: 4', probe, { ipVersion: 4 }),
  [`${section}.resolve`]: check('resolve: 203.0.113.10', probe, { address: '203.0.113.10' }),
  [`${section}.proxy`]: check('proxy: { url: "http://Proxy.example.org:3128" }', probe, {
    proxy: { host: 'proxy.example.org', port: 3_128 },
  }),
});

const http2 = (section: string, check: Of): Record<string, Effect> => ({
  [`${section}.http2`]: check('http2: true', probe, { http2: true }),
});

const secured = (section: string, check: Of): Record<string, Effect> => ({
  [`${section}.tls`]: check('tls: { ca: pem }', probe, { tls: { ca: 'pem' } }),
});

const limits = (section: string, check: Of): Record<string, Effect> => ({
  [`${section}.time`]: check('expect: { time: { down: 3s } }', expects, { time: { downMs: 3_000 } }),
});
const expiry = (section: string, check: Of): Record<string, Effect> => ({
  [`${section}.certificate`]: check('expect: { certificate: { down: 1h } }', expects, { certificate: { downMs: 3_600_000 } }),
});
const json = (section: string, check: Of): Record<string, Effect> => ({
  [`${section}.json`]: check('expect: { json: [{ path: a, equals: 1 }] }', expects, { json: [{ path: 'a', equals: 1 }] }),
});

const http = of('http');
const tls = of('tls');
const dns = of('dns', 'name: api.example.org');
const websocket = of('websocket');
const jsonrpc = of('jsonrpc', 'method: eth_chainId');
const chains = ['Eosio', 'Steem', 'Tezos', 'Ethereum', 'Cometbft', 'Bitcoin', 'Solana'];

export const SOCKET_EFFECTS: Readonly<Record<string, Effect>> = {
  ...pinned('HttpCheck', http),
  ...secured('HttpCheck', http),
  ...http2('HttpCheck', http),
  'Proxy.url': http('proxy: { url: http://127.0.0.1 }', probe, { proxy: { host: '127.0.0.1', port: 80 } }),
  'Proxy.authorization': http('proxy: { url: http://127.0.0.1, authorization: { ssm: /p } }', probe, {
    proxy: { authorization: { ssm: '/p' } },
  }),
  ...pinned('TcpCheck', of('tcp', 'port: 22')),
  ...Object.assign({}, ...chains.map((name) => pinned(`${name}Check`, of(name.toLowerCase())))),
  ...Object.assign({}, ...chains.map((name) => http2(`${name}Check`, of(name.toLowerCase())))),
  ...Object.assign({}, ...chains.map((name) => secured(`${name}Check`, of(name.toLowerCase())))),
  'Tls.ca': http('tls: { ca: { ssm: /ca } }', probe, { tls: { ca: { ssm: '/ca' } } }),
  'Tls.cert': http('tls: { cert: c, key: k }', probe, { tls: { cert: 'c' } }),
  'Tls.key': http('tls: { cert: c, key: { ssm: /key } }', probe, { tls: { key: { ssm: '/key' } } }),
  'Tls.servername': http('tls: { servername: api.example.org }', probe, { tls: { servername: 'api.example.org' } }),

  ...probed('TlsCheck', tls),
  ...pinned('TlsCheck', tls),
  ...secured('TlsCheck', tls),
  ...limits('TlsExpect', tls),
  ...expiry('TlsExpect', tls),
  'TlsCheck.type': tls('', probe, { kind: 'tls', host: '127.0.0.1', port: 443 }),
  'TlsCheck.host': tls('host: Mail.example.org', probe, { host: 'mail.example.org' }),
  'TlsCheck.port': tls('port: 587', probe, { port: 587 }),
  'TlsCheck.starttls': tls('starttls: smtp', probe, { starttls: 'smtp', port: 587 }),
  'TlsCheck.expect': tls('expect: { minVersion: TLSv1.3 }', expects, { minVersion: 'TLSv1.3' }),
  'TlsExpect.minVersion': tls('expect: { minVersion: TLSv1.2 }', expects, { minVersion: 'TLSv1.2' }),

  ...probed('DnsCheck', dns),
  ...limits('DnsExpect', dns),
  'DnsCheck.type': dns('', probe, { kind: 'dns', record: 'A', port: 53 }),
  'DnsCheck.name': of('dns')('name: API.example.org.', probe, { name: 'api.example.org' }),
  'DnsCheck.record': dns('record: CAA', probe, { record: 'CAA' }),
  'DnsCheck.server': dns('server: ns1.example.org', probe, { server: 'ns1.example.org' }),
  'DnsCheck.port': dns('port: 5353', probe, { port: 5353 }),
  'DnsCheck.expect': dns('expect: { authoritative: true }', expects, { authoritative: true }),
  'DnsExpect.values': dns('expect: { values: [192.0.2.1] }', expects, { values: ['192.0.2.1'] }),
  'DnsExpect.authoritative': dns('expect: { authoritative: false }', expects, { authoritative: false }),

  ...probed('WebsocketCheck', websocket),
  ...pinned('WebsocketCheck', websocket),
  ...secured('WebsocketCheck', websocket),
  ...limits('WebsocketExpect', websocket),
  ...expiry('WebsocketExpect', websocket),
  ...json('WebsocketExpect', websocket),
  'WebsocketCheck.type': websocket('', probe, { kind: 'websocket', url: 'wss://127.0.0.1:8080/base/' }),
  'WebsocketCheck.url': websocket('url: ws://own.example.org', probe, { url: 'ws://own.example.org' }),
  'WebsocketCheck.path': websocket('path: /feed', probe, { url: 'wss://127.0.0.1:8080/base/feed' }),
  'WebsocketCheck.headers': websocket('headers: { x-note: text }', probe, { headers: { 'x-note': 'text' } }),
  'WebsocketCheck.send': websocket('send: [a, b]', probe, { send: ['a', 'b'] }),
  'WebsocketCheck.expect': websocket('expect: { grows: head }', expects, { grows: 'head' }),
  'WebsocketExpect.message': websocket('expect: { message: { contains: a } }', expects, { message: { contains: ['a'] } }),
  'WebsocketExpect.grows': websocket('expect: { grows: params.result.number }', expects, { grows: 'params.result.number' }),

  ...probed('JsonrpcCheck', jsonrpc),
  ...pinned('JsonrpcCheck', jsonrpc),
  ...secured('JsonrpcCheck', jsonrpc),
  ...http2('JsonrpcCheck', jsonrpc),
  ...limits('JsonrpcExpect', jsonrpc),
  ...expiry('JsonrpcExpect', jsonrpc),
  ...json('JsonrpcExpect', jsonrpc),
  'JsonrpcCheck.type': jsonrpc('', probe, { kind: 'jsonrpc', redirects: 3 }),
  'JsonrpcCheck.url': jsonrpc('url: https://own.example.org', probe, { url: 'https://own.example.org' }),
  'JsonrpcCheck.path': jsonrpc('path: /rpc', probe, { url: 'https://127.0.0.1:8080/base/rpc' }),
  'JsonrpcCheck.headers': jsonrpc('headers: { x-note: text }', probe, { headers: { 'x-note': 'text' } }),
  'JsonrpcCheck.method': of('jsonrpc')('method: net_version', probe, { method: 'net_version' }),
  'JsonrpcCheck.params': jsonrpc('params: [latest, false]', probe, { params: ['latest', false] }),
  'JsonrpcCheck.expect': jsonrpc('expect: { time: { down: 1s } }', expects, { time: { downMs: 1_000 } }),
};
