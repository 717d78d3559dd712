import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { healthy } from './public-node.ts';
import { entries, scenario } from './scenario.ts';

/** A node of Tezos with so many connections, as its RPC tells of it. */
const baking = (connections: number): RequestListener => {
  return ({ url }, response) => {
    const answers: Record<string, unknown> = {
      '/chains/main/blocks/head/header': {
        chain_id: 'NetXdQzcVkpaWUR',
        level: 4_321_987,
        timestamp: `${new Date().toISOString().slice(0, 19)}Z`,
      },
      '/chains/main/is_bootstrapped': { bootstrapped: true, sync_state: 'synced' },
      '/network/connections': Array.from({ length: connections }, (_, at) => ({ incoming: false, peer_id: `id${at}` })),
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answers[url ?? '']));
  };
};

const FIVE = ['n1', 'n2', 'n3', 'n4', 'n5'] as const;

describe.concurrent('a baker behind a signer, tunnels and a firewall (Tezos, 2019-03-05)', () => {
  // "Too few connections (0)" was in its log, and nowhere else.
  test('its connections become fewer than minPeers: one of two is degraded, none is down', async (context) => {
    const here = await scenario(context, {
      nodes: ['baker'],
      yaml: ({ baker }) => {
        baker.answer(baking(2));
        return `nodes: { baker: { url: "${baker.url}", checks: { node: { type: tezos, expect: { headAge: { down: 1m }, peers: { degraded: 2, down: 1 } } } } } }`;
      },
    });
    here.nodes.baker.answer(baking(1));
    await here.told('baker: up → degraded');
    expect(here.of('page')).toEqual([]);
    here.nodes.baker.answer(baking(0));
    const page = await here.until('it is paged', () => here.of('page')[0]);
    expect(page.text).toMatch(/^baker DOWN .* 3\/3 regions: node 0 peers, expected at least 1/);
    here.nodes.baker.answer(baking(2));
    await here.until('it is well', () => here.of('page')[1]?.state === 'recovered');
    expect(here.acts().filter((act) => act.startsWith('baker: '))).toEqual([
      'baker: up → degraded',
      'baker: degraded → down',
      'baker: down → up',
    ]);
  });

  // The tunnel's forwarder was gone: connections were accepted, and closed before a word was said.
  test('SSH accepts and closes before its banner', async (context) => {
    let greets = true;
    const ssh = createServer((socket) => {
      socket.on('error', () => undefined);
      if (greets) socket.write('SSH-2.0-OpenSSH_9.6\r\n');
      socket.end();
    });
    ssh.listen(0, '127.0.0.1');
    await once(ssh, 'listening');
    context.onTestFinished(() => void ssh.close());
    const { port } = ssh.address() as AddressInfo;
    const here = await scenario(context, {
      nodes: [],
      yaml: () =>
        `nodes: { tunnel: { host: 127.0.0.1, checks: { ssh: { type: tcp, port: ${port}, expect: { banner: "^SSH-2.0" } } } } }`,
    });
    greets = false;
    const page = await here.until('it is paged', () => here.of('page')[0]);
    expect(page.text).toMatch(/^tunnel DOWN .* 3\/3 regions: ssh closed before a banner/);
  });

  // A deploy broke the checks of many nodes at once: it is the checks, not the nodes. S10 holds all of them.
  test('three of five look down at once: nobody is taken out, and people are told why', async (context) => {
    const members = FIVE.map((node, at) => `{ node: ${node}, value: 203.0.113.${at + 1} }`);
    const here = await scenario(context, {
      nodes: FIVE,
      yaml: (nodes) => `
templates: { web: { api: { type: http } } }
nodes:${entries(nodes, ([node, { url }]) => `${node}: { url: "${url}", use: web }`)}
records:
  api: { name: api.example.test, zone: example.test, policy: multivalue, members: [${members.join(', ')}], guard: { maxOut: 100% } }`,
    });
    const broken = FIVE.slice(0, 3);
    for (const node of broken) here.nodes[node].answer((_request, response) => response.writeHead(404).end());
    for (const node of broken) await here.told(`${node}: up → down`);
    await here.until('it is held', () => here.of('hold').some(({ rule }) => rule === 'massFailure'));
    await here.until('it is paged', () => here.of('page').some(({ text }) => /massFailure|more than half/.test(text)));
    await here.rounds(2);
    expect((await here.dig()).length).toBe(FIVE.length);
    expect(here.of('flip')).toEqual([]);

    for (const node of broken) here.nodes[node].answer(healthy);
    for (const node of broken) await here.told(`${node}: down → up`);
  });
});
