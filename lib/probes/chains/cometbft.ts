import { isLimited, type ReadChain } from './state.ts';

/** CometBFT and Tendermint (CometBFT, "RPC spec"); numbers come as text. */
export const readCometbft: ReadChain = async (ask, { producer, expect }, read) => {
  const [status, network] = await ask.all(ask.get('/status'), isLimited(expect.peers) ? ask.get('/net_info') : undefined);
  const result = read.field(status, 'result');
  const sync = read.field(result, 'sync_info');
  const height = read.count(read.field(sync, 'latest_block_height'), 'latest_block_height');
  const isCatchingUp = read.flag(read.field(sync, 'catching_up'), 'catching_up');
  return {
    height,
    headAt: read.instant(read.field(sync, 'latest_block_time'), 'latest_block_time'),
    chainId: read.name(read.field(read.field(result, 'node_info'), 'network'), 'node_info.network'),
    ...(isCatchingUp && { syncing: 'catching_up is true' }),
    ...(isLimited(expect.peers) && { peers: read.count(read.field(read.field(network, 'result'), 'n_peers'), 'n_peers') }),
    // The newest commit still collects signatures; the one below it is final.
    ...(producer !== undefined &&
      height > 1 && { missedNow: missing(await ask.get(`/commit?height=${height - 1}`), producer, read) }),
  };
};

/** 1 if the validator's signature is not in this commit: absent ones have an empty address. */
function missing(commit: unknown, validator: string, read: Parameters<ReadChain>[2]): number {
  const header = read.field(read.field(commit, 'result'), 'signed_header');
  const signatures = read.field(read.field(header, 'commit'), 'signatures');
  const signed = (Array.isArray(signatures) ? signatures : []).map((each) => String(read.field(each, 'validator_address')));
  read.count(signed.length || undefined, 'signatures');
  return signed.some((address) => address.toUpperCase() === validator.toUpperCase()) ? 0 : 1;
}
