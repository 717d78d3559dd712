import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { resolveSource, sourceOf } from '../../lib/config/load.ts';
import type { Cell } from '../../lib/core/cell.ts';

/** The configurations that everything must synthesise for, as YAML. */

const EXAMPLE = fileURLToPath(new URL('../../examples/aws.yaml', import.meta.url));
/** A health check of the user's own. */
const OWN_CHECK = '01234567-89ab-cdef-0123-456789abcdef';
export const NUMBER = '+12025550100';

export const example = (): string => readFileSync(EXAMPLE, 'utf8').replace('{ env: ONCALL_SMS }', `'${NUMBER}'`);

const nodes = (count: number): string =>
  Array.from({ length: count }, (_, at) => `  n${at + 1}: { url: 'https://n${at + 1}.example.org', use: web }`).join('\n');

const head = (name: string, vantages: string): string => `
name: ${name}
vantages: [${vantages}]
templates: { web: { page: { type: http } } }
`;

/** Three vantages, a heartbeat, one replica: the first vantage's. One record of each policy and type, by the zone's name and by its id; pages from a region that does nothing else. */
export const SMALL = `${head('small', 'eu-west-1, us-east-2, ap-northeast-1')}
nodes:
${nodes(5)}
  cron: { checks: { nightly: { type: heartbeat, every: 24h } } }
records:
  weighted:
    { name: w.example.org, zone: example.org, policy: weighted, members: [{ node: n1, value: 192.0.2.1, weight: 3 }, { node: n2, value: 192.0.2.2 }] }
  many:
    { name: m.example.org, zone: example.org, type: AAAA, policy: multivalue, members: [{ node: n1, value: '2001:db8::1' }, { node: n2, value: '2001:db8::2' }] }
  group:
    name: g.example.org
    zone: example.org
    zoneId: Z0123456789ABC
    ttl: 1m
    members:
      - { node: n1, value: 192.0.2.1, role: primary }
      - { node: n2, value: 192.0.2.2, role: primary }
      - { node: n3, value: 192.0.2.3, role: secondary }
  names:
    name: c.example.org
    zone: example.org
    zoneId: Z0123456789ABC
    type: CNAME
    members:
      - { node: n3, value: n3.example.org, role: primary }
      - { node: n4, value: n4.example.org, role: secondary }
      - { node: n5, value: n5.example.org, role: secondary }
  balanced:
    name: b.example.org
    zone: example.org
    zoneId: Z0123456789ABC
    members:
      - { node: n1, alias: { name: lb-1.eu-west-1.elb.amazonaws.com, zoneId: Z32O12XQLNTSW2 }, role: primary, switch: { healthCheckId: ${OWN_CHECK} } }
      - { node: n2, alias: { name: lb-2.eu-west-1.elb.amazonaws.com, zoneId: Z32O12XQLNTSW2 }, role: secondary }
      - { node: n3, value: 192.0.2.3, role: secondary }
  fronted:
    name: f.example.org
    zone: example.org
    policy: weighted
    members:
      - { node: n4, alias: { name: d1.cloudfront.net, zoneId: Z2FDTNDATAQYW2, evaluateTargetHealth: false } }
      - { node: n5, value: 192.0.2.5 }
paging:
  regions: [us-east-2, eu-central-1]
  tiers: [{ sms: ['${NUMBER}'], hooks: [slack] }, { after: 5m, https: [https://events.example.org/sns] }]
  quiet: [{ email: [ops@example.org] }]
hooks:
  slack: { events: [page], url: { ssm: /quorumwatch/slack } }
`;

/** No records, nobody to page, secrets of both kinds in checks. */
export const PLAIN = `${head('plain', 'eu-west-1, us-east-2, ap-northeast-1')}
nodes:
  n1: { url: 'https://n1.example.org', use: web }
  n2:
    url: https://n2.example.org
    checks:
      key: { type: http, headers: { authorization: { ssm: /plain/key } }, vantages: [eu-west-1, us-east-2, ap-northeast-1] }
      body: { type: http, method: POST, body: { secretsManager: plain/body } }
`;

/** Five vantages, a heartbeat that three of them read, three replicas on one continent, checks that take long. */
export const WIDE = `${head('wide', 'eu-west-1, us-east-2, ap-northeast-1, ca-central-1, sa-east-1')}
table: { replicas: [eu-west-1, eu-central-1, eu-west-3] }
interval: 1m
defaults: { timeout: 20s, attempts: 2 }
nodes:
${nodes(2)}
  cron: { checks: { nightly: { type: heartbeat, every: 24h, vantages: [eu-west-1, us-east-2, ca-central-1] } } }
records:
  api: { name: api.example.org, zone: example.org, members: [{ node: n1, value: 192.0.2.1, role: primary }, { node: n2, value: 192.0.2.2, role: secondary }] }
paging:
  regions: [eu-west-1, us-east-2]
  tiers: [{ email: [ops@example.org] }]
`;

/** The same, with a name of the page's own in a zone that is known by its id. */
export const NAMED = `${WIDE.replace('zone: example.org,', 'zone: example.org, zoneId: Z0123456789ABC,').replace('name: wide', 'name: named')}domain: status.example.org
`;

/** Forty nodes and ten records of four of them each. */
export const LARGE = `${head('large', 'eu-west-1, us-east-2, ap-northeast-1, ca-central-1, sa-east-1')}
table: { replicas: [us-east-1, us-east-2, us-west-2] }
nodes:
${nodes(40)}
records:
${Array.from({ length: 10 }, (_, record) => {
  const members = Array.from(
    { length: 4 },
    (_, at) => `{ node: n${record * 4 + at + 1}, value: 192.0.2.${record * 4 + at + 1} }`,
  );
  return `  r${record + 1}: { name: r${record + 1}.example.org, zone: example.org, policy: multivalue, members: [${members.join(', ')}] }`;
}).join('\n')}
paging:
  regions: [eu-west-1, us-east-2]
  tiers: [{ email: [ops@example.org] }]
`;

/** Throws with the faults. */
export function cellOf(yaml: string): Cell {
  const source = sourceOf('test.yaml', yaml);
  const loaded = 'data' in source ? resolveSource(source, { env: {} }) : { ok: false as const, faults: source.faults };
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  return loaded.cell;
}
