import { describe, expect, it } from 'vitest';
import type { ChainExpect, ChainSpec } from '../../../lib/core/cell.ts';
import { lookTimed } from '../checks.ts';
import { chainCheck } from './check.ts';
import { changed, rpcError, seen, serveChain } from './nodes.ts';
import {
  type Answers,
  bitcoin,
  cometbft,
  EOS_MAINNET,
  eosio,
  ethereum,
  SOLANA_MAINNET,
  STEEM_ID,
  solana,
  steem,
  tezos,
} from './shapes.ts';

const SHAPES = { eosio, steem, tezos, ethereum, cometbft, bitcoin, solana };
const WATCHED: Partial<Record<ChainSpec['kind'], string>> = {
  eosio: 'eosdacserver',
  steem: 'someguy123',
  tezos: 'tz1Ken',
  cometbft: '000001e443fd237e4b616e2fa69df4ee3d49a94f',
  solana: '85iYT5RuzRTDgjyRa3cP8SYhM2j21fj7NhfJ3peu1DPr',
};
const IDS: Record<ChainSpec['kind'], string> = {
  eosio: EOS_MAINNET,
  steem: STEEM_ID,
  tezos: 'NetXdQzcVkpaWUR',
  ethereum: '1',
  cometbft: 'cosmoshub-4',
  bitcoin: 'main',
  solana: SOLANA_MAINNET,
};
const HEIGHTS: Record<ChainSpec['kind'], number> = {
  eosio: 44_045_899,
  steem: 24_600_000,
  tezos: 4_321_987,
  ethereum: 436,
  cometbft: 1_262_196,
  bitcoin: 880_000,
  solana: 368_301_112,
};
const COUNTED: Partial<Record<ChainSpec['kind'], object>> = {
  eosio: { produced: 4_812 },
  steem: { misses: 731 },
  tezos: { misses: 12 },
  solana: { misses: 2 },
};
const KINDS = Object.keys(SHAPES) as ChainSpec['kind'][];
const MINUTE_MS = 60_000;
const AGE = { headAge: { degradedMs: MINUTE_MS, downMs: 5 * MINUTE_MS } };

/** Everything that can be expected, and is as expected. */
const ALL: Partial<ChainExpect> = {
  ...AGE,
  blocksBehind: { down: 16 },
  irreversibleLag: { degraded: 400 },
  missed: { down: 1 },
  peers: { degraded: 2, down: 1 },
  participation: { degraded: 90, down: 50 },
};

describe.each(KINDS)('%s', (kind) => {
  const shape = SHAPES[kind];

  it('is up when all is as expected, and gives its facts', async () => {
    const headAt = Math.floor(Date.now() / 1_000) * 1_000 - 2_000;
    const result = await seen(kind, shape(headAt), { ...ALL, chainId: IDS[kind] }, WATCHED[kind]);
    const facts = { height: HEIGHTS[kind], headAt, chainId: IDS[kind], ...COUNTED[kind] };
    expect(result).toEqual({ vote: 'up', reason: 'ok', facts });
  });

  it('is degraded, then down by the age of its head', async () => {
    const aged = (minutes: number) => seen(kind, shape(Date.now() - minutes * MINUTE_MS - 100), AGE);
    expect(await aged(2)).toMatchObject({
      vote: 'degraded',
      reason: 'head-age',
      detail: 'the newest block is 2 min old, expected less than 1 min',
    });
    expect(await aged(70)).toMatchObject({
      vote: 'down',
      reason: 'head-age',
      detail: 'the newest block is 1 h 10 min old, expected less than 5 min',
    });
  });

  it('is down on another chain', async () => {
    expect(await seen(kind, shape(Date.now()), { chainId: 'another' })).toMatchObject({
      vote: 'down',
      reason: 'chain-id',
      detail: expect.stringMatching(/^chain id is ".+", expected "another"$/),
    });
  });

  it('is down when its newest block is from the future', async () => {
    const result = await seen(kind, shape(Date.parse('2106-02-07T06:28:15Z')), AGE);
    expect(result).toMatchObject({
      vote: 'down',
      reason: 'chain-data',
      detail: 'the newest block is of 2106-02-07T06:28:15.000Z, in the future',
    });
    expect(result.facts).toBeUndefined();
  });

  it('is down when it knows none of this', async () => {
    expect(await seen(kind, {}, AGE)).toMatchObject({ vote: 'down', reason: expect.stringMatching(/^(status|rpc-error)$/) });
  });
});

