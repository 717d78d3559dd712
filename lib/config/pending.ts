import type { Section } from './sections.ts';

/**
 * What the grammar accepts and nothing acts on yet, with the reason: a whole section, or `Section.key`.
 * `validate` says so of a configuration that uses it, `docs/config.md` of every key. Whoever builds one removes its line,
 * and names its test in `test/config/keys.test.ts`.
 */
const NOT_ON_AWS = 'the deployment to AWS is still being built';
const NO_PAGES = 'pages reach the local inbox alone';

export const PENDING: Readonly<Record<string, string>> = {
  'Configuration.table': NOT_ON_AWS,
  'Configuration.silences': 'silences do not apply yet',
  'Configuration.domain': NOT_ON_AWS,
  'Configuration.drills': 'there are no drills yet',
  Table: NOT_ON_AWS,
  Silence: 'silences do not apply yet',
  Drills: 'there are no drills yet',
  'Page.logo': 'the page shows no logo yet',
  'Page.public': NOT_ON_AWS,
  'Node.dependsOn': 'nodes do not depend on one another yet',
  'Node.policy': 'all incidents go to the same tiers yet',
  'Paging.regions': NOT_ON_AWS,
  'Paging.timezone': 'messages show UTC yet',
  'Paging.quiet': 'all incidents go to tiers yet',
  'Tier.sms': NO_PAGES,
  'Tier.email': NO_PAGES,
  'Tier.https': NO_PAGES,
  'HttpCheck.severity': 'all failures are told alike yet',
  'TcpCheck.severity': 'all failures are told alike yet',
  'TlsCheck.severity': 'all failures are told alike yet',
  'DnsCheck.severity': 'all failures are told alike yet',
  'WebsocketCheck.severity': 'all failures are told alike yet',
  'JsonrpcCheck.severity': 'all failures are told alike yet',
  ParameterSecret: 'secrets are not fetched yet',
  ManagedSecret: 'secrets are not fetched yet',
  'EosioCheck.severity': 'all failures are told alike yet',
  'SteemCheck.severity': 'all failures are told alike yet',
  'TezosCheck.severity': 'all failures are told alike yet',
  'EthereumCheck.severity': 'all failures are told alike yet',
  'CometbftCheck.severity': 'all failures are told alike yet',
  'BitcoinCheck.severity': 'all failures are told alike yet',
  'SolanaCheck.severity': 'all failures are told alike yet',
  'HeartbeatCheck.severity': 'all failures are told alike yet',
  'AnyCheck.severity': 'all failures are told alike yet',
  'AllCheck.severity': 'all failures are told alike yet',
};

/** Why a key does nothing yet; undefined when it works. */
export const pendingReason = (section: Section['title'], key: string): string | undefined =>
  PENDING[`${section}.${key}`] ?? PENDING[section];
