import type { Check } from '../../../../lib/core/cell.ts';
import { chainCheck } from '../../../probes/chains/check.ts';
import { httpCheck, tcpCheck } from '../../../probes/checks.ts';
import { dnsCheck, jsonrpcCheck, tlsCheck, websocketCheck } from '../../../probes/kinds.ts';

/** By server; `ca` is who signed the certificate of `node.test`. */
export interface World {
  ports: Record<'http' | 'https' | 'jsonrpc' | 'banner' | 'websocket' | 'names' | 'silent' | 'silentNames', number>;
  ca: string;
}

/** Names below this one are never answered for. */
export const HOLES = 'holes.test';

export const CHECKS = 1_000;

/** What is expected of each check. */
export type Expected = Map<string, string>;

/**
 * A thousand checks of all kinds, in an order in which every third is a black hole: a name that nobody answers for, a port whose
 * queue is full (`full`), TLS, HTTP, WebSocket, chain and name servers that take a question and stay silent.
 */
export function thousand({ ports }: World, full: number, timeoutMs: number): { checks: Check[]; expected: Expected } {
  const at = 'http://127.0.0.1';
  const silent = `${at}:${ports.silent}`;
  const named = { allowPrivate: true };
  const well: [reason: string, make: (n: number) => Check][] = [
    [
      'ok',
      (n) => httpCheck(`http://n${n}.test:${ports.http}/`, { ...named, expect: { json: [{ path: 'answer', equals: 42 }] } }),
    ],
    ['ok', () => httpCheck(`${at}:${ports.http}/`, { expect: { body: { contains: ['42'], notContains: [], matches: '^{' } } })],
    ['ok', () => httpCheck(`https://node.test:${ports.https}/`, named)],
    ['ok', () => tcpCheck('127.0.0.1', ports.banner, { expect: { banner: '^SSH-2.0', time: {} } })],
    ['ok', () => jsonrpcCheck(`${at}:${ports.jsonrpc}`)],
    ['ok', () => tlsCheck(ports.https)],
    ['ok', (n) => dnsCheck(ports.names, { name: `n${n}.test` })],
    ['ok', () => websocketCheck(`ws://127.0.0.1:${ports.websocket}/`)],
  ];
  const holes: typeof well = [
    ['dns-timeout', (n) => httpCheck(`http://n${n}.${HOLES}/`)],
    ['connect-timeout', () => tcpCheck('127.0.0.1', full)],
    ['tls-timeout', () => tlsCheck(ports.silent)],
    ['answer-timeout', () => httpCheck(`${silent}/`)],
    ['answer-timeout', () => websocketCheck(silent.replace('http', 'ws'))],
    ['answer-timeout', () => chainCheck('ethereum', silent, { headAge: { downMs: 1 }, chainId: '1', peers: { down: 1 } })],
    ['answer-timeout', () => dnsCheck(ports.silentNames)],
  ];
  const expected: Expected = new Map();
  const checks = Array.from({ length: CHECKS }, (_, n): Check => {
    const kinds = n % 3 === 0 ? holes : well;
    const [reason, make] = kinds[Math.floor(n / 3) % kinds.length] ?? well[0] ?? ['', () => httpCheck(at)];
    const key = `n${n}/check`;
    expected.set(key, reason);
    return { ...make(n), key, node: `n${n}`, timeoutMs };
  });
  return { checks, expected };
}
