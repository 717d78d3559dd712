import { isLimited, needsChainId, type ReadChain } from './state.ts';

/** Ethereum and chains that speak its JSON-RPC (ethereum.org, "JSON-RPC API"). */
export const readEthereum: ReadChain = async (ask, { expect }, read) => {
  const [block, syncing, chainId, peers] = await ask.all(
    ask.call('eth_getBlockByNumber', ['latest', false]),
    ask.call('eth_syncing'),
    needsChainId(expect) ? ask.call('eth_chainId') : undefined,
    isLimited(expect.peers) ? ask.call('net_peerCount') : undefined,
  );
  return {
    height: read.count(read.field(block, 'number'), 'number'),
    headAt: read.instant(read.field(block, 'timestamp'), 'timestamp'),
    ...(syncing !== false && { syncing: `eth_syncing: ${progressOf(syncing, read)}` }),
    ...(needsChainId(expect) && { chainId: String(read.count(chainId, 'eth_chainId')) }),
    ...(isLimited(expect.peers) && { peers: read.count(peers, 'net_peerCount') }),
  };
};

/** Clients differ in all other fields. */
function progressOf(syncing: unknown, read: Parameters<ReadChain>[2]): string {
  const current = read.count(read.field(syncing, 'currentBlock'), 'eth_syncing.currentBlock');
  return `block ${current} of ${read.count(read.field(syncing, 'highestBlock'), 'eth_syncing.highestBlock')}`;
}
