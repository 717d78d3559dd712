import type { Cell, Check, RecordSpec } from '../../lib/core/cell.ts';
import { CHAIN_EFFECTS } from './effects-chains.ts';
import { GROUP_EFFECTS } from './effects-groups.ts';
import { SOCKET_EFFECTS } from './effects-sockets.ts';

/** One key with a value that is not its default, and what the cell then holds. */
export interface Effect {
  yaml: string;
  pick: (cell: Cell) => unknown;
  expected: unknown;
}

const HEAD = 'name: effects\nvantages: [a, b, c, d, e]\n';
const NODE = 'nodes: { eu1: { url: http://127.0.0.1:8080, checks: { api: { type: http } } } }\n';

const top = (line: string, pick: Effect['pick'], expected: unknown): Effect => ({
  yaml: `${HEAD}${line}\n${NODE}`,
  pick,
  expected,
});

const check = (body: string, pick: (check: Check) => unknown, expected: unknown): Effect => ({
  yaml: `${HEAD}nodes: { eu1: { url: http://127.0.0.1:8080/base/, checks: { api: { ${body} } } } }\n`,
  pick: (cell) => cell.checks.map(pick)[0],
  expected,
});
const http = (body: string, pick: (check: Check) => unknown, expected: unknown): Effect =>
  check(`type: http, ${body}`, pick, expected);
const tcp = (body: string, pick: (check: Check) => unknown, expected: unknown): Effect =>
  check(`type: tcp, ${body}`, pick, expected);

const beat = (body: string, pick: (check: Check) => unknown, expected: unknown): Effect =>
  check(`type: heartbeat, ${body}`, pick, expected);

const probe = (check: Check) => check.probe as unknown as Record<string, unknown>;
const expects = (check: Check) => check.probe.expect as unknown as Record<string, unknown>;
const json = (expectation: string, expected: object): Effect =>
  http(`expect: { json: [{ path: a, ${expectation} }] }`, expects, { json: [{ path: 'a', ...expected }] });

const MEMBERS = 'members: [{ node: n1, value: 192.0.2.1, role: primary }, { node: n2, value: 192.0.2.2, role: secondary }]';
const record = (
  body: string,
  pick: (record: RecordSpec) => unknown,
  expected: unknown,
  members = MEMBERS,
  name = 'api.example.org',
  zone = 'example.org',
): Effect => ({
  yaml: `${HEAD}templates: { web: { api: { type: http }, ssh: { type: tcp, port: 22 }, beat: { type: heartbeat, every: 1h } } }
nodes:
  n1: { url: http://127.0.0.1:8080, use: web }
  n2: { url: http://127.0.0.2:8080, use: web }
  n3: { url: http://127.0.0.3:8080, use: web }
records:
  api: { name: ${name}, zone: ${zone}, ${members}, ${body} }
`,
  pick: (cell) => cell.records.map(pick)[0],
  expected,
});
const alias = (more: string, expected: object): Effect =>
  record(
    '',
    (each) => each.members[0],
    expected,
    MEMBERS.replace('value: 192.0.2.1', `alias: { name: LB.example.net., zoneId: Z35SXDOTRQ7X7K${more} }`),
  );
const ownSwitch = record(
  '',
  (each) => each.members[0],
  { healthCheckId: '01234567-89ab-cdef-0123-456789abcdef' },
  MEMBERS.replace('value: 192.0.2.1', '$&, switch: { healthCheckId: 01234567-89ab-cdef-0123-456789abcdef }'),
);
const members = (policy: string, list: string, expected: unknown): Effect =>
  record(`policy: ${policy}`, (each) => each.members, expected, `members: [${list}]`);
const guard = (body: string, expected: object): Effect => record(`guard: { ${body} }`, (each) => each.guard, expected);

const paging = (body: string, expected: object): Effect => top(`paging: { ${body} }`, (cell) => cell.paging, expected);

const REPLICAS = ['us-east-1', 'us-east-2', 'us-west-2'];
/** Who fetches it: `test/aws/secrets.test.ts`. */
const secret = (ref: string, expected: object): Effect =>
  top(`hooks: { chat: { events: [page], url: { ${ref} } } }`, (cell) => cell.hooks[0]?.url, expected);

const hook = (body: string, expected: object): Effect =>
  top(`hooks: { chat: { events: [page], url: https://hook.example.org, ${body} } }`, (cell) => cell.hooks[0], expected);

const silence = (body: string, expected: object): Effect =>
  top(`silences: { sunday: { ${body} } }`, (cell) => cell.silences[0], { id: 'sunday', ...expected });

