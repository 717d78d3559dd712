import { describe, expect, test } from 'vitest';
import type { IncidentDetail } from '../../lib/web/incidents.ts';
import { CHAIN_TEMPLATE, corrupted, erring, foreign, healthy, redirecting, stalled } from './public-node.ts';
import { addressOf, type Scenario, SOON_MS, scenario } from './scenario.ts';

const NODES = ['alpha', 'beta'] as const;
const ALPHA = addressOf(NODES, 'alpha');
const BETA = addressOf(NODES, 'beta');

/** Entries of a YAML mapping, one a line. */
const lines = <T>(items: Record<string, T>, line: (item: [string, T]) => string) =>
  Object.entries(items)
    .map((item) => `\n  ${line(item)}`)
    .join('');

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

/** Everything in this list, in any order. */
const inAnyOrder = (...lines: string[]) => expect.toSatisfy((some: string[]) => String(some.sort()) === String(lines.sort()));

describe.concurrent('a public node behind a load balancer (eosDAC, 2018-07-19)', () => {
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
    expect(out.slice(0, 3)).toEqual(inAnyOrder(...here.vantages.map((vantage) => `${vantage}: alpha/api down`)));
    expect(out.slice(3, 5)).toEqual(['alpha: up → down', 'page: alpha down']);
    expect(out.slice(5)).toEqual(inAnyOrder('api: alpha out', 'pool: alpha out'));
    expect(here.of('page')[0]?.text).toMatch(
      /^alpha DOWN \d\d:\d\dZ, 3\/3 regions: api .* refused the connection\. .*\/incidents\//,
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
    expect(back.slice(0, 3)).toEqual(inAnyOrder(...here.vantages.map((vantage) => `${vantage}: alpha/api up`)));
    expect(back.slice(3, 4)).toEqual(['alpha: down → up']);
    expect(back.slice(4, 7)).toEqual(inAnyOrder('page: alpha recovered', 'api: alpha held by hold', 'pool: alpha held by hold'));
    expect(back.slice(7)).toEqual(inAnyOrder('api: alpha in', 'pool: alpha in'));
    const [down] = here.of('transition');
    for (const flip of here.of('flip').slice(2)) expect(flip.at - (down?.at ?? 0)).toBeGreaterThan(holdMs - 200);
    expect(up).toMatchObject({ node: 'alpha', from: 'down', to: 'up' });
  });

  // Its process was alive and its port open: the balancer kept it in. Each way of being wrong is as bad as being dead.
  test('it answers 200 with a wrong body, an error status, a stale head or a foreign chain', async (context) => {
    const here = await scenario(context, {
      nodes: ['eu1', 'eu2', 'eu3', 'eu4', 'eu5'],
      yaml: (nodes) => `
templates:${CHAIN_TEMPLATE}
nodes:${lines(nodes, ([node, { url }]) => `${node}: { url: "${url}", use: chain }`)}
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
      const page = await here.until('page and flip', () => here.of('flip').at(-1)?.node === node && here.of('page').at(-1));
      expect(page.text).toMatch(`regions: ${text}`);
      const { evidence } = await here.get<IncidentDetail>(`/incidents/${page.incident}`);
      const votes = Object.values(evidence[0]?.votes ?? {}).filter((vote) => vote.vote === 'down' && vote.reason === reason);
      expect(votes.length).toBeGreaterThanOrEqual(2);
    }

    const healed = here.events.length;
    // In pairs: Route 53 takes five requests a second, more would have to wait.
    for (const pair of [['eu2', 'eu3'] as const, ['eu4', 'eu5'] as const]) {
      for (const node of pair) here.nodes[node].answer(healthy);
      await here.until(`${pair} are back`, () => pair.every((node) => here.acts(healed).includes(`${node}: ${node} in`)));
    }
    await here.rounds(2);
    const each = ways.flatMap(([node]) => [`${node}: down → up`, `page: ${node} recovered`, `${node}: ${node} in`]);
    expect(here.acts(healed)).toEqual(inAnyOrder(...each));
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
    await here.answers(BETA, SOON_MS);
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
    await here.rounds(1);
    expect(here.acts(acked)).toEqual(['alpha: down → up', 'page: alpha recovered', 'api: alpha in']);
    expect(here.of('page').at(-1)?.text).toContain('Acknowledged by ana after');
    expect(await ack('ben')).toMatchObject({ status: 409 });
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
    expect(here.story()).toEqual(inAnyOrder(...both));
    expect((await here.status()).nodes.map(({ verdict }) => verdict)).toEqual(['up', 'up']);
    expect(await here.dig()).toEqual([ALPHA]);
  });
});

describe.concurrent('what a quorum and the guard hold back', () => {
  // Two regions that lost their way to a node are their problem, not the node's.
  test('a minority of the vantages is cut off', async (context) => {
    const here = await scenario(context, { nodes: NODES, vantages: 5 });
    const cut = ['us-east-2', 'sa-east-1'];
    await here.faults(...cut.map((vantage) => ({ vantage, node: 'alpha', effect: 'unreachable' as const })));
    const check = await here.until('alpha is partial', async () => {
      const [alpha] = (await here.status()).nodes;
      return (
        alpha?.verdict === 'partial' && alpha.checks.find(({ votes }) => cut.every((vantage) => votes[vantage]?.vote === 'down'))
      );
    });
    const said = Object.entries(check.votes).map(([vantage, { vote, reason }]) => `${vantage} ${vote} ${reason}`);
    expect(said).toEqual([
      'eu-west-1 up ok',
      'us-east-2 down connect-failed',
      'ap-northeast-1 up ok',
      'ca-central-1 up ok',
      'sa-east-1 down connect-failed',
    ]);
    await here.rounds(6);
    expect((await here.status()).nodes.map(({ verdict }) => verdict)).toEqual(['partial', 'up']);
    expect(await here.dig()).toEqual([ALPHA]);

    await here.faults();
    await here.until('alpha is up', async () => (await here.status()).nodes[0]?.verdict === 'up');
    await here.until('the ledger says so', () => here.of('transition').at(-1)?.to === 'up');
    await here.rounds(1);
    expect(here.acts()).toEqual(['alpha: up → partial', 'alpha: partial → up']);
  });

  // An empty answer helps nobody: the last one stays in, people are told why, and whoever is right first answers at once.
  test('the last member goes down too, and another returns long before its hold is over', async (context) => {
    const here = await scenario(context, { nodes: NODES, hold: '1h' });
    await here.nodes.alpha.kill();
    await here.answers(BETA, SOON_MS);
    await here.nodes.beta.kill();
    await here.until('beta is paged', () => here.of('page').length === 2);
    await here.rounds(3);
    expect(await here.dig()).toEqual([BETA]);
    expect(here.acts()).toEqual([
      'alpha: up → down',
      'page: alpha down',
      'api: alpha out',
      'beta: up → down',
      'api: beta held by minInService',
      'page: beta down',
    ]);
    expect(here.of('page')[1]?.text).toContain('refused the connection. Still in api.example.test');

    const started = here.events.length;
    await here.nodes.alpha.start();
    await here.answers(ALPHA, 5_000);
    await here.until('beta leaves', () => here.of('flip').length === 3);
    await here.rounds(1);
    expect(here.acts(started)).toEqual(['alpha: down → up', 'page: alpha recovered', 'api: alpha in', 'api: beta out']);
  });

  test('all go down at once: nobody is taken out, and the first that is right again answers', async (context) => {
    const here = await scenario(context, { nodes: NODES, hold: '1h' });
    await Promise.all([here.nodes.alpha.kill(), here.nodes.beta.kill()]);
    await here.until('both are paged', () => here.of('page').length === 2);
    await here.rounds(3);
    expect(await here.dig()).toEqual([ALPHA]);
    expect(here.acts().sort()).toEqual([
      'alpha: up → down',
      'api: alpha held by minInService',
      'api: beta held by minInService',
      'beta: up → down',
      'page: alpha down',
      'page: beta down',
    ]);

    const started = here.events.length;
    await here.nodes.beta.start();
    await here.answers(BETA, 5_000);
    await here.rounds(1);
    expect(here.acts(started)).toEqual(['beta: down → up', 'page: beta recovered', 'api: alpha out']);
  });
});

const REDIRECTING = ['target', 'elsewhere', 'metadata', 'renamed', 'kept', 'dropped'] as const;

describe.concurrent('a witness and its failover script (Steem, 2018-07-28)', () => {
  // The script's only reference node had moved, and nobody heard of it. What a redirect does is said, and none leads where the
  // configuration did not: a probe in a Lambda must not be sent to its own runtime or to the metadata service.
  test('nodes that redirect', async (context) => {
    const post = 'type: http, path: /rpc, method: POST, body: \'{"id":1}\'';
    const checks = { kept: post, dropped: post } as Record<string, string>;
    const here = await scenario(context, {
      nodes: REDIRECTING,
      yaml: (nodes) => `
nodes:${lines(nodes, ([node, { url }]) => `${node}: { url: "${url}", checks: { api: { ${checks[node] ?? 'type: http'} } } }`)}`,
    });
    const { target, elsewhere, metadata, renamed, kept, dropped } = here.nodes;
    elsewhere.answer(redirecting(302, 'http://other.example.org/'));
    metadata.answer(redirecting(301, 'http://169.254.169.254/latest/meta-data/'));
    renamed.answer(redirecting(308, `http://localhost:${target.port}/renamed`));
    kept.answer(redirecting(307, `${target.url}/kept`));
    dropped.answer(redirecting(301, `${target.url}/dropped`));

    await here.until('four are paged', () => here.of('page').length === 4);
    await here.until('the POST arrived', () => target.requests().includes('POST /kept {"id":1}'));
    await here.rounds(1);
    const { nodes } = await here.status();
    const said = nodes.map(({ id, verdict, checks: [check] }) => {
      const votes = Object.values(check?.votes ?? {}).map(({ vote, reason, detail }) => `${vote} ${reason}: ${detail}`);
      return [id, verdict, ...new Set(votes)];
    });
    expect(said).toEqual([
      ['target', 'up', 'up ok: undefined'],
      ['elsewhere', 'down', 'down redirect-refused: 302 to http://other.example.org/ not followed: another host than 127.0.0.1'],
      [
        'metadata',
        'down',
        'down redirect-refused: 301 to http://169.254.169.254/latest/meta-data/ not followed: another host than 127.0.0.1',
      ],
      [
        'renamed',
        'down',
        `down redirect-refused: 308 to http://localhost:${target.port}/renamed not followed: another host than 127.0.0.1`,
      ],
      ['kept', 'up', expect.stringMatching(/^up ok/)],
      [
        'dropped',
        'down',
        `down redirect-method: 301 to ${target.url}/dropped would turn POST into GET and drop the body; use 308, or write ${target.url}/dropped in url`,
      ],
    ]);
    expect(new Set(target.requests())).toEqual(new Set(['GET /', 'POST /kept {"id":1}']));
    const page = here.of('page').find(({ incident }) => incident.endsWith('dropped'));
    expect(page?.text).toContain('would turn POST into GET');
  });
});
