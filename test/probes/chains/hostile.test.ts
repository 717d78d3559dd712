import { describe, expect, it } from 'vitest';
import type { ChainSpec } from '../../../lib/core/cell.ts';
import { leavingNothing } from '../servers.ts';
import { changed, raw, seen } from './nodes.ts';
import { type Answers, bitcoin, cometbft, eosio, ethereum, solana, steem, tezos } from './shapes.ts';

const HEADS: Record<
  ChainSpec['kind'],
  { shape: (headAt: number) => Answers; asked: string; height: string; time: string; of?: string }
> = {
  eosio: { shape: eosio, asked: '/v1/chain/get_info', height: 'head_block_num', time: 'head_block_time' },
  steem: { shape: steem, asked: 'condenser_api.get_dynamic_global_properties', height: 'head_block_number', time: 'time' },
  tezos: { shape: tezos, asked: '/chains/main/blocks/head/header', height: 'level', time: 'timestamp' },
  ethereum: { shape: ethereum, asked: 'eth_getBlockByNumber', height: 'number', time: 'timestamp' },
  cometbft: {
    shape: cometbft,
    asked: '/status',
    height: 'latest_block_height',
    time: 'latest_block_time',
    of: 'result.sync_info.',
  },
  bitcoin: { shape: bitcoin, asked: 'getblockchaininfo', height: 'blocks', time: 'time' },
  solana: { shape: solana, asked: 'getSlot', height: '', time: '' },
};
const KINDS = Object.keys(HEADS) as ChainSpec['kind'][];

/** Twenty levels and half a megabyte: JSON, within the size of a body. */
const LONG = 'x'.repeat(500_000);
const NOT_A_HEIGHT: [what: string, value: unknown][] = [
  ['missing', undefined],
  ['null', null],
  ['negative', -1],
  ['a fraction', 1.5],
  ['beyond what is exact', 2 ** 53],
  ['negative text', '-5'],
  ['text with blanks', ' 5'],
  ['exponents as text', '1e3'],
  ['words', 'NaN'],
  ['hexadecimal without an end', '0x'],
  ['a hexadecimal number of 1 KB', `0x${'f'.repeat(1_000)}`],
  ['digits without end', '9'.repeat(500_000)],
  ['a long text', LONG],
  ['an object', { toString: 'x' }],
  ['a list', [1]],
  ['true', true],
];
const NOT_A_TIME: [what: string, value: unknown][] = [
  ['missing', undefined],
  ['no day', '2026-13-45T00:00:00'],
  ['before 1970', '1601-01-01T00:00:00'],
  ['a day alone', '2026-01-01'],
  ['the year 275761', '+275761-01-01T00:00:00Z'],
  ['seconds beyond any date', 9_007_199_254_740_991],
  ['negative seconds', -62_135_596_800],
  ['a long text', LONG],
  ['an object', {}],
];

describe.each(KINDS)('%s', (kind) => {
  const { shape, asked, height, time, of = '' } = HEADS[kind];
  const answering = (field: string, value: unknown) =>
    seen(kind, changed(shape(Date.now()), asked, of + field, value), { headAge: { downMs: 60_000 } });

  it.each(NOT_A_HEIGHT)('says which height makes no sense: %s', async (_, value) => {
    const { vote, reason, detail = '', facts } = await leavingNothing(() => answering(height, value));
    // Without a result there is no field to name.
    if (kind === 'solana' && value === undefined) return expect({ vote, reason }).toEqual({ vote: 'down', reason: 'rpc-error' });
    expect({ vote, reason, facts }).toEqual({ vote: 'down', reason: 'chain-data', facts: undefined });
    expect(detail).toMatch(/ is .+, expected a whole number$/);
    expect(detail).toContain(height);
    expect(detail.length).toBeLessThanOrEqual(200);
  });

  // Solana tells the time apart from the slot, and Bitcoin has another time to fall back on.
  const times = kind === 'solana' ? [] : NOT_A_TIME.filter(([what]) => kind !== 'bitcoin' || what !== 'missing');
  it.each(times)('says which time makes no sense: %s', async (_, value) => {
    const { vote, reason, detail = '' } = await answering(time, value);
    expect({ vote, reason }).toEqual({ vote: 'down', reason: 'chain-data' });
    expect(detail).toMatch(/ is .+, expected a (time|whole number)$/);
  });

  const answers = (text: string) => leavingNothing(() => seen(kind, { ...shape(Date.now()), [asked]: raw(text) }));

  it.each([
    ['no JSON', '<html>502</html>', 'json-invalid'],
    ['NaN, which JSON has not', '{"head_block_num":NaN}', 'json-invalid'],
    ['nothing', '', 'json-invalid'],
    ['nested 10,000 deep', '['.repeat(10_000) + ']'.repeat(10_000), 'json-too-deep'],
    ['more than a body may have', `"${'x'.repeat(1_100_000)}"`, 'body-too-large'],
  ])('is down on %s', async (_, text, reason) => {
    expect(await answers(text)).toMatchObject({ vote: 'down', reason });
  });

  it.each([
    ['null', 'null'],
    ['a list', '[]'],
    ['a text', '"ok"'],
    ['an empty object', '{}'],
    ['names of what objects inherit', '{"__proto__":{"head_block_num":1},"result":{"__proto__":{}}}'],
    [
      'infinite numbers',
      '{"jsonrpc":"2.0","id":1,"result":{"head_block_num":1e400,"number":1e400},"head_block_num":1e400,"level":1e400}',
    ],
  ])('is down on an answer that is %s', async (_, text) => {
    expect(await answers(text)).toMatchObject({ vote: 'down', reason: expect.stringMatching(/^(chain-data|protocol-error)$/) });
  });
});

it('shows no secret and no control character of what a node says', async () => {
  const nasty = changed(eosio(Date.now()), '/v1/chain/get_info', 'head_block_num', 'a\r\n\u001b[31m\u202ekcab');
  expect(await seen('eosio', nasty)).toMatchObject({
    reason: 'chain-data',
    detail: 'head_block_num is "a\\r\\n\\u001b[31m\\u202ekcab", expected a whole number',
  });
});

it('refuses a chain id that is no id: it would be part of names', async () => {
  for (const id of ['', ' ', 'a b', 'x'.repeat(129), 'é', 7, null]) {
    const result = await seen('eosio', changed(eosio(Date.now()), '/v1/chain/get_info', 'chain_id', id));
    expect(result).toMatchObject({ vote: 'down', reason: 'chain-data', detail: expect.stringContaining('expected an id') });
  }
});