/** What every kind of check takes. */
const common = (
  section: string,
  of: (body: string, pick: (check: Check) => unknown, expected: unknown) => Effect,
): Record<string, Effect> => ({
  [`${section}.interval`]: of('interval: 2m', (each) => each.intervalMs, 120_000),
  [`${section}.timeout`]: of('timeout: 3s', (each) => each.timeoutMs, 3_000),
  [`${section}.attempts`]: of('attempts: 5', (each) => each.attempts, 5),
  [`${section}.downFor`]: of('downFor: 0s', (each) => each.downForMs, 0),
  [`${section}.recover`]: of('recover: 7', (each) => each.recover, 7),
  [`${section}.vantages`]: of('vantages: [e, c, a]', (each) => [each.vantages, each.quorum], [['a', 'c', 'e'], 2]),
  [`${section}.quorum`]: of('quorum: 5', (each) => each.quorum, 5),
  [`${section}.severity`]: of('severity: warning', (each) => each.severity, 'warning'),
  [`${section}.allowPrivate`]: of('allowPrivate: true', probe, { allowPrivate: true }),
});

/** By `Section.key`, for every key that works. */
export const EFFECTS: Readonly<Record<string, Effect>> = {
  'HeartbeatCheck.type': beat('every: 1h', probe, { kind: 'heartbeat' }),
  'HeartbeatCheck.every': beat('every: 24h', probe, { everyMs: 86_400_000 }),
  'HeartbeatCheck.cron': beat('cron: "0 3 * * 1-5"', probe, { cron: '0 3 * * 1-5', timezone: 'UTC' }),
  'HeartbeatCheck.timezone': beat('cron: "0 3 * * *", timezone: Europe/Berlin', probe, { timezone: 'Europe/Berlin' }),
  'HeartbeatCheck.grace': beat('every: 1h, grace: 30m', probe, { graceMs: 1_800_000 }),
  ...Object.fromEntries(
    Object.entries(common('HeartbeatCheck', (body, ...rest) => beat(`every: 1h, ${body}`, ...rest))).filter(
      ([name]) => !/timeout|attempts|allowPrivate/.test(name),
    ),
  ),
  ...GROUP_EFFECTS,
  ...CHAIN_EFFECTS,
  ...SOCKET_EFFECTS,
  'Configuration.version': top('version: 1', (cell) => cell.name, 'effects'),
  'Configuration.name': top('', (cell) => cell.name, 'effects'),
  'Configuration.vantages': top('', (cell) => cell.vantages, ['a', 'b', 'c', 'd', 'e']),
  'Configuration.allowFewVantages': {
    yaml: `name: few\nvantages: [a]\nallowFewVantages: true\n${NODE}`,
    pick: (cell) => [cell.vantages, cell.quorum],
    expected: [['a'], 1],
  },
  'Configuration.table': top('table: { replicas: [us-east-1, us-east-2, us-west-2] }', (cell) => cell.arbiters, REPLICAS),
  'Table.replicas': top('table: { replicas: [us-east-1, us-east-2, us-west-2] }', (cell) => cell.arbiters, REPLICAS),
  'ParameterSecret.ssm': secret('ssm: /quorumwatch/key', { ssm: '/quorumwatch/key' }),
  'ManagedSecret.secretsManager': secret('secretsManager: quorumwatch/key', { secretsManager: 'quorumwatch/key' }),
  'Configuration.interval': top('interval: 1m', (cell) => [cell.intervalMs, cell.checks[0]?.intervalMs], [60_000, 60_000]),
  'Configuration.quorum': top('quorum: 4', (cell) => [cell.quorum, cell.checks[0]?.quorum], [4, 4]),
  'Configuration.defaults': top('defaults: { attempts: 1 }', (cell) => cell.checks[0]?.attempts, 1),
  'Configuration.templates': {
    yaml: `${HEAD}templates: { web: { api: { type: http }, ssh: { type: tcp, port: 22 } } }
nodes: { eu1: { url: http://127.0.0.1:8080, use: web, checks: { ssh: { type: tcp, port: 2222 } } } }\n`,
    pick: (cell) => cell.checks.map(({ key, probe }) => [key, probe.kind === 'tcp' ? probe.port : 'url' in probe && probe.url]),
    expected: [
      ['eu1/api', 'http://127.0.0.1:8080'],
      ['eu1/ssh', 2222],
    ],
  },
  'Configuration.nodes': top('', (cell) => cell.nodes, [{ id: 'eu1', checks: ['eu1/api'], dependsOn: [] }]),
  'Configuration.records': record('', (each) => each.id, 'api'),
  'Configuration.paging': paging('tiers: [{ email: [ops@example.org] }]', { configured: true }),
  'Configuration.canaries': top(
    'canaries: [https://a.example.org, https://b.example.org/ok, https://c.example.org]',
    (cell) => cell.canaries?.map(({ key, id }) => [key, id])[1],
    ['/https://b.example.org/ok', 'b.example.org'],
  ),
  'Configuration.drills': top('drills: { cron: "0 9 * * 1" }', (cell) => cell.drills, { cron: '0 9 * * 1', timezone: 'UTC' }),
  'Drills.cron': top('drills: { cron: "0 9 * * 1" }', (cell) => cell.drills, { cron: '0 9 * * 1' }),
  'Drills.timezone': top('drills: { cron: "0 9 * * 1", timezone: Europe/Berlin }', (cell) => cell.drills, {
    timezone: 'Europe/Berlin',
  }),
  'Configuration.ping': top('ping: https://ping.example.org/id', (cell) => cell.ping, 'https://ping.example.org/id'),
  'Configuration.hooks': hook('', { id: 'chat', events: ['page'], nodes: [] }),
  'Configuration.silences': silence('cron: 0 3 * * 0, for: 1h', {}),
  'Silence.nodes': silence('cron: 0 3 * * 0, for: 1h, nodes: [eu1]', { nodes: ['eu1'] }),
  'Silence.cron': silence('cron: 0 3 * * 0, for: 1h', { cron: '0 3 * * 0', nodes: [] }),
  'Silence.for': silence('cron: 0 3 * * 0, for: 1h', { forMs: 3_600_000 }),
  'Silence.timezone': silence('cron: 0 3 * * 0, for: 1h, timezone: Europe/Berlin', { timezone: 'Europe/Berlin' }),
  'Silence.from': silence('from: 2026-01-01T00:00:00Z, until: 2026-01-02T00:00:00Z', { from: Date.UTC(2026, 0, 1) }),
  'Silence.until': silence('from: 2026-01-01T00:00:00Z, until: 2026-01-02T00:00:00Z', { until: Date.UTC(2026, 0, 2) }),
  'Hook.events': hook('', { events: ['page'] }),
  'Hook.nodes': hook('nodes: [eu1]', { nodes: ['eu1'] }),
  'Hook.url': hook('', { url: 'https://hook.example.org' }),
  'Hook.secret': hook('secret: s', { secret: 's' }),
  'Hook.format': hook('format: slack', { format: 'slack' }),
  'Configuration.page': top('page: { title: All of it }', (cell) => cell.title, 'All of it'),
  'Page.title': top('page: { title: All of it }', (cell) => cell.title, 'All of it'),
  'Defaults.timeout': top('defaults: { timeout: 1s }', (cell) => cell.checks[0]?.timeoutMs, 1_000),
  'Defaults.attempts': top('defaults: { attempts: 3 }', (cell) => cell.checks[0]?.attempts, 3),
  'Defaults.downFor': top('defaults: { downFor: 9s }', (cell) => cell.checks[0]?.downForMs, 9_000),
  'Defaults.recover': top('defaults: { recover: 3 }', (cell) => cell.checks[0]?.recover, 3),
  'Node.url': http('path: /x', probe, { url: 'http://127.0.0.1:8080/base/x' }),
  'Node.host': {
    yaml: `${HEAD}nodes: { eu1: { url: http://127.0.0.1, host: 127.0.0.9, checks: { ssh: { type: tcp, port: 22 } } } }\n`,
    pick: (cell) => cell.checks[0]?.probe,
    expected: { host: '127.0.0.9' },
  },
  'Node.use': {
    yaml: `${HEAD}templates: { one: { api: { type: http } }, two: { ssh: { type: tcp, port: 22 } } }
nodes: { eu1: { url: http://127.0.0.1:8080, use: [one, two] } }\n`,
    pick: (cell) => cell.nodes[0]?.checks,
    expected: ['eu1/api', 'eu1/ssh'],
  },
  'Node.dependsOn': {
    yaml: `${HEAD}nodes: { gw: { url: http://127.0.0.1, checks: { api: { type: http } } }, eu1: { url: http://127.0.0.1, checks: { api: { type: http } }, dependsOn: [gw] } }\n`,
    pick: (cell) => cell.nodes[1]?.dependsOn,
    expected: ['gw'],
  },
  'Node.policy': {
    yaml: `${HEAD}nodes: { eu1: { url: http://127.0.0.1, checks: { api: { type: http } }, policy: quiet } }\n`,
    pick: (cell) => cell.nodes[0]?.policy,
    expected: 'quiet',
  },
  'Node.checks': http('path: /', (each) => each.key, 'eu1/api'),

  ...common('HttpCheck', http),
  'HttpCheck.type': http('path: /', probe, { kind: 'http' }),
  'HttpCheck.url': http('url: https://own.example.org', probe, { url: 'https://own.example.org' }),
  'HttpCheck.path': http('path: /health?full=1', probe, { url: 'http://127.0.0.1:8080/base/health?full=1' }),
  'HttpCheck.method': http('method: HEAD', probe, { method: 'HEAD' }),
  'HttpCheck.headers': http('headers: { accept: text/plain }', probe, { headers: { accept: 'text/plain' } }),
  'HttpCheck.body': http('method: POST, body: hello', probe, { body: 'hello' }),
  'HttpCheck.redirects': http('redirects: 0', probe, { redirects: 0 }),
  'HttpCheck.expect': http('expect: { status: 204 }', expects, { status: [[204, 204]] }),
  'HttpExpect.status': http('expect: { status: [200, 3xx] }', expects, {
    status: [
      [200, 200],
      [300, 399],
    ],
  }),
  'HttpExpect.body': http('expect: { body: { contains: ok } }', expects, { body: { contains: ['ok'] } }),
  'HttpExpect.json': http('expect: { json: [{ path: a, exists: true }] }', expects, { json: [{ path: 'a', exists: true }] }),
  'HttpExpect.time': http('expect: { time: { down: 3s } }', expects, { time: { downMs: 3_000 } }),
  'HttpExpect.certificate': http('expect: { certificate: { degraded: 14d } }', expects, {
    certificate: { degradedMs: 1_209_600_000 },
  }),
  'BodyExpect.contains': http('expect: { body: { contains: [a, b] } }', expects, { body: { contains: ['a', 'b'] } }),
  'BodyExpect.notContains': http('expect: { body: { notContains: a } }', expects, { body: { notContains: ['a'] } }),
  'BodyExpect.matches': http('expect: { body: { matches: ^a } }', expects, { body: { matches: '^a' } }),
  'JsonExpect.path': json('exists: true', { exists: true }),
  'JsonExpect.equals': json('equals: { b: [null, 1] }', { equals: { b: [null, 1] } }),
  'JsonExpect.not': json('not: null', { not: null }),
  'JsonExpect.lessThan': json('lessThan: 0.5', { lessThan: 0.5 }),
  'JsonExpect.greaterThan': json('greaterThan: 16', { greaterThan: 16 }),
  'JsonExpect.matches': json('matches: ^v2', { matches: '^v2' }),
  'JsonExpect.exists': json('exists: false', { exists: false }),
  'TimeLimits.degraded': http('expect: { time: { degraded: 800ms } }', expects, { time: { degradedMs: 800 } }),
  'TimeLimits.down': http('expect: { time: { down: 2m } }', expects, { time: { downMs: 120_000 } }),
  'CertificateLimits.degraded': http('expect: { certificate: { degraded: 2h } }', expects, {
    certificate: { degradedMs: 7_200_000 },
  }),
  'CertificateLimits.down': http('expect: { certificate: { down: 1d } }', expects, { certificate: { downMs: 86_400_000 } }),

  ...common('TcpCheck', (body, pick, expected) => tcp(`port: 22, ${body}`, pick, expected)),
  'TcpCheck.type': tcp('port: 22', probe, { kind: 'tcp', host: '127.0.0.1' }),
  'TcpCheck.host': tcp('port: 22, host: SSH.example.org.', probe, { host: 'ssh.example.org' }),
  'TcpCheck.port': tcp('port: 2222', probe, { port: 2222 }),
  'TcpCheck.send': tcp('port: 22, send: "hello\\r\\n"', probe, { send: 'hello\r\n' }),
  'TcpCheck.expect': tcp('port: 22, expect: { banner: ^SSH }', expects, { banner: '^SSH' }),
  'TcpExpect.banner': tcp('port: 22, expect: { banner: ^220 }', expects, { banner: '^220' }),
  'TcpExpect.time': tcp('port: 22, expect: { time: { down: 1s } }', expects, { time: { downMs: 1_000 } }),

  'Configuration.domain': top('domain: Status.example.org', (cell) => cell.domain, 'status.example.org'),
  'Page.public': top('page: { public: true }', (cell) => cell.publicPage, true),

  'Record.name': record('', (each) => each.name, 'api.example.org', MEMBERS, 'API.example.org.'),
  'Record.zone': record('', (each) => each.zone, 'example.org', MEMBERS, 'api.example.org', 'Example.org.'),
  'Record.zoneId': record('zoneId: Z0123456789ABC', (each) => each.zoneId, 'Z0123456789ABC'),
  'Record.type': record(
    'type: AAAA',
    (each) => each.type,
    'AAAA',
    MEMBERS.replaceAll('192.0.2.', '2001:db8::').replace(/2001:db8::\d/g, '"$&"'),
  ),
  'Record.ttl': record('ttl: 1m', (each) => each.ttlMs, 60_000),
  'Record.policy': members('multivalue', '{ node: n1, value: 192.0.2.1 }, { node: n2, value: 192.0.2.2 }', [
    { node: 'n1', value: '192.0.2.1' },
    { node: 'n2', value: '192.0.2.2' },
  ]),
  'Record.requires': record('requires: [ssh]', (each) => each.requires, ['ssh']),
  'Record.members': record('', (each) => each.members.map(({ node }) => node), ['n1', 'n2']),
  'Record.fence': record('fence: required', (each) => each.fence, { timeoutMs: 60_000 }),
  'Record.fenceTimeout': record('fence: required, fenceTimeout: 2m', (each) => each.fence, { timeoutMs: 120_000 }),
  'Record.guard': record('guard: { mode: report }', (each) => each.guard, { mode: 'report' }),
  'Member.node': record('', (each) => each.members[1], { node: 'n2' }),
  'Member.value': record('', (each) => each.members[1], { value: '192.0.2.2' }),
  'Member.alias': alias('', { value: 'lb.example.net', alias: { zoneId: 'Z35SXDOTRQ7X7K', evaluateTargetHealth: true } }),
  'Alias.name': alias('', { value: 'lb.example.net' }),
  'Alias.zoneId': alias('', { alias: { zoneId: 'Z35SXDOTRQ7X7K' } }),
  'Alias.evaluateTargetHealth': alias(', evaluateTargetHealth: false', { alias: { evaluateTargetHealth: false } }),
  'Member.switch': ownSwitch,
  'Switch.healthCheckId': ownSwitch,
  'Member.role': record('', (each) => each.members[1], { role: 'secondary' }),
  'Member.weight': members('weighted', '{ node: n1, value: 192.0.2.1, weight: 3 }, { node: n2, value: 192.0.2.2 }', [
    { weight: 3 },
    { weight: 1 },
  ]),
  'Guard.minInService': record(
    'policy: multivalue, guard: { minInService: 2 }',
    (each) => each.guard,
    { minInService: 2 },
    'members: [{ node: n1, value: 192.0.2.1 }, { node: n2, value: 192.0.2.2 }, { node: n3, value: 192.0.2.3 }]',
  ),
  'Guard.maxOut': guard('maxOut: 100%', { maxOut: 2 }),
  'Guard.hold': guard('hold: 0s', { holdMs: 0 }),
  'Guard.failback': guard('failback: manual', { failback: 'manual' }),
  'Guard.mode': guard('mode: report', { mode: 'report' }),

  'Paging.tiers': paging('tiers: [{ email: [ops@example.org] }, { after: 5m }]', {
    tiers: [{ afterMs: 0 }, { afterMs: 300_000 }],
  }),
  'Paging.regions': paging('tiers: [{}], regions: [c, d]', { regions: ['c', 'd'] }),
  'Tier.sms': paging('tiers: [{ sms: ["+4915112345678"] }]', { tiers: [{ sms: ['+4915112345678'] }] }),
  'Tier.email': paging('tiers: [{ email: [ops@example.org] }]', { tiers: [{ email: ['ops@example.org'] }] }),
  'Tier.https': paging('tiers: [{ https: [https://e.example.org] }]', { tiers: [{ https: ['https://e.example.org'] }] }),
  'Paging.quiet': paging('tiers: [{}], quiet: [{ after: 15m }]', { quiet: [{ afterMs: 900_000 }] }),
  'Paging.timezone': paging('tiers: [{}], timezone: Europe/Berlin', { timezone: 'Europe/Berlin' }),
  'Paging.repeat': paging('repeat: 1m, tiers: [{}]', { repeatMs: 60_000 }),
  'Paging.ackLapses': paging('ackLapses: 1h, tiers: [{}]', { ackLapsesMs: 3_600_000 }),
  'Tier.hooks': {
    yaml: `${HEAD}hooks: { chat: { events: [page], url: https://hook.example.org } }\npaging: { tiers: [{ hooks: [chat] }] }\n${NODE}`,
    pick: (cell) => cell.paging.tiers[0]?.hooks,
    expected: ['chat'],
  },
  'Tier.after': paging('tiers: [{ after: 90s }]', { tiers: [{ afterMs: 90_000 }] }),
};
