import { z } from 'zod';
import { bodyExpect, certificate, common, connected, connectedTls, headers, http2, json, path, probed, time } from './checks.ts';
import { DEFAULTS } from './defaults.ts';
import {
  cron,
  duration,
  flag,
  host,
  id,
  jmesPath,
  line,
  oneOf,
  oneOrMany,
  port,
  positive,
  text,
  timezone,
  url,
} from './leaves.ts';
import { fewest, headAge, mapping, most, optional, otherwise, required } from './objects.ts';
import { refined, saying } from './rules.ts';

/** Kinds of checks beside `http` and `tcp`. */

const kind = <const T extends string>(type: T) => required(z.literal(type), 'Kind of check.');
const nodeHost = optional(host('eu1.example.org'), 'Where to connect.', otherwise("the node's `host`, or the host of its `url`"));
const nodeUrl = optional(url('https://eu1.example.org'), 'Where to ask.', otherwise("the node's `url`"));

export const tls = mapping('TlsCheck', 'Judges a certificate chain and the protocol.', {
  type: kind('tls'),
  host: nodeHost,
  port: optional(port(), 'Where to connect.', otherwise('`443`; with `starttls` 587 for smtp, 143 for imap, 5432 for postgres')),
  starttls: optional(oneOf(['smtp', 'imap', 'postgres']), 'Protocol in which TLS is asked for first.'),
  ...connectedTls,
  expect: optional(
    mapping('TlsExpect', 'What the server must offer.', {
      minVersion: optional(oneOf(['TLSv1.2', 'TLSv1.3']), 'Oldest protocol that may be negotiated.'),
      certificate,
      time,
    }),
    'What the server must offer.',
  ),
});

export const dns = mapping('DnsCheck', 'Asks a name server and judges the answer.', {
  type: kind('dns'),
  name: required(host('api.example.org'), 'The name that is asked for.'),
  record: optional(
    oneOf(['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'NS', 'SOA', 'CAA']),
    'The type that is asked for.',
    DEFAULTS.dns.record,
  ),
  server: optional(host('ns1.example.org'), 'The server that is asked.', otherwise("the resolver's")),
  port: optional(port(), 'Port of the server.', DEFAULTS.dns.port),
  ...probed,
  allowPrivate: connected.allowPrivate,
  expect: optional(
    mapping('DnsExpect', 'What the answer must hold.', {
      values: optional(z.array(line('write a value')), 'Exactly these values, in any order, as `dig +short` writes them.'),
      authoritative: optional(flag(), 'The answer is authoritative (`false`: is not).'),
      time,
    }),
    'What the answer must hold.',
  ),
});

export const websocket = mapping('WebsocketCheck', 'Shakes hands, may send something, and judges messages.', {
  type: kind('websocket'),
  url: optional(
    url('wss://eu1.example.org/feed', ['http:', 'https:', 'ws:', 'wss:']),
    'Where to connect.',
    otherwise("the node's `url`"),
  ),
  path: path('Path below the URL.'),
  headers,
  send: optional(
    oneOrMany(text('write what to send'), 'is neither text nor a list of texts', 'write what to send'),
    'Sent once connected.',
  ),
  ...connectedTls,
  expect: optional(
    mapping('WebsocketExpect', 'What one of the messages must say.', {
      message: optional(bodyExpect, 'What one of the messages must say.'),
      json,
      grows: optional(jmesPath(), 'JMESPath of a number that must grow from one message to a later one.'),
      time,
      certificate,
    }),
    'What a message must say.',
  ),
});

export const jsonrpc = mapping('JsonrpcCheck', 'Calls a JSON-RPC method by POST.', {
  type: kind('jsonrpc'),
  url: nodeUrl,
  path: path('Path below the URL.'),
  headers,
  method: required(line('write a method like eth_chainId'), 'The method that is called.'),
  params: optional(
    z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())], {
      error: saying('{} is no list of parameters', 'write a list or a mapping'),
    }),
    'Its parameters.',
    otherwise('none'),
  ),
  http2,
  ...connectedTls,
  expect: optional(
    mapping('JsonrpcExpect', 'What the result must be.', {
      json: json.meta({ description: 'Expectations of `result`; the path `@` is the whole of it.' }),
      time,
      certificate,
    }),
    'What the result must be.',
  ),
});

