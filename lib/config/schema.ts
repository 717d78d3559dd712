import { z } from 'zod';
import { http, quorum, tcp } from './checks.ts';
import { DEFAULTS } from './defaults.ts';
import { choices } from './faults.ts';
import { all, any, CHAINS, chains, dns, heartbeat, jsonrpc, tls, websocket } from './kinds.ts';
import { duration, flag, host, hostName, id, integer, oneOf, oneOrMany, positive, secretText, url } from './leaves.ts';
import { mapping, optional, otherwise, required } from './objects.ts';
import { drills, hook, page, paging, silence } from './paging.ts';
import { record } from './records.ts';
import { refined, saying } from './rules.ts';

/** The whole grammar. Everything is strict: a key that is not here is a fault. */

export const KINDS = ['http', 'tcp', 'tls', 'dns', 'websocket', 'jsonrpc', ...CHAINS, 'heartbeat', 'any', 'all'] as const;

const check = z
  .discriminatedUnion('type', [http, tcp, tls, dns, websocket, jsonrpc, ...chains, heartbeat, any, all], {
    error: saying('{} is not a kind of check', `write ${choices(KINDS)}`),
  })
  .meta({ id: 'Check', description: 'One probe with its expectations.' });

const checks = z.record(id(), check);

const node = mapping('Node', 'A server that users reach.', {
  url: optional(url('https://eu1.example.org'), 'What `http` checks and their like ask.'),
  host: optional(host('eu1.example.org'), 'What `tcp` checks and their like connect to.', otherwise('the host of `url`')),
  use: optional(
    oneOrMany(id(), 'is neither an id nor a list of ids', 'write web, or [web, feed]'),
    'A template, or a list of them.',
  ),
  checks: optional(checks, 'Own checks; one with the id of a template’s check replaces it.'),
  dependsOn: optional(
    z.array(id(), { error: saying('{} is not a list', 'write a list of nodes, like [gateway]') }),
    'Nodes without which this one cannot work: while one of them is down, this one is noted and not paged.',
    otherwise('none'),
  ),
  policy: optional(
    oneOf(['tiers', 'quiet']),
    'Which tiers its incidents go to; a flip that fails or is held always goes to `tiers`.',
    otherwise('by severity, and by what is still served'),
  ),
});

const table = mapping('Table', 'The voting table.', {
  replicas: required(
    refined(
      refined(
        z.array(id(), { error: saying('{} is not a list', 'write a list of regions') }),
        'replicas-count',
        (list) => [1, 3].includes(list.length),
        'the table has neither 1 nor 3 replicas',
        'write one region, or three for a table that survives the loss of any one',
      ),
      'replicas-distinct',
      (list) => new Set(list).size === list.length,
      'a region stands there twice',
      'write distinct regions',
    ),
    'Regions of the table; each also runs an arbiter.',
  ),
});

const defaults = mapping('Defaults', 'What checks have unless they say otherwise.', {
  timeout: optional(positive('4s'), 'Longest time of one attempt.', DEFAULTS.check.timeout),
  attempts: optional(integer('attempts', 1, 10), 'How often a failing check is tried within one run.', DEFAULTS.check.attempts),
  downFor: optional(duration('5s'), 'The down votes of a quorum must span at least this.', DEFAULTS.check.downFor),
  recover: optional(integer('recover', 1, 100), 'Consecutive healthy quorums before `down` is over.', DEFAULTS.check.recover),
});

const canaries = refined(
  z.array(url('https://www.example.org'), { error: saying('{} is not a list', 'write a list of URLs') }),
  'canaries-independent',
  (list) => new Set(list.map((item) => URL.parse(item)?.hostname)).size >= 3,
  'fewer than three hosts',
  'write at least three URLs of independent hosts',
);

const nodesOf = optional(
  z.array(url('https://node.example.net'), { error: saying('{} is not a list', 'write a list of URLs') }),
  'URLs of other nodes of this chain.',
);
type References = Record<(typeof CHAINS)[number], typeof nodesOf>;
const references = mapping(
  'References',
  'Other nodes that heads are compared with, by kind of chain.',
  Object.fromEntries(CHAINS.map((chain) => [chain, nodesOf])) as References,
);

export const schema = mapping('Configuration', 'What a cell watches, who looks, who is told, and what DNS answers.', {
  version: optional(
    z.literal(1, { error: saying('{} is not a version of this grammar', 'write 1') }),
    'Version of this grammar.',
    DEFAULTS.version,
  ),
  name: required(id(), 'Name of the cell: part of every key and resource name.'),
  vantages: required(
    z.array(id(), { error: saying('{} is not a list', 'write a list of regions, like [eu-west-1, us-east-2, ap-northeast-1]') }),
    'Regions that probe and vote. Their order gives the stagger.',
  ),
  allowFewVantages: optional(
    flag(),
    'Accept one or two vantages, although no minority can then be outvoted.',
    DEFAULTS.allowFewVantages,
  ),
  table: optional(table, 'The voting table.', otherwise('one replica in the first vantage')),
  interval: optional(positive('30s'), 'Cadence of a round: 10s to 5m.', DEFAULTS.interval),
  quorum: optional(quorum, 'How many vantages must agree.', DEFAULTS.quorum),
  defaults: optional(defaults, 'What checks have unless they say otherwise.'),
  templates: optional(z.record(id(), checks), 'Checks that several nodes share, by template and id.'),
  nodes: required(z.record(id(), node), 'What is watched, by id.'),
  records: optional(z.record(id(), record), 'DNS names that nodes answer for, by id.'),
  paging: optional(paging, 'How people are told. Without it nobody is.'),
  hooks: optional(z.record(id(), hook), 'Requests that are made when something happens, by id.'),
  silences: optional(z.record(id(), silence), 'Times in which nobody is paged, by id.'),
  canaries: optional(
    canaries,
    'Well-known names: a vantage that cannot reach them abstains.',
    otherwise('on AWS three, of Google, Apple and Microsoft; none locally'),
  ),
  references: optional(references, 'Other nodes of a chain, by kind, that heads are compared with.'),
  page: optional(page, 'The status page.'),
  domain: optional(hostName('status.example.org'), 'Name of the status page.', otherwise("the function's own")),
  ping: optional(
    secretText('https://hc-ping.example.org/id'),
    'URL of a third party that is told every minute that all is well.',
  ),
  drills: optional(drills, 'Fire drills.'),
});

/** A configuration whose shape is right. */
export type Config = z.output<typeof schema>;
export type CheckConfig = z.output<typeof check>;
export type RecordConfig = Config['records'] extends Record<string, infer R> | undefined ? R : never;

/** Any text may be taken from the environment. */
type WithEnv<T> = T extends string
  ? T | { env: string }
  : T extends readonly (infer Item)[]
    ? readonly WithEnv<Item>[]
    : T extends object
      ? { [K in keyof T]: WithEnv<T[K]> }
      : T;

/** What people write: `defineConfig` takes it. */
export type ConfigInput = WithEnv<z.input<typeof schema>>;
