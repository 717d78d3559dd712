import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { describe, expect, type TestContext, test } from 'vitest';
import { chained, issue } from '../probes/pki.ts';
import { type Scenario, scenario } from './scenario.ts';

/** Serves on this address and port until the test ends; gives the port. */
async function serve(context: TestContext, server: Server, host: string, port = 0): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  context.onTestFinished(() => stop(server));
  return (server.address() as AddressInfo).port;
}

function stop(server: Server): void {
  server.close();
  server.closeAllConnections();
}

const fine: RequestListener = (_request, response) => response.end('fine');
const verdictOf = async (here: Scenario<never>, node: string) =>
  (await here.status()).nodes.find(({ id }) => id === node)?.verdict;
const reasonsOf = async (here: Scenario<never>, node: string, check: string) => {
  const { nodes } = await here.status();
  const votes = nodes.find(({ id }) => id === node)?.checks.find(({ id }) => id === check)?.votes ?? {};
  return [...new Set(Object.values(votes).map(({ vote, reason }) => `${vote} ${reason}`))];
};

describe.concurrent('the way of a check to its node', () => {
  // "The monitor's own link is down" is not "everything is down": whoever cannot reach well-known names has nothing to say.
  test('canaries: while two of three do not answer, every vantage abstains, and nobody is called down', async (context) => {
    const places = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
    const canaries = await Promise.all(places.map(async (host) => ({ host, server: createServer(fine) })));
    const ports = await Promise.all(canaries.map(({ host, server }) => serve(context, server, host)));
    const node = createServer(fine);
    const port = await serve(context, node, '127.0.0.1');
    const here = await scenario(context, {
      nodes: [],
      yaml: () => `
nodes: { eu1: { url: "http://127.0.0.1:${port}", checks: { api: { type: http } } } }
canaries: [${canaries.map(({ host }, at) => `"http://${host}:${ports[at]}"`).join(', ')}]`,
    });
    const [first, second] = canaries;
    if (!first || !second) return expect.fail('there are three');
    stop(first.server);
    await here.rounds(2);
    expect((await here.status()).vantages.map(({ state }) => state)).toEqual(['up', 'up', 'up']);

    stop(second.server);
    await here.until('all abstain', async () => (await here.status()).vantages.every(({ state }) => state === 'abstaining'));
    stop(node);
    await here.rounds(3);
    const { vantages } = await here.status();
    const why = `2 of 3 canaries did not answer: 127.0.0.2:${ports[0]} (connect-refused), 127.0.0.3:${ports[1]} (connect-refused)`;
    expect(vantages.map(({ reason, detail }) => [reason, detail])).toEqual(vantages.map(() => ['canaries', why]));
    expect(here.of('transition').map(({ to }) => to)).not.toContain('down');

    await serve(context, createServer(fine), second.host, ports[1]);
    await here.until('the node is down', () => here.of('transition').at(-1)?.to === 'down');
  });

  test('ipVersion: both is two checks, and the page names the version that fails', async (context) => {
    const [four, six] = [createServer(fine), createServer(fine)];
    const port = await serve(context, four, '127.0.0.1');
    await serve(context, six, '::1', port);
    const here = await scenario(context, {
      nodes: [],
      yaml: () => `nodes: { eu1: { url: "http://localhost:${port}", checks: { api: { type: http, ipVersion: both } } } }`,
    });
    const [eu1] = (await here.status()).nodes;
    expect(eu1?.checks.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(['api-v4 up', 'api-v6 up']);
    stop(six);
    const page = await here.until('it is paged', () => here.of('page')[0]);
    expect(page.text).toMatch(/^eu1 DOWN .* 3\/3 regions: api-v6 \[::1\]:\d+ refused/);
    const other = await reasonsOf(here, 'eu1', 'api-v4');
    expect(other.filter((said) => said.startsWith('down'))).toEqual([]);
  });

  // Two members answer for one name, whose certificate both have: each is probed at its own address, by that name.
  test('resolve, SNI and client certificates: members behind their shared name', async (context) => {
    const root = await issue('Test root', { authority: true });
    const own = await issue('api.test', { by: root, names: ['api.test'] });
    const visitor = await issue('Quorumwatch', { by: root });
    const hosts = ['127.0.0.5', '127.0.0.6'];
    const asked = new Set<string>();
    let broken = '';
    const members = hosts.map((host) =>
      createSecureServer(
        { ...chained(own, root), ca: root.cert, requestCert: true, rejectUnauthorized: true },
        (request, response) => {
          const { servername } = request.socket as TLSSocket & { servername?: string };
          asked.add(`${host} ${servername} ${request.headers.host?.replace(/:\d+$/, '')}`);
          response.writeHead(broken === host ? 500 : 200).end();
        },
      ),
    );
    const [port = 0] = [await serve(context, members[0] as unknown as Server, hosts[0] ?? '')];
    await serve(context, members[1] as unknown as Server, hosts[1] ?? '', port);
    const text = (pem: string) => JSON.stringify(pem);
    const node = (host = '', cert = '') =>
      `{ url: "https://api.test:${port}", checks: { api: { type: http, resolve: ${host}, tls: { ca: ${text(root.cert)}${cert} } } } }`;
    const certificate = `, cert: ${text(visitor.cert)}, key: ${text(visitor.key)}`;
    const here = await scenario(context, {
      nodes: [],
      yaml: () => `nodes:\n  eu1: ${node(hosts[0], certificate)}\n  eu2: ${node(hosts[1], certificate)}`,
    });
    expect([...asked].sort()).toEqual(hosts.map((host) => `${host} api.test api.test`));
    broken = '127.0.0.6';
    await here.told('eu2: up → down');
    expect(await verdictOf(here, 'eu1')).toBe('up');

    const stranger = await scenario(context, {
      nodes: [],
      yaml: () => `nodes:\n  eu1: ${node(hosts[0], certificate)}\n  eu3: ${node(hosts[0])}`,
      unwell: true,
    });
    await stranger.until('who has no certificate is turned away', async () => (await verdictOf(stranger, 'eu3')) === 'down');
    expect(await reasonsOf(stranger, 'eu3', 'api')).toEqual(['down tls-failed']);
  });

  test('vantages and quorum of a check: only these are asked, and so many must agree', async (context) => {
    const server = createServer(fine);
    const port = await serve(context, server, '127.0.0.1');
    const own = ['eu-west-1', 'ap-northeast-1', 'sa-east-1'];
    const here = await scenario(context, {
      nodes: [],
      vantages: 5,
      yaml: () =>
        `nodes: { eu1: { url: "http://127.0.0.1:${port}", checks: { api: { type: http, vantages: [${own.join(', ')}], quorum: 3 } } } }`,
    });
    await here.faults({ vantage: 'sa-east-1', node: 'eu1', effect: 'garbage' });
    await here.told('eu1: up → partial');
    const [eu1] = (await here.status()).nodes;
    expect([Object.keys(eu1?.checks[0]?.votes ?? {}), eu1?.checks[0]?.quorum]).toEqual([own, 3]);
    // Two of three see it: for the majority of all it would be enough, here it is not.
    await here.faults(...['sa-east-1', 'eu-west-1'].map((vantage) => ({ vantage, node: 'eu1', effect: 'garbage' as const })));
    await here.rounds(4);
    expect(await verdictOf(here, 'eu1')).toBe('partial');
    await here.faults();
    stop(server);
    const page = await here.until('all three see it', () => here.of('page')[0]);
    expect(page.text).toMatch(/^eu1 DOWN .* 3\/3 regions: api /);
  });

  test('any: a node is well while one of two ways to it is, and its page names both once neither is', async (context) => {
    const [old, young] = [createServer(fine), createServer(fine)];
    const ports = await Promise.all([old, young].map((server) => serve(context, server, '127.0.0.1')));
    const here = await scenario(context, {
      nodes: [],
      yaml: () => `
nodes:
  eu1:
    checks:
      old: { type: http, url: "http://127.0.0.1:${ports[0]}" }
      new: { type: http, url: "http://127.0.0.1:${ports[1]}" }
      either: { type: any, of: [old, new] }`,
    });
    stop(old);
    await here.until('the old one is down', async () => (await reasonsOf(here, 'eu1', 'old')).join() === 'down connect-refused');
    await here.rounds(3);
    expect([await verdictOf(here, 'eu1'), here.acts()]).toEqual(['up', []]);
    stop(young);
    const page = await here.until('it is paged', () => here.of('page')[0]);
    expect(page.text).toMatch(/3\/3 regions: either 0 of 2 up; /);
  });
});
