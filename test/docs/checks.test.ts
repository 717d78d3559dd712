import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { checkDocs } from '../../lib/config/check-docs.ts';
import { CHECK_EXAMPLES } from '../../lib/config/check-examples.ts';
import { resolveSource, sourceOf } from '../../lib/config/load.ts';
import type { Cell, Check } from '../../lib/core/cell.ts';
import { looksFor, withGroups } from '../../lib/core/groups.ts';
import type { Observation } from '../../lib/core/merge.ts';
import { withHeartbeats } from '../../lib/heartbeats/look.ts';
import { createDial, type Dial } from '../../lib/probes/dial.ts';
import { createProbe } from '../../lib/probes/index.ts';
import { createManualClock } from '../clock.ts';
import { serveChain } from '../probes/chains/nodes.ts';
import { type Answers, bitcoin, cometbft, eosio, ethereum, solana, steem, tezos } from '../probes/chains/shapes.ts';
import { serveDns } from '../probes/dns-servers.ts';
import { certificate, serveAnswer, serveRaw, serveTls } from '../probes/servers.ts';

test('docs/checks.md is current (npm run docs writes it)', async () => {
  await expect(checkDocs()).toMatchFileSnapshot('../../docs/checks.md');
});

/** The checks of an example, on a node of their own. */
function cellOf(kind: keyof typeof CHECK_EXAMPLES): Cell {
  const checks = CHECK_EXAMPLES[kind].replaceAll(/^/gm, '      ');
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

/** Whoever is asked, this server answers; without TLS unless it speaks it. */
const leadingTo = (port: number, ca?: string): Dial => {
  const dial = createDial(ca === undefined ? {} : { ca: [ca] });
  return ({ host, tls, ...target }, signal) => {
    const secured = tls && ca !== undefined && { tls: { ...tls, servername: host } };
    return dial({ ...target, host: '127.0.0.1', port, ...secured }, signal);
  };
};

const answering = async (answers: (headAt: number) => Answers) => leadingTo((await serveChain(answers(Date.now() - 1_000))).port);

async function growing(): Promise<Dial> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => server.close());
  server.on('connection', (client) => {
    client.on('message', () => {
      for (const number of ['0x1', '0x2']) client.send(JSON.stringify({ params: { result: { number } } }));
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return leadingTo((server.address() as AddressInfo).port);
}

async function naming(): Promise<Dial> {
  const values = ['203.0.113.10', '198.51.100.7'];
  const answers = values.map((data) => ({ type: 'A' as const, name: 'api.example.org', ttl: 60, data }));
  const port = await serveDns(() => ({ rcode: 'NOERROR', answers, authorities: [] }));
  return leadingTo(port);
}

async function secured(): Promise<Dial> {
  const own = await certificate({ names: ['eu1.example.org'] });
  return leadingTo((await serveTls(own)).port, own.cert);
}

const SERVERS: Record<keyof typeof CHECK_EXAMPLES, () => Promise<Dial>> = {
  http: async () => leadingTo((await serveAnswer(200, JSON.stringify(eosio(0)['/v1/chain/get_info']))).port),
  tcp: async () => leadingTo((await serveRaw((socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'))).port),
  tls: secured,
  dns: naming,
  websocket: growing,
  jsonrpc: () => answering(ethereum),
  eosio: () => answering(eosio),
  steem: () => answering(steem),
  tezos: () => answering(tezos),
  ethereum: () => answering(ethereum),
  cometbft: () => answering(cometbft),
  bitcoin: () => answering(bitcoin),
  solana: () => answering(solana),
  heartbeat: async () => createDial(),
  any: async () => leadingTo((await serveAnswer(200)).port),
  all: async () => leadingTo((await serveAnswer(200)).port),
};

describe('the example of a kind is valid, and up when a server is as it expects', () => {
  test.each(Object.keys(SERVERS) as (keyof typeof SERVERS)[])('%s', async (kind) => {
    const cell = cellOf(kind);
    const dial = await SERVERS[kind]();
    const probe = createProbe({ dial, resolveText: async () => expect.fail('no secrets here') });
    const probed = async (checks: readonly Check[]) => {
      const seen = checks.map(async (check): Promise<[string, Observation]> => {
        return [check.key, { ...(await probe(check, new AbortController().signal)), observedAt: 0 }];
      });
      return new Map(await Promise.all(seen));
    };
    const clock = createManualClock();
    const beats = { read: async () => ({ 'eu1/backup': { success: { at: clock.now() } } }) };
    const look = withHeartbeats(probed, { beats, clock });
    const seen = withGroups(cell, await look(looksFor(cell, cell.checks), clock.now()));
    const said = cell.checks.map(({ id, probe: { kind: of } }) => [id, of, seen.get(`eu1/${id}`)?.vote]);
    expect(said).toEqual(cell.checks.map(({ id, probe: { kind: of } }) => [id, of, 'up']));
    expect(said.map(([, of]) => of)).toContain(kind);
  });
});
