/**
 * A cell: one configuration, resolved. Plain JSON, so that it can be bundled beside a handler, hashed and stored.
 * Everything here is explicit: no defaults are left to fill in, durations are milliseconds, templates are expanded.
 */
import type { HookSpec, PagingSpec, SilenceSpec } from './telling.ts';

/** A value that is fetched when it is needed, never stored: the name of a secret, not the secret. */
export type SecretRef = { ssm: string } | { secretsManager: string };
/** Text of the configuration, or a reference to a secret. */
export type Text = string | SecretRef;

export interface Cell {
  name: string;
  title: string;
  /** In configured order: the position gives a vantage its stagger. */
  vantages: string[];
  /** Regions that run an arbiter: one for each replica of the table. */
  arbiters: string[];
  /** Cadence of a round; each check's own interval is a multiple of it. */
  intervalMs: number;
  /** How often every arbiter looks although nobody woke it. */
  tickMs: number;
  quorum: number;
  nodes: NodeSpec[];
  /** All checks that work, ordered by key. */
  checks: Check[];
  records: RecordSpec[];
  paging: PagingSpec;
  hooks: HookSpec[];
  silences: SilenceSpec[];
  /** When a fire drill goes down the whole path. */
  drills?: { cron: string; timezone: string };
  /** URL of a third party that is told at every tick that all is well. */
  ping?: Text;
  /** Other nodes of its chains, looked at in every round and never voted on: heads are compared with theirs. */
  references?: Check[];
  /** Well-known places, looked at in every run and never voted on: a vantage that cannot reach them abstains. */
  canaries?: Check[];
  /** One hash over every check's hash and the vantages: equal when two configurations ask the same of everybody. */
  probeHash: string;
  /** One hash over everything that arbiters decide by. */
  configHash: string;
  /** The status page's own name. */
  domain?: string;
  /** Anybody may read the status page; otherwise who has a token. */
  publicPage?: true;
  /** What the configuration took from the environment for headers and bodies: no detail shows it. */
  hidden?: string[];
}

export interface NodeSpec {
  id: string;
  /** Keys of the checks that its verdict is taken from, ordered. */
  checks: string[];
  /** Keys of checks for which a group speaks: voted on and shown, without a say of their own. */
  parts?: string[];
  dependsOn: string[];
  /** The list of tiers that its incidents are paged by. Absent: by what is still served. */
  policy?: 'tiers' | 'quiet';
}

/** How bad a failing check is: `critical` wakes people, `warning` tells them quietly, `info` shows on the page alone. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Check {
  /** `<node>/<id>`: unique in the cell. */
  key: string;
  node: string;
  id: string;
  /** Hash of target, expectations, vantages and quorum: votes under another hash answer another question. */
  hash: string;
  intervalMs: number;
  timeoutMs: number;
  attempts: number;
  downForMs: number;
  /** Consecutive healthy quorums before `down` is over. */
  recover: number;
  vantages: string[];
  quorum: number;
  severity: Severity;
  probe: ProbeSpec;
}

export type ProbeSpec =
  | HttpSpec
  | TcpSpec
  | TlsSpec
  | DnsSpec
  | WebsocketSpec
  | JsonrpcSpec
  | ChainSpec
  | HeartbeatSpec
  | GroupSpec;

/** What every probe over a socket has in common. */
export interface SocketSpec {
  /** May private, loopback and link-local addresses be reached by DNS answer or redirect? */
  allowPrivate: boolean;
  /** Absent: whichever answers first. */
  ipVersion?: 4 | 6;
  /** Connected to instead of what the host's name leads to; SNI and Host keep the name. */
  address?: string;
  tls?: TlsOptions;
  /** Connected to instead, and asked for a tunnel to the host. */
  proxy?: ProxySpec;
}

/** An HTTP proxy that makes tunnels (CONNECT). */
export interface ProxySpec {
  host: string;
  port: number;
  /** Sent as `Proxy-Authorization`. */
  authorization?: Text;
}

/** How TLS is spoken; texts are PEM. */
export interface TlsOptions {
  /** Authorities that are trusted instead of the well-known ones. */
  ca?: Text;
  cert?: Text;
  key?: Text;
  /** Sent as SNI and demanded of the certificate. Absent: the host. */
  servername?: string;
}

/** What every probe over HTTP has in common. */
export interface WebSpec extends SocketSpec {
  url: string;
  headers: Record<string, Text>;
  /** How many redirects are followed; 0 = none, the redirect itself is judged. */
  redirects: number;
  /** HTTP/2 is spoken, and nothing else will do. Absent: HTTP/1.1. */
  http2?: boolean;
}

export interface HttpSpec extends WebSpec {
  kind: 'http';
  method: string;
  body?: Text;
  expect: HttpExpect;
}

export interface HttpExpect {
  /** Inclusive ranges, e.g. [[200, 299]]. */
  status: [number, number][];
  body: BodyExpect;
  json: JsonExpect[];
  time: Threshold;
  /** Time left until the certificate expires. */
  certificate: Threshold;
}

/** What a text must say. */
export interface BodyExpect {
  contains: string[];
  notContains: string[];
  matches?: string;
}

/** Limits in ms: for `time` an answer slower than this, for `certificate` less time left than this. */
export interface Threshold {
  degradedMs?: number;
  downMs?: number;
}

