import { ProbeFailure } from '../failure.ts';
import type { ReadChain } from './state.ts';

/** EOSIO and its heirs (Antelope). Nobody counts misses: a producer that should be producing and has not is told by `unpaid_blocks`. */
export const readEosio: ReadChain = async (ask, { producer }, read) => {
  const [info, produced] = await ask.all(
    ask.post('/v1/chain/get_info', {}),
    producer === undefined ? undefined : ask.post('/v1/chain/get_producers', { json: true, lower_bound: producer, limit: 1 }),
  );
  const of = (field: string) => read.field(info, field);
  return {
    height: read.count(of('head_block_num'), 'head_block_num'),
    headAt: read.instant(of('head_block_time'), 'head_block_time'),
    chainId: read.name(of('chain_id'), 'chain_id'),
    irreversible: read.count(of('last_irreversible_block_num'), 'last_irreversible_block_num'),
    ...(producer !== undefined && { produced: unpaidBlocks(produced, producer, read) }),
  };
};

function unpaidBlocks(answer: unknown, producer: string, read: Parameters<ReadChain>[2]): number {
  const rows = read.field(answer, 'rows');
  const [row] = Array.isArray(rows) ? rows : [];
  // `lower_bound` gives the next one where there is none of this name.
  if (read.field(row, 'owner') !== producer) throw new ProbeFailure('chain-data', `there is no producer ${producer}`);
  return read.count(read.field(row, 'unpaid_blocks'), 'unpaid_blocks');
}
