/** Examples of the documentation, and local servers for each kind that are led to whatever host a check names. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { CHECK_EXAMPLES } from '../../lib/config/check-examples.ts';
import { resolveSource, sourceOf } from '../../lib/config/load.ts';
import type { Cell, Check } from '../../lib/core/cell.ts';
import { looksFor, withGroups } from '../../lib/core/groups.ts';
import type { Beat } from '../../lib/core/heartbeats.ts';
import type { Observation } from '../../lib/core/merge.ts';
import { withHeartbeats } from '../../lib/heartbeats/look.ts';
import { createDial, type Dial } from '../../lib/probes/dial.ts';
import { createProbe } from '../../lib/probes/index.ts';
import { createManualClock } from '../clock.ts';
import { serveChain } from '../probes/chains/nodes.ts';
import type { Answers } from '../probes/chains/shapes.ts';
import { serveDns } from '../probes/dns-servers.ts';
import { certificate, serveTls } from '../probes/servers.ts';

export type Kind = keyof typeof CHECK_EXAMPLES;

/** The checks of an example, on a node of their own; `change` rewrites them first. */
export function exampleCell(kind: Kind, change: (yaml: string) => string = (yaml) => yaml): Cell {
  const checks = change(CHECK_EXAMPLES[kind]).replaceAll(/^/gm, '      ');
  const text = `name: example
vantages: [eu-west-1, us-east-2, ap-northeast-1]
paging: { tiers: [{ email: [ops@example.org] }] }
nodes:
  eu1:
    url: https://eu1.example.org
    checks:
${checks}`;
  const source = sourceOf('example', text);
  const loaded = 'data' in source ? resolveSource(source, { env: { BITCOIN_RPC: 'Basic dTpw' } }) : undefined;
  if (!loaded?.ok) return expect.fail(JSON.stringify(loaded?.faults ?? source));
  expect(loaded.warnings.filter(({ path }) => path.startsWith('nodes'))).toEqual([]);
  return loaded.cell;
}

/** What a vantage sees of every check of a cell, by id: groups and heartbeats too. */
export async function observe(cell: Cell, dial: Dial, beat?: (now: number) => Beat): Promise<Record<string, Observation>> {
  const probe = createProbe({ dial, resolveText: async () => expect.fail('no secrets here') });
  const probed = async (checks: readonly Check[]) => {
    const seen = checks.map(async (check): Promise<[string, Observation]> => {
      return [check.key, { ...(await probe(check, new AbortController().signal)), observedAt: 0 }];
    });
    return new Map(await Promise.all(seen));
  };
  const clock = createManualClock();
  const beats = {
    read: async (keys: readonly string[]) =>
      Object.fromEntries(keys.map((key) => [key, beat?.(clock.now()) ?? ('missing' as const)])),
  };
  const seen = withGroups(cell, await withHeartbeats(probed, { beats, clock })(looksFor(cell, cell.checks), clock.now()));
  return Object.fromEntries([...seen].map(([key, said]) => [key.replace('eu1/', ''), said]));
}

/** Whoever is asked, this server answers; without TLS unless it speaks it. */
export function leadingTo({ port }: { port: number }, ca?: string): Dial {
  const dial = createDial(ca === undefined ? {} : { ca: [ca] });
  return ({ host, tls, ...target }, signal) => {
    const secured = tls && ca !== undefined && { tls: { ...tls, servername: host } };
    return dial({ ...target, host: '127.0.0.1', port, ...secured }, signal);
  };
}

/** A node of a chain whose newest block is so old. */
export const answering = async (answers: (headAt: number) => Answers, ageMs = 1_000): Promise<Dial> =>
  leadingTo(await serveChain(answers(Date.now() - ageMs)));

/** A feed of blocks with these numbers. */
export async function feeding(...numbers: string[]): Promise<Dial> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => server.close());
  server.on('connection', (client) => {
    client.on('message', () => {
      for (const number of numbers) client.send(JSON.stringify({ params: { result: { number } } }));
      client.close();
    });
  });
  await once(server, 'listening');
  return leadingTo(server.address() as AddressInfo);
}

/** A name server that knows these addresses. */
export async function naming(...values: string[]): Promise<Dial> {
  const answers = values.map((data) => ({ type: 'A' as const, name: 'api.example.org', ttl: 60, data }));
  return leadingTo({ port: await serveDns(() => ({ rcode: 'NOERROR', answers, authorities: [] })) });
}

/** A server with a certificate for so many days. */
export async function secured(days = 60): Promise<Dial> {
  const own = await certificate({ names: ['eu1.example.org'], to: days });
  return leadingTo(await serveTls(own), own.cert);
}
