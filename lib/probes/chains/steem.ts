import { ProbeFailure } from '../failure.ts';
import { needsChainId, type ReadChain } from './state.ts';

/** `participation_count` counts the bits of `recent_slots_filled`, which has one for each of the last 128 slots (dsteem, "DynamicGlobalProperties"). */
const SLOTS = 128;

/** Steem and Hive: both speak `condenser_api`. */
export const readSteem: ReadChain = async (ask, { producer, expect }, read) => {
  const [properties, version, witness] = await ask.all(
    ask.call('condenser_api.get_dynamic_global_properties'),
    needsChainId(expect) ? ask.call('database_api.get_version', {}) : undefined,
    producer === undefined ? undefined : ask.call('condenser_api.get_witness_by_account', [producer]),
  );
  const of = (field: string) => read.field(properties, field);
  if (producer !== undefined && witness === null) throw new ProbeFailure('chain-data', `there is no witness ${producer}`);
  return {
    height: read.count(of('head_block_number'), 'head_block_number'),
    headAt: read.instant(of('time'), 'time'),
    irreversible: read.count(of('last_irreversible_block_num'), 'last_irreversible_block_num'),
    participation: (read.count(of('participation_count'), 'participation_count') / SLOTS) * 100,
    ...(needsChainId(expect) && { chainId: read.name(read.field(version, 'chain_id'), 'chain_id') }),
    ...(producer !== undefined && { misses: read.count(read.field(witness, 'total_missed'), 'total_missed') }),
  };
};
