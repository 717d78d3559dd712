/**
 * A cell: one configuration, resolved. Plain JSON, so that it can be bundled beside a handler, hashed and stored.
 * Everything here is explicit: no defaults are left to fill in, durations are milliseconds, templates are expanded.
 */

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
  /** One hash over every check's hash and the vantages: equal when two configurations ask the same of everybody. */
  probeHash: string;
  /** What the configuration took from the environment for headers and bodies: no detail shows it. */
  hidden?: string[];
}

export interface NodeSpec {
  id: string;
  /** Keys of its checks, ordered. */
  checks: string[];
  dependsOn: string[];
}

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
  severity: string;
  probe: ProbeSpec;
}

export type ProbeSpec = HttpSpec | TcpSpec;

/** What every probe over a socket has in common. */
export interface SocketSpec {
  /** May private, loopback and link-local addresses be reached by DNS answer or redirect? */
  allowPrivate: boolean;
}

export interface HttpSpec extends SocketSpec {
  kind: 'http';
  url: string;
  method: string;
  headers: Record<string, Text>;
  body?: Text;
  /** How many redirects are followed; 0 = none, the redirect itself is judged. */
  redirects: number;
  expect: HttpExpect;
}

export interface HttpExpect {
  /** Inclusive ranges, e.g. [[200, 299]]. */
  status: [number, number][];
  body: { contains: string[]; notContains: string[]; matches?: string };
  json: JsonExpect[];
  time: Threshold;
  /** Time left until the certificate expires. */
  certificate: Threshold;
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
}

export interface MemberSpec {
  node: string;
  value: string;
  role?: Role;
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

export interface PagingSpec {
  /** False: nobody is configured; pages exist (status page, local inbox) but reach no one. */
  configured: boolean;
  regions: string[];
  timezone: string;
  tiers: TierSpec[];
  quiet: TierSpec[];
  repeatMs: number;
  ackLapsesMs: number;
}

export interface TierSpec {
  afterMs: number;
  sms: Text[];
  email: string[];
  https: Text[];
  hooks: string[];
}

export interface HookSpec {
  id: string;
  events: string[];
  /** Empty: all nodes. */
  nodes: string[];
  url: Text;
  secret?: Text;
}

/** The member's name in ledgers, intents and switch tags: `<record>/<node>`. */
export const memberKey = (record: string, node: string): string => `${record}/${node}`;