/** One JMESPath expression with what it must give. */
export interface JsonExpect {
  path: string;
  equals?: unknown;
  not?: unknown;
  lessThan?: number;
  greaterThan?: number;
  /** RE2 syntax: matching time is linear. */
  matches?: string;
  exists?: boolean;
}

export interface TcpSpec extends SocketSpec {
  kind: 'tcp';
  host: string;
  port: number;
  /** Sent once connected. */
  send?: string;
  expect: { banner?: string; time: Threshold };
}

export interface TlsSpec extends SocketSpec {
  kind: 'tls';
  host: string;
  port: number;
  /** The protocol in which TLS is asked for first. */
  starttls?: Starttls;
  expect: { minVersion?: TlsVersion; certificate: Threshold; time: Threshold };
}

export type Starttls = 'smtp' | 'imap' | 'postgres';
export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

export interface DnsSpec extends SocketSpec {
  kind: 'dns';
  /** What is asked for. */
  name: string;
  record: DnsRecordType;
  /** Absent: the system's resolvers. */
  server?: string;
  port: number;
  expect: { values?: string[]; authoritative?: boolean; time: Threshold };
}

export type DnsRecordType = 'A' | 'AAAA' | 'CNAME' | 'MX' | 'TXT' | 'NS' | 'SOA' | 'CAA';

export interface WebsocketSpec extends SocketSpec {
  kind: 'websocket';
  /** `ws:` or `wss:`. */
  url: string;
  headers: Record<string, Text>;
  /** Messages, sent in this order once the handshake is done. */
  send: string[];
  expect: {
    message: BodyExpect;
    json: JsonExpect[];
    /** JMESPath of a number that must grow between two messages. */
    grows?: string;
    time: Threshold;
    certificate: Threshold;
  };
}

export interface JsonrpcSpec extends WebSpec {
  kind: 'jsonrpc';
  method: string;
  params?: unknown;
  /** `json` judges the call's `result`. */
  expect: Pick<HttpExpect, 'json' | 'time' | 'certificate'>;
}

/** What a check lacks that opens no connection, and so has no answer to judge. */
type Unconnected = Partial<Record<keyof SocketSpec | 'expect', undefined>>;

/** A check that is made of others, which are its parts: up while `any`, or `all`, of them are. */
export interface GroupSpec extends Unconnected {
  kind: 'any' | 'all';
  /** Keys of the parts: checks of the same node, groups among them. */
  of: string[];
}

/** Heard, not asked. */
export interface HeartbeatSpec extends Unconnected {
  kind: 'heartbeat';
  /** How often it must be heard; or when, by a cron expression of five fields in that time zone. */
  everyMs?: number;
  cron?: string;
  timezone?: string;
  /** How much later it may come. */
  graceMs: number;
}

export const CHAIN_KINDS = ['eosio', 'steem', 'tezos', 'ethereum', 'cometbft', 'bitcoin', 'solana'] as const;
export type ChainKind = (typeof CHAIN_KINDS)[number];

/** A node of a chain: its head, and what it says of its peers and of a producer. */
export interface ChainSpec extends WebSpec {
  kind: ChainKind;
  /** The producer, witness, baker or validator whose misses are watched. */
  producer?: string;
  expect: ChainExpect;
}

export interface ChainExpect {
  chainId?: string;
  /** Of the newest block. */
  headAge: Threshold;
  /** From these numbers of blocks on. */
  blocksBehind: Limits;
  irreversibleLag: Limits;
  missed: Limits;
  /** Below these numbers; participation in percent. */
  peers: Limits;
  participation: Limits;
  time: Threshold;
  certificate: Threshold;
}

export interface Limits {
  degraded?: number;
  down?: number;
}

export const isChain = (probe: ProbeSpec): probe is ChainSpec => (CHAIN_KINDS as readonly string[]).includes(probe.kind);

export type RecordType = 'A' | 'AAAA' | 'CNAME';
export type Policy = 'failover' | 'weighted' | 'multivalue';
export type Role = 'primary' | 'secondary';

export interface RecordSpec {
  id: string;
  /** Lower case, no dot at the end. */
  name: string;
  zone: string;
  zoneId?: string;
  type: RecordType;
  ttlMs: number;
  policy: Policy;
  /** Ids of the checks whose `down` makes a member unfit. */
  requires: string[];
  members: MemberSpec[];
  guard: GuardSpec;
  /** A stand-by is told to take over only once the old one was confirmed paused, or nobody reached it for so long. */
  fence?: { timeoutMs: number };
}

export interface MemberSpec {
  node: string;
  /** An address or a name; of an alias, the name that it stands for. */
  value: string;
  /** A resource of AWS: the hosted zone that its name is in, and whether its own health counts too. */
  alias?: { zoneId: string; evaluateTargetHealth: boolean };
  /** The user's health check that is the switch; absent: one of ours. */
  healthCheckId?: string;
  /** With `policy: failover`, and with no other. */
  role?: Role;
  /** With `policy: weighted`, and with no other. */
  weight?: number;
}

export interface GuardSpec {
  minInService: number;
  /** Already a count: percentages are rounded down, at least 1. */
  maxOut: number;
  holdMs: number;
  failback: 'auto' | 'manual';
  mode: 'act' | 'report';
}

/** The member's name in ledgers, intents and switch tags: `<record>/<node>`. */
export const memberKey = (record: string, node: string): string => `${record}/${node}`;

/** The keys of all members of all records. */
export const memberKeysOf = ({ records }: Cell): string[] =>
  records.flatMap(({ id, members }) => members.map(({ node }) => memberKey(id, node)));