const age = optional(headAge, 'Limits of the age of the newest block.');
const blocks = most('BlockLimits', 'Limits of a number of blocks.');
const behind = optional(blocks, 'Blocks behind the best head of the other nodes and `references`.');
const chainId = optional(line('write the id of the chain'), 'The chain that the node must be on.');
const peers = optional(fewest('PeerLimits', 'Limits of a number of peers.'), 'Fewest peers.');
const missed = optional(
  most('MissLimits', 'Limits of blocks missed since the round before.'),
  'Blocks that the producer missed since the round before.',
);
const irreversibleLag = optional(blocks, 'Blocks between the head and the last irreversible one.');
const participation = optional(
  fewest('ParticipationLimits', 'Limits of a participation in percent.'),
  'Lowest participation of producers, in percent.',
);
const lineOf = (what: string, description: string) => optional(line(`write ${what}`), description);

function chain<const T extends string, const Own extends z.ZodRawShape, const Expect extends z.ZodRawShape>(
  type: T,
  what: string,
  own: Own,
  expect: Expect,
) {
  const title = `${type.charAt(0).toUpperCase()}${type.slice(1)}`;
  return mapping(`${title}Check`, what, {
    type: kind(type),
    url: nodeUrl,
    path: path('Path below the URL.'),
    headers,
    http2,
    ...connectedTls,
    ...own,
    expect: optional(
      mapping(`${title}Expect`, 'What the node must say of its chain.', {
        headAge: age,
        blocksBehind: behind,
        ...expect,
        time,
        certificate,
      }),
      'What the node must say of its chain.',
    ),
  });
}

export const chains = [
  chain(
    'eosio',
    'A node of an EOSIO chain.',
    { producer: lineOf('an account', 'The producer that is watched.') },
    { chainId, irreversibleLag, missed },
  ),
  chain(
    'steem',
    'A node of Steem or Hive.',
    { witness: lineOf('an account', 'The witness that is watched.') },
    { chainId, irreversibleLag, participation, missed },
  ),
  chain('tezos', 'A node of Tezos.', { baker: lineOf('an address', 'The baker that is watched.') }, { chainId, peers, missed }),
  chain('ethereum', 'A node of an Ethereum chain.', {}, { chainId, peers }),
  chain(
    'cometbft',
    'A node of a CometBFT chain.',
    { validator: lineOf('an address', 'The validator that is watched.') },
    { chainId, peers, missed },
  ),
  chain('bitcoin', 'A node of Bitcoin.', {}, { chainId, peers }),
  chain(
    'solana',
    'A node of Solana.',
    { validator: lineOf('an address', 'The validator that is watched.') },
    { chainId, missed },
  ),
] as const;

export { CHAIN_KINDS as CHAINS } from '../core/cell.ts';

export const heartbeat = refined(
  mapping('HeartbeatCheck', 'Received, not sent: down when the node has been silent for too long.', {
    type: kind('heartbeat'),
    every: optional(positive('24h'), 'How often it must be heard.'),
    cron: optional(cron(), 'When it must be heard, instead of `every`.'),
    timezone: optional(timezone(), 'Time zone of `cron`.', DEFAULTS.paging.timezone),
    grace: optional(duration('30m'), 'How much later it may come.', DEFAULTS.heartbeat.grace),
    ...common,
  }),
  'heartbeat-when',
  (value) => (value.every === undefined) !== (value.cron === undefined),
  'a heartbeat has either every or cron',
  'write one of them, like every: 24h',
);

const of = required(
  refined(
    z.array(id(), { error: saying('{} is not a list', 'write a list of checks, like [api, p2p]') }),
    'group-size',
    (list) => list.length >= 2,
    'a group of fewer than two checks',
    'write at least two ids of checks',
  ),
  'Ids of other checks of the same node, groups among them.',
);

export const any = mapping(
  'AnyCheck',
  'Up while any of the named checks is up. These are voted on and shown too, but the group speaks for them: they count for the node only where a record requires them by name.',
  { type: kind('any'), of, ...common },
);
export const all = mapping('AllCheck', 'Up while all of the named checks are up; otherwise like `any`.', {
  type: kind('all'),
  of,
  ...common,
});
