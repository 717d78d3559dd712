/**
 * What nodes of each chain answer: the fields of the projects' documentation, written down on 2026-11-21, with times that tests choose.
 * By what is asked: a path, or the method of a JSON-RPC call.
 */
export type Answers = Record<string, unknown>;

const iso = (at: number): string => new Date(at).toISOString();
/** `2019-02-22T03:01:04.500` */
const isoWithoutZone = (at: number): string => iso(at).slice(0, -1);
const seconds = (at: number): number => Math.floor(at / 1_000);
const hex = (number: number): string => `0x${number.toString(16)}`;

export const EOS_MAINNET = 'aca376f206b8fc25a6ed44dbdc66547c36c6c33e3a119ffbeaef943642f0e906';

/**
 * get_info: eosjs, "Return value of /v1/chain/get_info", https://eosio.github.io/eosjs2/interfaces/json_rpc.getinforesult.html; values
 * of https://blog.csdn.net/killer_bo/article/details/87877098. get_producers: "Chain API", https://docs.eosnetwork.com/apis/spring/latest/chain.api
 */
export const eosio = (headAt: number): Answers => ({
  '/v1/chain/get_info': {
    server_version: '1a14e9cd',
    chain_id: EOS_MAINNET,
    head_block_num: 44_045_899,
    last_irreversible_block_num: 44_045_565,
    last_irreversible_block_id: '02a014fdbee3025104fe4356720f84ee9e7df56d923bc47726df2b7c6a3f8c94',
    head_block_id: '02a0164ba2f077ecd51c44bc1fde87eb48a945a0563e24dc2e2999b61c529bd2',
    head_block_time: isoWithoutZone(headAt),
    head_block_producer: 'eoshuobipool',
    virtual_block_cpu_limit: 200_000_000,
    server_version_string: 'v1.6.1',
  },
  '/v1/chain/get_producers': {
    rows: [
      {
        owner: 'eosdacserver',
        total_votes: '1.0e17',
        is_active: 1,
        unpaid_blocks: 4_812,
        last_claim_time: '2019-02-21T03:01:04',
      },
    ],
    total_producer_vote_weight: '1.0e18',
    more: 'eosdublinwow',
  },
});

export const STEEM_ID = '0000000000000000000000000000000000000000000000000000000000000000';

/**
 * dsteem, "Interface DynamicGlobalProperties", https://jnordberg.github.io/dsteem/interfaces/dynamicglobalproperties.html; Hive developer
 * portal, "API definitions", https://developers.hive.io/apidefinitions (condenser_api.get_witness_by_account, database_api.get_version)
 */
export const steem = (headAt: number): Answers => ({
  'condenser_api.get_dynamic_global_properties': {
    id: 0,
    head_block_number: 24_600_000,
    head_block_id: '01775dc0d1ab5fb0f4c5d9bd1c8d9d5a5f4f9d5e',
    time: isoWithoutZone(headAt).slice(0, 19),
    current_witness: 'someguy123',
    current_aslot: 24_670_301,
    recent_slots_filled: '340282366920938463463374607431768211455',
    participation_count: 128,
    last_irreversible_block_num: 24_599_984,
  },
  'condenser_api.get_witness_by_account': {
    id: 1,
    owner: 'someguy123',
    total_missed: 731,
    last_confirmed_block_num: 24_599_990,
    signing_key: 'STM6vJmrwaX5TjgTS9dPH8KsArso5m91fVodJvv91j7G765wqcNM9',
    running_version: '0.19.4',
  },
  'database_api.get_version': {
    blockchain_version: '0.19.4',
    steem_revision: 'f21dd5',
    fc_revision: 'f21dd5',
    chain_id: STEEM_ID,
  },
});

/**
 * Octez, "Node RPC reference" (block header, is_bootstrapped, network connections) as shown by
 * https://docs.tatum.io/docs/rpc/tezos-rpc-documentation/isbootstrapped and https://docs.tatum.io/reference/rpc-tezos-getblockheader;
 * participation: the fields of `participation_info` in its protocol (delegate_missed_attestations_storage)
 */
