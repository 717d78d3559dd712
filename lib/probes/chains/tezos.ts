import { isLimited, type ReadChain } from './state.ts';

/** Tezos: the shell's and the protocol's REST calls (Octez, "Node RPC reference"). */
export const readTezos: ReadChain = async (ask, { producer, expect }, read) => {
  const [header, sync, connections, participation] = await ask.all(
    ask.get('/chains/main/blocks/head/header'),
    ask.get('/chains/main/is_bootstrapped'),
    isLimited(expect.peers) ? ask.get('/network/connections') : undefined,
    producer === undefined
      ? undefined
      : ask.get(`/chains/main/blocks/head/context/delegates/${encodeURIComponent(producer)}/participation`),
  );
  const bootstrapped = read.flag(read.field(sync, 'bootstrapped'), 'bootstrapped');
  const syncState = read.name(read.field(sync, 'sync_state'), 'sync_state');
  return {
    height: read.count(read.field(header, 'level'), 'level'),
    headAt: read.instant(read.field(header, 'timestamp'), 'timestamp'),
    chainId: read.name(read.field(header, 'chain_id'), 'chain_id'),
    ...(!(bootstrapped && syncState === 'synced') && { syncing: `bootstrapped is ${bootstrapped}, sync_state is ${syncState}` }),
    ...(isLimited(expect.peers) && {
      peers: read.count(Array.isArray(connections) ? connections.length : connections, 'connections'),
    }),
    ...(producer !== undefined && { misses: read.count(read.field(participation, 'missed_slots'), 'missed_slots') }),
  };
};
