import type { RequestListener } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { IncidentDetail } from '../../lib/web/incidents.ts';
import { addressOf, entries, type Scenario, SOON_MS, scenario } from './scenario.ts';

const CHAIN_ID = 'aca376f206b8fc25a6ed44dbdc66547c36c6c33e3a119ffbeaef943642f0e906';
const BLOCK_MS = 500;
const STARTED_AT = Date.now() - 3_600_000;

interface Head {
  /** Blocks that it lacks. */
  behind?: number;
  /** No block later than this. */
  stoppedAt?: number;
  chainId?: string;
}

/** A node of a chain with two blocks a second, as EOSIO's `get_info` tells of it. */
const following = ({ behind = 0, stoppedAt, chainId = CHAIN_ID }: Head = {}): RequestListener => {
  return (_request, response) => {
    const blocks = Math.floor((Math.min(Date.now(), stoppedAt ?? Number.POSITIVE_INFINITY) - STARTED_AT) / BLOCK_MS);
    const info = {
      chain_id: chainId,
      head_block_num: 1_000 + blocks - behind,
      last_irreversible_block_num: 700 + blocks - behind,
      head_block_time: new Date(STARTED_AT + blocks * BLOCK_MS).toISOString().slice(0, -1),
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(info));
  };
};

/** A Steem node that says how many blocks the witness has missed so far; it reads the call from the log of requests. */
const witnessing = (missed: number, lastRequest: () => string, participants = 128): RequestListener => {
  return (_request, response) => {
    const results: Record<string, unknown> = {
      'condenser_api.get_dynamic_global_properties': {
        head_block_number: 24_600_000,
        time: new Date().toISOString().slice(0, 19),
        participation_count: participants,
        last_irreversible_block_num: 24_599_984,
      },
      'condenser_api.get_witness_by_account': { owner: 'alice', total_missed: missed },
    };
    const { method, id } = JSON.parse(lastRequest().replace(/^POST \S+ /, ''));
    response.writeHead(200).end(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] }));
  };
};

/** `eu1` and `eu5` are what the others are compared with. */
const NAMES = ['eu1', 'eu2', 'eu3', 'eu4', 'eu5'] as const;
const OWN_NAME = ['eu2', 'eu3', 'eu4'];
type Name = (typeof NAMES)[number];
const EU1 = addressOf(NAMES, 'eu1');

/** A name for one node, with eu1 as its stand-in. */
const recordOf = (node: string): string => `
  ${node}:
    name: ${node}.example.test
    zone: example.test
    members:
      - { node: ${node}, value: ${addressOf(NAMES, node)}, role: primary }
      - { node: eu1, value: ${EU1}, role: secondary }
    guard: { hold: 1s }`;

const yaml = (nodes: Scenario<Name>['nodes']): string => {
  for (const node of Object.values(nodes)) node.answer(following());
  const expected = `{ chainId: ${CHAIN_ID}, headAge: { down: 3s }, blocksBehind: { down: 16 } }`;
  return `
templates: { chain: { head: { type: eosio, expect: ${expected} } } }
nodes:${entries(nodes, ([name, { url }]) => `${name}: { url: "${url}", use: chain }`)}
records:${OWN_NAME.map(recordOf).join('')}`;
};

describe.concurrent('a public blockchain node (eosDAC, 2018-07-19)', () => {
  // Its process is alive, its port open and its JSON as it should be: only what it says of the chain is wrong.
  test('its head falls behind or stands still, or it is on another chain', async (context) => {
    const here = await scenario(context, { nodes: NAMES, yaml });
    const ways: Record<string, { head: Head; reason: string; text: RegExp }> = {
      eu2: { head: { behind: 100 }, reason: 'behind', text: /eu2 DOWN .* 3\/3 regions: head \d+ blocks behind eu\d/ },
      eu3: {
        head: { stoppedAt: Date.now() - 600_000 },
        reason: 'head-age',
        text: /eu3 DOWN .* 3\/3 regions: head the newest block/,
      },
      eu4: { head: { chainId: 'beef' }, reason: 'chain-id', text: /eu4 DOWN .* 3\/3 regions: head chain id is "beef"/ },
    };
    // One after the other: what opens together is told together.
    for (const [node, { head, reason, text }] of Object.entries(ways)) {
      here.nodes[node as Name].answer(following(head));
      const isOut = async () => String(await here.dig(`${node}.example.test`)) === EU1;
      await here.until(`${node} leaves DNS`, isOut, SOON_MS);
      const page = await here.until(`${node} is paged`, () => here.of('page').find(({ incident }) => incident.endsWith(node)));
      expect(page.text).toMatch(text);
      const incident = await here.get<IncidentDetail>(`/incidents/${page.incident}`);
      const votes = Object.values(incident.evidence[0]?.votes ?? {});
      expect(votes.filter((vote) => vote.vote === 'down' && vote.reason === reason).length).toBeGreaterThanOrEqual(2);
    }
    for (const node of OWN_NAME) {
      here.nodes[node as Name].answer(following());
      await here.told(`${node}: ${node} in`);
    }
    const pages = here.of('page').map(({ incident, state }) => `${incident.split('-').at(-1)} ${state}`);
    expect(pages.sort()).toEqual(OWN_NAME.flatMap((node) => [`${node} down`, `${node} recovered`]));
  });
});