export const tezos = (headAt: number): Answers => ({
  '/chains/main/blocks/head/header': {
    protocol: 'PtNairobiyssHuh87hEhfVBGCVrK3WnS8Z2FT4ymB5tAa4r1nQf',
    chain_id: 'NetXdQzcVkpaWUR',
    hash: 'BLsi5dkLCMdvnf4jMNp9VpBbTA2yJFjnLsVrJGiGwWPBxAcUJRo',
    level: 4_321_987,
    proto: 17,
    predecessor: 'BMNbhkPXbkFoDNJHjfSWMTBVqdEUvnH1vhFNVCmh9dkPwkjqYYc',
    timestamp: `${iso(headAt).slice(0, 19)}Z`,
  },
  '/chains/main/is_bootstrapped': { bootstrapped: true, sync_state: 'synced' },
  '/network/connections': [
    { incoming: false, peer_id: 'idqmX9kAmUaaKwhStsV4cNRsRoFUuE', private: false },
    { incoming: true, peer_id: 'idrpUzezw7VJ4NU6phQYuxh88RiU1t', private: false },
  ],
  '/chains/main/blocks/head/context/delegates/tz1Ken/participation': {
    expected_cycle_activity: 7_000,
    minimal_cycle_activity: 4_666,
    missed_slots: 12,
    missed_levels: 2,
    remaining_allowed_missed_slots: 2_322,
    expected_endorsing_rewards: '19904000',
  },
});

/** ethereum.org, "JSON-RPC API", https://ethereum.org/developers/docs/apis/json-rpc */
export const ethereum = (headAt: number): Answers => ({
  eth_getBlockByNumber: {
    number: '0x1b4',
    hash: '0xdc0818cf78f21a8e70579cb46a43643f78291264dda342ae31049421c82d21ae',
    parentHash: '0xe99e022112df268087ea7eafaf4790497fd21dbeeb6bd7a1721df161a6657a54',
    timestamp: hex(seconds(headAt)),
    transactions: [],
  },
  eth_syncing: false,
  eth_chainId: '0x1',
  net_peerCount: '0x2',
});

/** CometBFT, "RPC": status, net_info, commit, https://docs.cosmos.network/cometbft/latest/api-reference/rpc/info/status */
export const cometbft = (headAt: number): Answers => ({
  '/status': {
    jsonrpc: '2.0',
    id: -1,
    result: {
      node_info: {
        id: '5576458aef205977e18fd50b274e9b5d9014525a',
        network: 'cosmoshub-4',
        version: '0.38.2',
        moniker: 'moniker-node',
      },
      sync_info: {
        latest_block_hash: '790BA84C3545FCCC49A5C629CEE6EA58A6E875C3862175BDC11EE7AF54703501',
        latest_block_height: '1262196',
        latest_block_time: `${isoWithoutZone(headAt)}762194Z`,
        earliest_block_height: '1',
        catching_up: false,
      },
      validator_info: { address: '5D6A51A8E9899C44079C6AF90618BA0369070E6E', voting_power: '0' },
    },
  },
  '/net_info': { jsonrpc: '2.0', id: -1, result: { listening: true, listeners: ['Listener(@)'], n_peers: '2', peers: [] } },
  '/commit?height=1262195': {
    jsonrpc: '2.0',
    id: -1,
    result: {
      signed_header: {
        header: { chain_id: 'cosmoshub-4', height: '1262195' },
        commit: {
          height: '1262195',
          signatures: [
            {
              block_id_flag: 2,
              validator_address: '000001E443FD237E4B616E2FA69DF4EE3D49A94F',
              timestamp: '2019-04-22T17:01:58Z',
            },
            { block_id_flag: 1, validator_address: '', timestamp: '0001-01-01T00:00:00Z', signature: null },
          ],
        },
      },
      canonical: true,
    },
  },
});

/** Bitcoin Core, "getblockchaininfo (29.0.0 RPC)", https://bitcoincore.org/en/doc/29.0.0/rpc/blockchain/getblockchaininfo, and getnetworkinfo */
export const bitcoin = (headAt: number): Answers => ({
  getblockchaininfo: {
    chain: 'main',
    blocks: 880_000,
    headers: 880_000,
    bestblockhash: '000000000000000000010b17283c3c400507969a9c2afd1dcf2082ec5cca2880',
    time: seconds(headAt),
    mediantime: seconds(headAt) - 3_000,
    verificationprogress: 0.99999,
    initialblockdownload: false,
    pruned: false,
  },
  getnetworkinfo: { version: 290_000, subversion: '/Satoshi:29.0.0/', connections: 10, connections_in: 2, connections_out: 8 },
});

export const SOLANA_MAINNET = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d';

/** Solana, "RPC methods": getHealth, https://solana.com/docs/rpc/http/gethealth, and getSlot, getBlockTime, getGenesisHash, getBlockProduction beside it */
export const solana = (headAt: number): Answers => ({
  getHealth: 'ok',
  getSlot: 368_301_112,
  getBlockTime: seconds(headAt),
  getGenesisHash: SOLANA_MAINNET,
  getBlockProduction: {
    context: { slot: 368_301_112, apiVersion: '3.1.8' },
    value: {
      byIdentity: { '85iYT5RuzRTDgjyRa3cP8SYhM2j21fj7NhfJ3peu1DPr': [9_888, 9_886] },
      range: { firstSlot: 0, lastSlot: 9_887 },
    },
  },
});
