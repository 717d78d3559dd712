import type { Check, DnsSpec, JsonrpcSpec, TlsSpec, WebsocketSpec } from '../../lib/core/cell.ts';
import { type Common, check } from './checks.ts';

/** Parts of a spec: what is left out expects nothing. */
type Parts<S extends { expect: object }> = Partial<Omit<S, 'kind' | 'expect'>> & { expect?: Partial<S['expect']> };

export function tlsCheck(port: number, { expect = {}, ...parts }: Parts<TlsSpec> = {}, common: Common = {}): Check {
  const expectations = { certificate: {}, time: {}, ...expect };
  const probe: TlsSpec = { kind: 'tls', host: 'node.test', port, allowPrivate: true, ...parts, expect: expectations };
  return check(probe, common);
}

export function dnsCheck(port: number, { expect = {}, ...parts }: Parts<DnsSpec> = {}, common: Common = {}): Check {
  const target = { name: 'api.example.org', record: 'A' as const, server: '127.0.0.1', port };
  const probe: DnsSpec = { kind: 'dns', ...target, allowPrivate: false, ...parts, expect: { time: {}, ...expect } };
  return check(probe, common);
}

export function websocketCheck(url: string, { expect = {}, ...parts }: Parts<WebsocketSpec> = {}, common: Common = {}): Check {
  const expectations = { message: { contains: [], notContains: [] }, json: [], time: {}, certificate: {}, ...expect };
  const probe: WebsocketSpec = {
    kind: 'websocket',
    url,
    headers: {},
    send: [],
    allowPrivate: false,
    ...parts,
    expect: expectations,
  };
  return check(probe, common);
}

export function jsonrpcCheck(url: string, { expect = {}, ...parts }: Parts<JsonrpcSpec> = {}, common: Common = {}): Check {
  const expectations = { json: [], time: {}, certificate: {}, ...expect };
  const call = { url, method: 'eth_chainId', headers: {}, redirects: 3 };
  return check({ kind: 'jsonrpc', ...call, allowPrivate: false, ...parts, expect: expectations }, common);
}
