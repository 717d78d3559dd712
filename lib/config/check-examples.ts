import type { CheckConfig } from './schema.ts';

/** An example of each kind, as it stands under `checks:`. `test/docs/checks.test.ts` validates each and looks at a server with it. */
export const CHECK_EXAMPLES: Readonly<Record<CheckConfig['type'], string>> = {
  http: `api:
  type: http
  path: /v1/chain/get_info
  expect:
    status: 2xx
    body: { contains: head_block_num, notContains: NODEOS_UNREACHABLE }
    json:
      - { path: chain_id, matches: "^aca376f2" }
      - { path: head_block_num, greaterThan: 1000000 }
    time: { degraded: 800ms, down: 3s }
    certificate: { degraded: 14d, down: 2d }
`,
  tcp: `ssh: { type: tcp, port: 22, expect: { banner: "^SSH-2.0" } }
`,
  tls: `certificate:
  type: tls
  expect: { minVersion: TLSv1.2, certificate: { degraded: 14d, down: 2d } }
`,
  dns: `name:
  type: dns
  name: api.example.org
  record: A
  server: ns1.example.org
  expect: { values: [203.0.113.10, 198.51.100.7], authoritative: true }
`,
  websocket: `feed:
  type: websocket
  path: /feed
  send: '{"subscribe": "newHeads"}'
  expect: { grows: params.result.number }
`,
  jsonrpc: `rpc:
  type: jsonrpc
  method: eth_chainId
  expect: { json: [{ path: "@", equals: "0x1" }] }
`,
  eosio: `chain:
  type: eosio
  producer: eosdacserver
  expect:
    chainId: aca376f206b8fc25a6ed44dbdc66547c36c6c33e3a119ffbeaef943642f0e906
    headAge: { degraded: 10s, down: 60s }
    blocksBehind: { degraded: 30, down: 120 }
    irreversibleLag: { degraded: 500 }
    missed: { degraded: 12 }
`,
  steem: `witness:
  type: steem
  witness: someguy123
  expect:
    headAge: { degraded: 15s, down: 60s }
    blocksBehind: { down: 20 }
    participation: { degraded: 90, down: 50 }
    missed: { degraded: 1 }
`,
  tezos: `baker:
  type: tezos
  baker: tz1Ken
  expect:
    headAge: { degraded: 60s, down: 5m }
    peers: { degraded: 2, down: 1 }
    missed: { degraded: 1 }
`,
  ethereum: `chain:
  type: ethereum
  expect: { chainId: "1", headAge: { degraded: 30s, down: 2m }, blocksBehind: { down: 5 }, peers: { degraded: 2, down: 1 } }
`,
  cometbft: `chain:
  type: cometbft
  validator: 000001E443FD237E4B616E2FA69DF4EE3D49A94F
  expect: { chainId: cosmoshub-4, headAge: { degraded: 20s, down: 60s }, peers: { down: 1 }, missed: { degraded: 1 } }
`,
  bitcoin: `chain:
  type: bitcoin
  headers: { authorization: { env: BITCOIN_RPC } }
  expect: { headAge: { degraded: 1h, down: 3h }, blocksBehind: { degraded: 2, down: 6 }, peers: { degraded: 8, down: 1 } }
`,
  solana: `chain:
  type: solana
  expect: { headAge: { degraded: 15s, down: 60s }, blocksBehind: { degraded: 50, down: 150 } }
`,
  heartbeat: `backup: { type: heartbeat, cron: "0 3 * * *", timezone: Europe/Berlin, grace: 30m }
`,
  any: `old: { type: http, path: /v1/health }
new: { type: http, path: /v2/health }
either: { type: any, of: [old, new] }
`,
  all: `web: { type: http, path: / }
p2p: { type: tcp, port: 9876 }
service: { type: all, of: [web, p2p] }
`,
};
