import { describe, expect, test } from 'vitest';
import type { IncidentDetail } from '../../lib/web/incidents.ts';
import { CHAIN_TEMPLATE, corrupted, erring, foreign, healthy, stalled } from './public-node.ts';
import { addressOf, entries, type Scenario, SOON_MS, scenario } from './scenario.ts';

const NODES = ['alpha', 'beta'] as const;
const ALPHA = addressOf(NODES, 'alpha');
const BETA = addressOf(NODES, 'beta');

const EU1 = '203.0.113.101';
/** A name for each of several nodes, with the same stand-in. */
const recordOf = (node: string): string => `
  ${node}:
    name: ${node}.example.test
    zone: example.test
    members: [{ node: ${node}, value: 203.0.113.102, role: primary }, { node: eu1, value: ${EU1}, role: secondary }]
    guard: { hold: 1s }`;

/** Ballots that say this of the check, cast since event number `from`. */
const looks = ({ events }: Scenario<string>, check: string, vote: string, from: number) =>
  events.slice(from).filter((event) => event.event === 'ballot' && (event.votes[check]?.vote ?? 'up') === vote);

/** For what may come in any order. */
const sorted = (lines: readonly string[]) => lines.toSorted();

// The longest first.
describe.concurrent('a public node behind a load balancer (eosDAC, 2018-07-19)', () => {
  // Its process was alive and its port open: the balancer kept it in. Each way of being wrong is as bad as being dead.
  test('it answers 200 with a wrong body, an error status, a stale head or a foreign chain', async (context) => {
    const here = await scenario(context, {
      nodes: ['eu1', 'eu2', 'eu3', 'eu4', 'eu5'],
      yaml: (nodes) => `
templates:${CHAIN_TEMPLATE}
nodes:${entries(nodes, ([node, { url }]) => `${node}: { url: "${url}", use: chain }`)}
records:${['eu2', 'eu3', 'eu4', 'eu5'].map(recordOf).join('')}`,
    });
    const ways = [
      ['eu2', corrupted, 'body-mismatch', 'api body lacks "head_block_num"'],
      ['eu3', erring, 'status', 'api HTTP 500, expected 2xx'],
      ['eu4', stalled, 'json-mismatch', 'api head_block_num is 999, expected more than 1000'],
      ['eu5', foreign, 'json-mismatch', 'api chain_id is "cf057bbf", expected "aca376f2"'],
    ] as const;
    for (const [node, answer, reason, text] of ways) {
      here.nodes[node].answer(answer);
      await here.until(`${node} leaves DNS`, async () => (await here.dig(`${node}.example.test`))[0] === EU1, SOON_MS);
      await here.told(`${node}: ${node} out`);
      const page = await here.until('its page', () => here.of('page').find(({ incident }) => incident.endsWith(`-${node}`)));
      // The link of a local run is long: a text message has room for the first words alone.
      expect(page.text).toMatch(`regions: ${text.slice(0, 28)}`);
      expect(page.text).toMatch(`Out of ${node}.example.test; eu1 serves.`);
      const { evidence } = await here.get<IncidentDetail>(`/incidents/${page.incident}`);
      const votes = Object.values(evidence[0]?.votes ?? {}).filter((vote) => vote.vote === 'down' && vote.reason === reason);
      expect(votes.length).toBeGreaterThanOrEqual(2);
    }

    const healed = here.events.length;
    // In pairs: Route 53 takes five requests a second, more would have to wait.
    for (const pair of [['eu2', 'eu3'] as const, ['eu4', 'eu5'] as const]) {
      for (const node of pair) here.nodes[node].answer(healthy);
      for (const node of pair) await here.told(`${node}: ${node} in`, healed);
    }
    await here.rounds(2);
    const each = ways.flatMap(([node]) => [`${node}: down → up`, `page: ${node} recovered`, `${node}: ${node} in`]);
    expect(sorted(here.acts(healed))).toEqual(sorted(each));
  });

  // Resyncing takes hours: it is right for a moment now and then. Whoever took the incident is left alone, and so is DNS.
  test('it is resyncing', async (context) => {
    const here = await scenario(context, {
      nodes: NODES,
      recover: 3,
      more: 'paging: { tiers: [{ email: [ops@example.org] }], repeat: 2s }',
    });
    const { alpha } = here.nodes;
    alpha.answer(corrupted);
    await here.answers(BETA);
    const again = await here.until('nobody took it: paged again', () => here.of('page')[1]);
    expect(again).toMatchObject({ state: 'down', tier: 1, attempt: 2, subject: expect.stringContaining('alpha still DOWN') });

    const ack = (by: string) => here.request('POST', `/incidents/${again.incident}/ack`, { by });
    expect(await ack('ana')).toMatchObject({ status: 200, body: { ackedBy: 'ana', closedAt: null } });
    expect(await ack('ben')).toMatchObject({ status: 200, body: { ackedBy: 'ana' } });
    const acked = here.events.length;
    for (let times = 0; times < 2; times++) {
      const from = here.events.length;
      alpha.answer(healthy);
      await here.until('a quorum saw it right', () => looks(here, 'alpha/api', 'up', from).length >= 2);
      alpha.answer(corrupted);
      await here.rounds(2);
    }
    expect(here.acts(acked)).toEqual([]);
    expect(await here.dig()).toEqual([BETA]);

    alpha.answer(healthy);
    await here.answers(ALPHA);
    await here.told('api: alpha in');
    await here.rounds(1);
    expect(here.acts(acked)).toEqual(['alpha: down → up', 'page: alpha recovered', 'api: alpha in']);
    expect(here.of('page').at(-1)?.text).toContain('acknowledged by ana after');
    expect(await ack('ben')).toMatchObject({ status: 409 });
  });

  // Nobody acted before users complained. A dead node leaves every record within two rounds and `downFor`, people are told once,
  // and it returns after `recover` quorums and the hold: not sooner, not twice, and nothing else happens.
  test('its process is killed, and started again', async (context) => {
    const holdMs = 5_000;
    const recover = 2;
    const here = await scenario(context, {
      nodes: NODES,
      hold: `${holdMs}ms`,
      recover,
      records: `
  pool:
    name: pool.example.test
    zone: example.test
    policy: multivalue
    members: [{ node: alpha, value: ${ALPHA} }, { node: beta, value: ${BETA} }]
    guard: { hold: ${holdMs}ms }`,
    });
    expect(await here.dig()).toEqual([ALPHA]);
    expect((await here.dig('pool.example.test')).sort()).toEqual([ALPHA, BETA]);

    await here.nodes.alpha.kill();
    await here.answers(BETA, SOON_MS);
    await here.until('both flips', () => here.of('flip').length === 2);
    expect(await here.dig('pool.example.test')).toEqual([BETA]);
    const out = here.story();
    expect(sorted(out.slice(0, 3))).toEqual(sorted(here.vantages.map((vantage) => `${vantage}: alpha/api down`)));
    expect(out.slice(3, 5)).toEqual(['alpha: up → down', 'page: alpha down']);
    expect(sorted(out.slice(5))).toEqual(sorted(['api: alpha out', 'pool: alpha out']));
    expect(here.of('page')[0]?.text).toMatch(
      /^alpha DOWN \d\d:\d\dZ, 3\/3 regions: api \S+ refused.* Out of api\.example\.test; beta serves\. .*\/incidents\//,
    );

    const started = here.events.length;
    await here.nodes.alpha.start();
    const up = await here.until('alpha is up', () => here.of('transition')[1]);
    const quorum = 2;
    expect(looks(here, 'alpha/api', 'up', started).length).toBeGreaterThanOrEqual(recover * quorum);
    await here.answers(ALPHA);
    await here.until('both flips', () => here.of('flip').length === 4);
    await here.rounds(2);
    const back = here.story(started);
    expect(sorted(back.slice(0, 3))).toEqual(sorted(here.vantages.map((vantage) => `${vantage}: alpha/api up`)));
    expect(back.slice(3, 4)).toEqual(['alpha: down → up']);
    expect(sorted(back.slice(4, 7))).toEqual(
      sorted(['page: alpha recovered', 'api: alpha held by hold', 'pool: alpha held by hold']),
    );
    expect(sorted(back.slice(7))).toEqual(sorted(['api: alpha in', 'pool: alpha in']));
    const [down] = here.of('transition');
    for (const flip of here.of('flip').slice(2)) expect(flip.at - (down?.at ?? 0)).toBeGreaterThan(holdMs - 200);
    expect(up).toMatchObject({ node: 'alpha', from: 'down', to: 'up' });
  });

  // Everybody sees a reload of three seconds, at the same time: a quorum of `down` votes that do not span `downFor` is no outage.
  test('it is reloaded in less than downFor', async (context) => {
    const here = await scenario(context, { nodes: NODES, downFor: '3s' });
    const { alpha } = here.nodes;
    alpha.answer(erring);
    await here.until('all vantages saw it', () => here.story().length === 3);
    alpha.answer(healthy);
    await here.rounds(5);
    const both = ['down', 'up'].flatMap((vote) => here.vantages.map((vantage) => `${vantage}: alpha/api ${vote}`));
    expect(sorted(here.story())).toEqual(sorted(both));
    expect((await here.status()).nodes.map(({ verdict }) => verdict)).toEqual(['up', 'up']);
    expect(await here.dig()).toEqual([ALPHA]);
  });
});