describe.concurrent('a witness and its failover script (Steem, 2018-07-28)', () => {
  // When every node stands still, none serves better than another: people are told once, and DNS stays as it is.
  test('every node stands still at once, and goes on', async (context) => {
    const here = await scenario(context, { nodes: NAMES, yaml });
    const stoppedAt = Date.now();
    for (const node of Object.values(here.nodes)) node.answer(following({ stoppedAt }));
    const page = await here.until('the halt is paged', () => here.of('page')[0]);
    expect(page).toMatchObject({ incident: expect.stringMatching(/-eosio-chain-aca376f2$/), state: 'down', tier: 1 });
    expect(page.text).toMatch(/eosio-chain-aca376f2: chain halted: the newest block is \d+ s old, .*\/incidents\//);
    await here.rounds(2);
    const { nodes } = await here.status();
    expect(nodes.map(({ verdict }) => verdict)).toEqual(NAMES.map(() => 'degraded'));
    const votes = nodes.flatMap(({ checks }) => checks.flatMap((check) => Object.values(check.votes)));
    expect(new Set(votes.map(({ reason }) => reason))).toEqual(new Set(['chain-halted']));

    for (const node of Object.values(here.nodes)) node.answer(following());
    await here.until('it is over', () => here.of('page')[1]);
    expect(here.of('page').map(({ state }) => state)).toEqual(['down', 'recovered']);
    expect(here.of('flip')).toEqual([]);
    for (const node of OWN_NAME) expect(await here.dig(`${node}.example.test`)).toEqual([addressOf(NAMES, node)]);
  });

  // Seven hours of missed blocks rang nobody. It is its own check: nothing that users reach is taken out for it.
  test('its witness misses blocks', async (context) => {
    const here = await scenario(context, {
      nodes: ['alpha', 'beta'],
      yaml: ({ alpha, beta }) => {
        for (const node of [alpha, beta]) node.answer(witnessing(731, () => node.requests().at(-1) ?? ''));
        return `
templates: { rpc: { head: { type: steem, expect: { headAge: { down: 30s }, participation: { down: 60 } } } } }
nodes:
  alpha: { url: "${alpha.url}", use: rpc, checks: { witness: { type: steem, witness: alice, expect: { missed: { down: 2 } } } } }
  beta: { url: "${beta.url}", use: rpc }
records:
  api:
    name: api.example.test
    zone: example.test
    requires: [head]
    members: [{ node: alpha, value: 203.0.113.1, role: primary }, { node: beta, value: 203.0.113.2, role: secondary }]`;
      },
    });
    const { alpha } = here.nodes;
    alpha.answer(witnessing(734, () => alpha.requests().at(-1) ?? ''));
    const page = await here.until('it is paged', () => here.of('page')[0]);
    expect(page.text).toMatch(/^alpha DOWN .* 3\/3 regions: witness alice missed 3 more/);
    await here.until('it misses no more', () => here.of('page')[1]);
    // The last vantage may still count the misses when the quorum is through with them.
    expect(here.acts().map((act) => act.replace('→ partial', '→ up'))).toEqual([
      'alpha: up → down',
      'page: alpha down',
      'alpha: down → up',
      'page: alpha recovered',
    ]);
    expect(await here.dig()).toEqual(['203.0.113.1']);
  });
});

describe.concurrent('several vantages and several reference nodes', () => {
  // The failover script asked one node, which was in replay: losing one of either must change no verdict.
  test('one vantage is dead, one reference dies and another one lies: no verdict changes', async (context) => {
    const here = await scenario(context, {
      nodes: ['alpha', 'beta', 'one', 'two', 'three'],
      vantages: 5,
      yaml: (nodes) => {
        for (const node of Object.values(nodes)) node.answer(following());
        const { alpha, beta, one, two, three } = nodes;
        return `
templates: { chain: { head: { type: eosio, expect: { headAge: { down: 30s }, blocksBehind: { down: 16 } } } } }
nodes:${entries({ alpha, beta }, ([name, { url }]) => `${name}: { url: "${url}", use: chain }`)}
references: { eosio: [${[one, two, three].map(({ url }) => `"${url}"`).join(', ')}] }`;
      },
    });
    await here.faults({ vantage: 'us-east-2', effect: 'dead' });
    await here.nodes.one.kill();
    here.nodes.two.answer(following({ behind: -10_000 }));
    const others = here.vantages.filter((vantage) => vantage !== 'us-east-2');
    await here.rounds(6, others);
    expect(here.acts()).toEqual([]);

    // But they are references: whoever is behind them all is found.
    here.nodes.two.answer(following());
    here.nodes.alpha.answer(following({ behind: 100 }));
    const page = await here.until('it is paged', () => here.of('page')[0]);
    expect(page.text).toMatch(/^alpha DOWN .* [34]\/5 regions: head \d+ blocks behind/);
  });

  test('a chain of which too few producers take part is degraded, then down', async (context) => {
    const here = await scenario(context, {
      nodes: ['alpha'],
      yaml: ({ alpha }) => {
        alpha.answer(witnessing(0, () => alpha.requests().at(-1) ?? ''));
        return `nodes: { alpha: { url: "${alpha.url}", checks: { head: { type: steem, expect: { headAge: { down: 30s }, participation: { degraded: 90, down: 50 } } } } } }`;
      },
    });
    const { alpha } = here.nodes;
    const last = () => alpha.requests().at(-1) ?? '';
    alpha.answer(witnessing(0, last, 100));
    await here.told('alpha: up → degraded');
    expect(here.of('page')).toEqual([]);
    alpha.answer(witnessing(0, last, 60));
    const page = await here.until('it is paged', () => here.of('page')[0]);
    expect(page.text).toMatch(/3\/3 regions: head 46 % of producers take part/);
  });
});