interface Case {
  says: string;
  kind: ChainSpec['kind'];
  /** What is changed in the answers: what was asked, the field, the value. */
  change: [asked: string, path: string, value: unknown];
  expected: Partial<ChainExpect>;
  producer?: string;
  result: { vote: string; reason: string; detail?: string };
}

const CASES: Case[] = [
  {
    says: 'eosio: irreversibility that falls behind',
    kind: 'eosio',
    change: ['/v1/chain/get_info', 'last_irreversible_block_num', '44045000'],
    expected: { irreversibleLag: { degraded: 400, down: 2_000 } },
    result: {
      vote: 'degraded',
      reason: 'irreversible-lag',
      detail: 'the head is 899 blocks ahead of the last irreversible one, expected fewer than 400',
    },
  },
  {
    says: 'eosio: a producer of another name (lower_bound gives the next)',
    kind: 'eosio',
    change: ['/v1/chain/get_producers', 'rows.0.owner', 'eosdublinwow'],
    expected: {},
    producer: 'eosdacserver',
    result: { vote: 'down', reason: 'chain-data', detail: 'there is no producer eosdacserver' },
  },
  {
    says: 'steem: too few witnesses take part',
    kind: 'steem',
    change: ['condenser_api.get_dynamic_global_properties', 'participation_count', 102],
    expected: { participation: { degraded: 90, down: 50 } },
    result: { vote: 'degraded', reason: 'participation', detail: '79 % of producers take part, expected at least 90' },
  },
  {
    says: 'steem: hardly any witness takes part',
    kind: 'steem',
    change: ['condenser_api.get_dynamic_global_properties', 'participation_count', '32'],
    expected: { participation: { degraded: 90, down: 50 } },
    result: { vote: 'down', reason: 'participation', detail: '25 % of producers take part, expected at least 50' },
  },
  {
    says: 'steem: a witness that does not exist',
    kind: 'steem',
    change: ['condenser_api.get_witness_by_account', '', null],
    expected: {},
    producer: 'nobody',
    result: { vote: 'down', reason: 'chain-data', detail: 'there is no witness nobody' },
  },
  {
    says: 'tezos: 1 of 2 peers',
    kind: 'tezos',
    change: ['/network/connections', '', [{}]],
    expected: { peers: { degraded: 2, down: 1 } },
    result: { vote: 'degraded', reason: 'peers', detail: '1 peer, expected at least 2' },
  },
  {
    says: 'tezos: no peer',
    kind: 'tezos',
    change: ['/network/connections', '', []],
    expected: { peers: { degraded: 2, down: 1 } },
    result: { vote: 'down', reason: 'peers', detail: '0 peers, expected at least 1' },
  },
  {
    says: 'tezos: not bootstrapped, and nothing else to judge it by',
    kind: 'tezos',
    change: ['/chains/main/is_bootstrapped', '', { bootstrapped: false, sync_state: 'unsynced' }],
    expected: {},
    result: { vote: 'down', reason: 'syncing', detail: 'bootstrapped is false, sync_state is unsynced' },
  },
  {
    says: 'tezos: stuck, with a fresh head',
    kind: 'tezos',
    change: ['/chains/main/is_bootstrapped', 'sync_state', 'stuck'],
    expected: AGE,
    result: { vote: 'degraded', reason: 'syncing', detail: 'bootstrapped is true, sync_state is stuck' },
  },
  {
    says: 'ethereum: says it is syncing although its head is fresh (go-ethereum #25845)',
    kind: 'ethereum',
    change: ['eth_syncing', '', { startingBlock: '0x384', currentBlock: '0x386', highestBlock: '0x454' }],
    expected: AGE,
    result: { vote: 'degraded', reason: 'syncing', detail: 'eth_syncing: block 902 of 1108' },
  },
  {
    says: 'ethereum: one peer',
    kind: 'ethereum',
    change: ['net_peerCount', '', '0x1'],
    expected: { peers: { degraded: 2 } },
    result: { vote: 'degraded', reason: 'peers' },
  },
  {
    says: 'ethereum: the chain id in hexadecimal is the same one',
    kind: 'ethereum',
    change: ['eth_chainId', '', '0x2105'],
    expected: { chainId: '0x2105' },
    result: { vote: 'up', reason: 'ok' },
  },
  {
    says: 'cometbft: catching up',
    kind: 'cometbft',
    change: ['/status', 'result.sync_info.catching_up', true],
    expected: {},
    result: { vote: 'down', reason: 'syncing', detail: 'catching_up is true' },
  },
  {
    says: 'cometbft: no peers, as text',
    kind: 'cometbft',
    change: ['/net_info', 'result.n_peers', '0'],
    expected: { peers: { down: 1 } },
    result: { vote: 'down', reason: 'peers' },
  },
  {
    says: 'cometbft: a validator that did not sign',
    kind: 'cometbft',
    change: ['/status', 'result.node_info.moniker', 'x'],
    expected: { missed: { degraded: 1 } },
    producer: 'FFFF01E443FD237E4B616E2FA69DF4EE3D49A94F',
    result: { vote: 'degraded', reason: 'missed', detail: 'the producer did not sign block 1262195, expected fewer than 1' },
  },
  {
    says: 'bitcoin: still downloading',
    kind: 'bitcoin',
    change: ['getblockchaininfo', 'initialblockdownload', true],
    expected: AGE,
    result: { vote: 'degraded', reason: 'syncing', detail: 'initialblockdownload is true' },
  },
  {
    says: 'bitcoin: behind the headers that it knows',
    kind: 'bitcoin',
    change: ['getblockchaininfo', 'headers', 880_003],
    expected: { blocksBehind: { down: 3 } },
    result: { vote: 'down', reason: 'behind', detail: '3 blocks behind the headers that it knows, expected fewer than 3' },
  },
  {
    says: 'bitcoin: before 23.0 there was no time, only the median',
    kind: 'bitcoin',
    change: ['getblockchaininfo', 'time', undefined],
    expected: { headAge: { degradedMs: MINUTE_MS, downMs: 180 * MINUTE_MS } },
    result: { vote: 'degraded', reason: 'head-age', detail: 'the newest block is 50 min old, expected less than 1 min' },
  },
  {
    says: 'bitcoin: two hours ahead is allowed',
    kind: 'bitcoin',
    change: ['getblockchaininfo', 'time', Math.floor(Date.now() / 1_000) + 7_000],
    expected: AGE,
    result: { vote: 'up', reason: 'ok' },
  },
  {
    says: 'solana: unhealthy, by so many slots',
    kind: 'solana',
    change: ['getHealth', '', rpcError(-32_005, 'Node is unhealthy', { numSlotsBehind: 42 })],
    expected: AGE,
    result: { vote: 'degraded', reason: 'syncing', detail: 'getHealth: 42 slots behind' },
  },
  {
    says: 'solana: unhealthy, and nobody knows how much',
    kind: 'solana',
    change: ['getHealth', '', rpcError(-32_005, 'Node is unhealthy', { numSlotsBehind: null })],
    expected: {},
    result: { vote: 'down', reason: 'syncing', detail: 'getHealth: unhealthy' },
  },
  {
    says: 'solana: a slot without a time',
    kind: 'solana',
    change: ['getBlockTime', '', null],
    expected: {},
    result: { vote: 'down', reason: 'chain-data', detail: 'getBlockTime is null, expected a time' },
  },
  {
    says: 'solana: another error',
    kind: 'solana',
    change: ['getHealth', '', rpcError(-32_603, 'Internal error')],
    expected: {},
    result: { vote: 'down', reason: 'rpc-error', detail: 'getHealth: error -32603, "Internal error"' },
  },
];

