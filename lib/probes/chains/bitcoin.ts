import { isLimited, type ReadChain } from './state.ts';

/** Bitcoin Core (its RPC documentation, `getblockchaininfo`, `getnetworkinfo`); before 23.0 there is no `time`. */
export const readBitcoin: ReadChain = async (ask, { expect }, read) => {
  const [chain, network] = await ask.all(
    ask.call('getblockchaininfo'),
    isLimited(expect.peers) ? ask.call('getnetworkinfo') : undefined,
  );
  const of = (field: string) => read.field(chain, field);
  const height = read.count(of('blocks'), 'blocks');
  const isLoading = read.flag(of('initialblockdownload'), 'initialblockdownload');
  return {
    height,
    headAt: of('time') === undefined ? read.instant(of('mediantime'), 'mediantime') : read.instant(of('time'), 'time'),
    chainId: read.name(of('chain'), 'chain'),
    behindHeaders: Math.max(0, read.count(of('headers'), 'headers') - height),
    ...(isLoading && { syncing: 'initialblockdownload is true' }),
    ...(isLimited(expect.peers) && { peers: read.count(read.field(network, 'connections'), 'connections') }),
  };
};
