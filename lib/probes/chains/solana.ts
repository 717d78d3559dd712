import { RpcError } from '../jsonrpc.ts';
import { needsChainId, type ReadChain } from './state.ts';

/** NODE_UNHEALTHY (Solana, "RPC methods", `getHealth`). */
const UNHEALTHY = -32_005;

/** Solana: its height is the slot. */
export const readSolana: ReadChain = async (ask, { producer, expect }, read) => {
  const [syncing, slot, genesis, production] = await ask.all(
    healthOf(ask, read),
    ask.call('getSlot'),
    needsChainId(expect) ? ask.call('getGenesisHash') : undefined,
    producer === undefined ? undefined : ask.call('getBlockProduction', [{ identity: producer }]),
  );
  const height = read.count(slot, 'getSlot');
  return {
    height,
    headAt: read.instant(await ask.call('getBlockTime', [height]), 'getBlockTime'),
    ...(syncing !== undefined && { syncing }),
    ...(needsChainId(expect) && { chainId: read.name(genesis, 'getGenesisHash') }),
    ...(producer !== undefined && { misses: missesOf(production, producer, read) }),
  };
};

/** An unhealthy node still answers all other questions. */
async function healthOf(ask: Parameters<ReadChain>[0], read: Parameters<ReadChain>[2]): Promise<string | undefined> {
  try {
    const health = await ask.call('getHealth');
    return health === 'ok' ? undefined : `getHealth: ${read.name(health, 'getHealth')}`;
  } catch (error) {
    if (!(error instanceof RpcError) || error.code !== UNHEALTHY) throw error;
    const behind = read.field(error.data, 'numSlotsBehind');
    return `getHealth: ${typeof behind === 'number' ? `${behind} slots behind` : 'unhealthy'}`;
  }
}

/** `[leader slots, blocks produced]` of this epoch; a validator without leader slots is not listed. */
function missesOf(production: unknown, identity: string, read: Parameters<ReadChain>[2]): number {
  const listed = read.field(read.field(read.field(production, 'value'), 'byIdentity'), identity);
  if (listed === undefined) return 0;
  const [slots, blocks] = Array.isArray(listed) ? listed : [];
  return Math.max(0, read.count(slots, 'leader slots') - read.count(blocks, 'blocks produced'));
}
