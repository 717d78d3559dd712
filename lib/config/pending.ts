import type { Section } from './sections.ts';

/**
 * What the grammar accepts and nothing acts on yet, with the reason: a whole section, or `Section.key`.
 * `validate` says so of a configuration that uses it, `docs/config.md` of every key. Whoever builds one removes its line,
 * and names its test in `test/config/keys.test.ts`.
 */
const NO_PROBE = 'probes of this kind are still to come';
const NOT_ON_AWS = 'nothing is deployed to AWS yet';
const NO_PAGES = 'pages reach the local inbox alone';

export const PENDING: Readonly<Record<string, string>> = {
  'Configuration.table': NOT_ON_AWS,
  'Configuration.hooks': 'hooks are not called yet',
  'Configuration.silences': 'silences do not apply yet',
  'Configuration.canaries': 'vantages do not look at canaries yet',
  'Configuration.references': NO_PROBE,
  'Configuration.domain': NOT_ON_AWS,
  'Configuration.ping': 'no third party is told yet',
  'Configuration.drills': 'there are no drills yet',
  Table: NOT_ON_AWS,
  Hook: 'hooks are not called yet',
  Silence: 'silences do not apply yet',
  References: NO_PROBE,
  Drills: 'there are no drills yet',
  'Page.logo': 'the page shows no logo yet',
  'Page.public': NOT_ON_AWS,
  'Node.dependsOn': 'nodes do not depend on one another yet',
  'Node.policy': 'all incidents go to the same tiers yet',
  'Record.zoneId': NOT_ON_AWS,
  'Record.fence': 'hooks are not called yet',
  'Record.fenceTimeout': 'hooks are not called yet',
  'Paging.regions': NOT_ON_AWS,
  'Paging.timezone': 'messages show UTC yet',
  'Paging.quiet': 'all incidents go to tiers yet',
  'Tier.sms': NO_PAGES,
  'Tier.email': NO_PAGES,
  'Tier.https': NO_PAGES,
  'Tier.hooks': NO_PAGES,
  'HttpCheck.ipVersion': 'whichever version answers is used yet',
  'HttpCheck.resolve': 'addresses are not pinned yet',
  'HttpCheck.tls': 'TLS is spoken by the defaults yet',
  'HttpCheck.severity': 'all failures are told alike yet',
  'TcpCheck.ipVersion': 'whichever version answers is used yet',
  'TcpCheck.resolve': 'addresses are not pinned yet',
  'TcpCheck.severity': 'all failures are told alike yet',
  Tls: 'TLS is spoken by the defaults yet',
  ParameterSecret: 'secrets are not fetched yet',
  ManagedSecret: 'secrets are not fetched yet',
  TlsCheck: NO_PROBE,
  TlsExpect: NO_PROBE,
  DnsCheck: NO_PROBE,
  DnsExpect: NO_PROBE,
  WebsocketCheck: NO_PROBE,
  WebsocketExpect: NO_PROBE,
  JsonrpcCheck: NO_PROBE,
  JsonrpcExpect: NO_PROBE,
  EosioCheck: NO_PROBE,
  EosioExpect: NO_PROBE,
  SteemCheck: NO_PROBE,
  SteemExpect: NO_PROBE,
  TezosCheck: NO_PROBE,
  TezosExpect: NO_PROBE,
  EthereumCheck: NO_PROBE,
  EthereumExpect: NO_PROBE,
  CometbftCheck: NO_PROBE,
  CometbftExpect: NO_PROBE,
  BitcoinCheck: NO_PROBE,
  BitcoinExpect: NO_PROBE,
  SolanaCheck: NO_PROBE,
  SolanaExpect: NO_PROBE,
  AgeLimits: NO_PROBE,
  BlockLimits: NO_PROBE,
  PeerLimits: NO_PROBE,
  MissLimits: NO_PROBE,
  ParticipationLimits: NO_PROBE,
  HeartbeatCheck: 'heartbeats are not received yet',
  AnyCheck: NO_PROBE,
  AllCheck: NO_PROBE,
};

/** Why a key does nothing yet; undefined when it works. */
export const pendingReason = (section: Section['title'], key: string): string | undefined =>
  PENDING[`${section}.${key}`] ?? PENDING[section];
