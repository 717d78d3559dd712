import type {
  BodyExpect,
  DnsSpec,
  HeartbeatSpec,
  HttpExpect,
  HttpSpec,
  JsonrpcSpec,
  ProbeSpec,
  ProxySpec,
  SocketSpec,
  TcpSpec,
  Threshold,
  TlsSpec,
  WebSpec,
  WebsocketSpec,
} from '../core/cell.ts';
import type { NodeCheck } from './configuration.ts';
import { DEFAULTS } from './defaults.ts';
import { durationMs } from './durations.ts';
import { chainProbe, isChainConfig } from './resolve-chains.ts';
import type { CheckConfig, Config } from './schema.ts';
import { endpointOf, plainHost, urlOf } from './target.ts';

type Of<Kind extends CheckConfig['type']> = Extract<CheckConfig, { type: Kind }>;

/** Keys that checks over sockets share. */
type Connected = Partial<Pick<Of<'http'>, 'allowPrivate' | 'ipVersion' | 'resolve' | 'tls' | 'proxy'>>;

const listOf = <T>(value: T | T[] | undefined): T[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** What a check asks, with nothing left to fill in; absent of groups, which ask nothing. */
export function probeOf(entry: NodeCheck, node: Config['nodes'][string]): ProbeSpec | undefined {
  const { check } = entry;
  const url = urlOf(entry, node) ?? '';
  const host = endpointOf(entry, node)?.host ?? '';
  if (isChainConfig(check)) return chainProbe(check, webOf(check, url));
  switch (check.type) {
    case 'http':
      return httpProbe(check, url);
    case 'tcp':
      return tcpProbe(check, host);
    case 'tls':
      return tlsProbe(check, host);
    case 'dns':
      return dnsProbe(check);
    case 'websocket':
      return websocketProbe(check, url);
    case 'jsonrpc':
      return jsonrpcProbe(check, url);
    case 'heartbeat':
      return heartbeat(check);
    case 'any':
    case 'all':
      return undefined;
  }
}

/** What every check over a socket has in common; of `ipVersion: both` each version makes a check of its own. */
function socketOf({ allowPrivate = DEFAULTS.check.allowPrivate, ipVersion, resolve, tls, proxy }: Connected): SocketSpec {
  return {
    allowPrivate,
    ...(ipVersion === undefined || ipVersion === 'both' ? {} : { ipVersion }),
    ...(resolve === undefined ? {} : { address: resolve }),
    ...(tls === undefined ? {} : { tls: tls as NonNullable<SocketSpec['tls']> }),
    ...(proxy === undefined ? {} : { proxy: proxyOf(proxy) }),
  };
}

function proxyOf({ url, authorization }: NonNullable<Connected['proxy']>): ProxySpec {
  const { hostname, port } = new URL(url);
  const place = { host: plainHost(hostname), port: port === '' ? DEFAULTS.proxy.port : Number(port) };
  return { ...place, ...(authorization === undefined ? {} : { authorization }) };
}

/** What every check over HTTP has in common. */
const webOf = (check: Connected & Pick<Partial<Of<'http'>>, 'headers' | 'redirects' | 'http2'>, url: string): WebSpec => ({
  url,
  headers: check.headers ?? {},
  redirects: check.redirects ?? DEFAULTS.http.redirects,
  ...(check.http2 && { http2: true }),
  ...socketOf(check),
});

const httpProbe = (check: Of<'http'>, url: string): HttpSpec => ({
  kind: 'http',
  ...webOf(check, url),
  method: check.method ?? DEFAULTS.http.method,
  ...(check.body === undefined ? {} : { body: check.body }),
  expect: httpExpect(check.expect ?? {}),
});

const httpExpect = (expect: NonNullable<Of<'http'>['expect']>): HttpExpect => ({
  status: listOf(expect.status ?? DEFAULTS.http.status).map(statusRange),
  body: bodyExpect(expect.body),
  ...answerExpect(expect),
});

const statusRange = (status: number | string): [number, number] =>
  typeof status === 'number' ? [status, status] : [Number(status[0]) * 100, Number(status[0]) * 100 + 99];

const bodyExpect = (expect: NonNullable<Of<'http'>['expect']>['body']): BodyExpect => ({
  contains: listOf(expect?.contains),
  notContains: listOf(expect?.notContains),
  ...(expect?.matches === undefined ? {} : { matches: expect.matches }),
});

/** What is expected of an answer in JSON, whoever gives it. */
const answerExpect = (expect: Pick<NonNullable<Of<'http'>['expect']>, 'json' | 'time' | 'certificate'>) => ({
  json: expect.json ?? [],
  time: threshold(expect.time),
  certificate: threshold(expect.certificate),
});

const jsonrpcProbe = (check: Of<'jsonrpc'>, url: string): JsonrpcSpec => ({
  kind: 'jsonrpc',
  ...webOf(check, url),
  method: check.method,
  ...(check.params === undefined ? {} : { params: check.params }),
  expect: answerExpect(check.expect ?? {}),
});

const websocketProbe = (check: Of<'websocket'>, url: string): WebsocketSpec => ({
  kind: 'websocket',
  // A node's own URL is http or https.
  url: url.replace(/^http/, 'ws'),
  headers: check.headers ?? {},
  send: listOf(check.send),
  ...socketOf(check),
  expect: {
    message: bodyExpect(check.expect?.message),
    ...(check.expect?.grows === undefined ? {} : { grows: check.expect.grows }),
    ...answerExpect(check.expect ?? {}),
  },
});

const tcpProbe = (check: Of<'tcp'>, host: string): TcpSpec => ({
  kind: 'tcp',
  host,
  port: check.port,
  ...(check.send === undefined ? {} : { send: check.send }),
  ...socketOf(check),
  expect: { ...(check.expect?.banner === undefined ? {} : { banner: check.expect.banner }), time: threshold(check.expect?.time) },
});

const tlsProbe = (check: Of<'tls'>, host: string): TlsSpec => ({
  kind: 'tls',
  host,
  port: check.port ?? (check.starttls === undefined ? DEFAULTS.tls.port : DEFAULTS.tls.starttls[check.starttls]),
  ...(check.starttls === undefined ? {} : { starttls: check.starttls }),
  ...socketOf(check),
  expect: {
    ...(check.expect?.minVersion === undefined ? {} : { minVersion: check.expect.minVersion }),
    certificate: threshold(check.expect?.certificate),
    time: threshold(check.expect?.time),
  },
});

const dnsProbe = ({ name, record, server, port, allowPrivate, expect = {} }: Of<'dns'>): DnsSpec => ({
  kind: 'dns',
  name: plainHost(name),
  record: record ?? DEFAULTS.dns.record,
  ...(server === undefined ? {} : { server: plainHost(server) }),
  port: port ?? DEFAULTS.dns.port,
  ...socketOf({ allowPrivate }),
  expect: {
    ...(expect.values === undefined ? {} : { values: expect.values }),
    ...(expect.authoritative === undefined ? {} : { authoritative: expect.authoritative }),
    time: threshold(expect.time),
  },
});

const threshold = (limits: { degraded?: string | undefined; down?: string | undefined } | undefined): Threshold => ({
  ...(limits?.degraded === undefined ? {} : { degradedMs: durationMs(limits.degraded) }),
  ...(limits?.down === undefined ? {} : { downMs: durationMs(limits.down) }),
});

const heartbeat = ({ every, cron, timezone, grace }: Of<'heartbeat'>): HeartbeatSpec => ({
  kind: 'heartbeat',
  ...(every === undefined ? {} : { everyMs: durationMs(every) }),
  ...(cron === undefined ? {} : { cron, timezone: timezone ?? DEFAULTS.paging.timezone }),
  graceMs: durationMs(grace ?? DEFAULTS.heartbeat.grace),
});