it.each(CASES)('$says', async ({ kind, change, expected, producer, result }) => {
  const answers: Answers = changed(SHAPES[kind](Date.now() - 500), ...change);
  expect(await seen(kind, answers, expected, producer)).toMatchObject(result);
});

it('asks for no more than the expectations need', async () => {
  const only = ({ eth_getBlockByNumber, eth_syncing }: Answers) => ({ eth_getBlockByNumber, eth_syncing });
  expect(await seen('ethereum', only(ethereum(Date.now())), AGE)).toMatchObject({ vote: 'up' });
});

it('takes as long as its slowest question, and its phases are those of the first', async () => {
  const { url } = await serveChain(solana(Date.now()));
  const { vote, timings } = await lookTimed(chainCheck('solana', url, { blocksBehind: { down: 1 } }, WATCHED.solana));
  const { connectMs = 0, firstByteMs = 0, totalMs } = timings;
  expect(vote).toBe('up');
  expect(connectMs + firstByteMs).toBeLessThanOrEqual(totalMs);
});

it('counts the time of its secrets once, however many questions need them', async () => {
  const { url } = await serveChain(solana(Date.now()));
  const check = chainCheck('solana', url, { blocksBehind: { down: 1 } });
  const probe = { ...(check.probe as ChainSpec), headers: { authorization: { ssm: '/token' } } };
  const resolveText = () => new Promise<string>((resolve) => setTimeout(resolve, 100, 'Bearer abcdefgh'));
  const { vote, timings } = await lookTimed({ ...check, probe }, { resolveText });
  expect(vote).toBe('up');
  expect(timings.totalMs).toBeGreaterThan(0);
});
