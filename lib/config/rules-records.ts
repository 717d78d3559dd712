import { isIPv4, isIPv6 } from 'node:net';
import { has, type NodeCheck } from './configuration.ts';
import { DEFAULTS } from './defaults.ts';
import { isPart, looksOf } from './groups.ts';
import { isHostName } from './leaves.ts';
import { each, member, policyOf, records, typeOf } from './records-of.ts';
import { type Rule, rule } from './rules.ts';
import { MEMBER_RULES } from './rules-members.ts';
import { endpoints } from './rules-sockets.ts';
import { repeats } from './rules-voting.ts';
import { plainHost } from './target.ts';

/** Rules of records, their members and guards. */

const VALUES = {
  A: { fits: isIPv4, what: 'an IPv4 address', example: '203.0.113.10' },
  AAAA: { fits: isIPv6, what: 'an IPv6 address', example: '2001:db8::10' },
  CNAME: { fits: isHostName, what: 'a host name', example: 'eu1.example.org' },
} as const;

/** Whether a check decides service when the record does not name its checks: heartbeats are received, not probed; groups speak for their parts. */
export const decidesByDefault = (entry: NodeCheck, checks: readonly NodeCheck[]): boolean =>
  !isPart(entry, checks) && looksOf(entry, checks).some(({ check }) => check.type !== 'heartbeat');

export const RECORD_RULES: Rule[] = [
  ...MEMBER_RULES,
  each('record-members', function* ({ record, path }) {
    if (record.members.length < 2)
      yield {
        path: [...path, 'members'],
        what: 'with fewer than two members nothing can take over',
        instead: 'write at least two members',
      };
  }),
  rule('record-node-known', ['nodes', 'records'], function* ({ config }) {
    for (const { record, path } of records(config)) {
      for (const [at, { node }] of record.members.entries()) {
        if (!has(config.nodes, node))
          yield {
            path: member(path, at, 'node'),
            what: `there is no node ${node}`,
            instead: `write one of ${Object.keys(config.nodes).join(', ')}`,
          };
      }
    }
  }),
  each('record-node-distinct', function* ({ record, path }) {
    for (const { value, at } of repeats(record.members.map(({ node }) => node)))
      yield { path: member(path, at, 'node'), what: `the node ${value} is a member twice`, instead: 'remove one' };
  }),
  each('record-value-distinct', function* ({ record, path }) {
    const answers = record.members.map(({ value, alias }) => value?.toLowerCase() ?? (alias && plainHost(alias.name)));
    for (const { value, at } of repeats(answers).filter((each) => each.value !== undefined))
      yield { path: member(path, at, 'value'), what: `two members answer ${value}`, instead: 'write distinct values' };
  }),
  each('record-value-type', function* ({ record, path }) {
    const { fits, what, example } = VALUES[typeOf(record)];
    for (const [at, { value }] of record.members.entries()) {
      if (value !== undefined && !fits(value))
        yield {
          path: member(path, at, 'value'),
          what: `${value} is not ${what}, as a record of type ${typeOf(record)} needs`,
          instead: `write ${example}`,
        };
    }
  }),
  each('record-in-zone', function* ({ record, path }) {
    const [name, zone] = [plainHost(record.name), plainHost(record.zone)];
    if (name !== zone && !name.endsWith(`.${zone}`))
      yield {
        path: [...path, 'name'],
        what: `${record.name} is not in the zone ${record.zone}`,
        instead: `write a name like api.${record.zone}`,
      };
  }),
  each('record-apex-cname', function* ({ record, path }) {
    if (typeOf(record) === 'CNAME' && plainHost(record.name) === plainHost(record.zone))
      yield { path: [...path, 'type'], what: 'the zone itself cannot be a CNAME', instead: 'write type: A with addresses' };
  }),
  rule('record-name-distinct', ['records'], function* ({ config }) {
    const all = records(config);
    for (const [at, { record, path }] of all.entries()) {
      const clash = all
        .slice(0, at)
        .find(
          (other) => plainHost(other.record.name) === plainHost(record.name) && clashes(typeOf(other.record), typeOf(record)),
        );
      if (clash !== undefined)
        yield {
          path: [...path, 'name'],
          what: `the record ${clash.id} answers for ${record.name} too`,
          instead: 'write another name',
        };
    }
  }),
  each('role-missing', function* ({ record, path }) {
    if (policyOf(record) !== 'failover') return;
    for (const [at, { role }] of record.members.entries()) {
      if (role === undefined)
        yield {
          path: member(path, at),
          what: 'a member of a failover record needs a role',
          instead: 'write role: primary or role: secondary',
        };
    }
  }),
  each('role-without-failover', function* ({ record, path }) {
    if (policyOf(record) === 'failover') return;
    for (const [at, { role }] of record.members.entries()) {
      if (role !== undefined)
        yield {
          path: member(path, at, 'role'),
          what: `a ${policyOf(record)} record has no roles`,
          instead: 'remove it, or write policy: failover',
        };
    }
  }),
  each('role-both', function* ({ record, path }) {
    const roles = record.members.map(({ role }) => role);
    if (policyOf(record) !== 'failover' || roles.length < 2 || roles.includes(undefined)) return;
    for (const role of ['primary', 'secondary'] as const) {
      if (!roles.includes(role))
        yield { path: [...path, 'members'], what: `no member is ${role}`, instead: `give one member role: ${role}` };
    }
  }),
  each('role-zone-id', function* ({ record, path }) {
    if (policyOf(record) !== 'failover' || record.zoneId !== undefined) return;
    const role = (['primary', 'secondary'] as const).find(
      (role) => record.members.filter((each) => each.role === role).length > 1,
    );
    if (role !== undefined)
      yield { path, what: `several members are ${role}, for which the zone's id is needed`, instead: 'write zoneId: Z…' };
  }),
  each('weight-without-weighted', function* ({ record, path }) {
    if (policyOf(record) === 'weighted') return;
    for (const [at, { weight }] of record.members.entries()) {
      if (weight !== undefined)
        yield {
          path: member(path, at, 'weight'),
          what: `a ${policyOf(record)} record has no weights`,
          instead: 'remove it, or write policy: weighted',
        };
    }
  }),
  each('weight-all-zero', function* ({ record, path }) {
    if (policyOf(record) === 'weighted' && record.members.length > 0 && record.members.every(({ weight }) => weight === 0)) {
      yield { path: [...path, 'members'], what: 'every weight is 0', instead: 'give at least one member a weight' };
    }
  }),
  each('multivalue-cname', function* ({ record, path }) {
    // Route 53 developer guide, "Multivalue answer routing": not for CNAME records.
    if (policyOf(record) === 'multivalue' && typeOf(record) === 'CNAME')
      yield { path: [...path, 'policy'], what: 'a CNAME cannot be multivalue', instead: 'write policy: weighted' };
  }),
  each('guard-min-in-service', function* ({ record, path }) {
    const min = record.guard?.minInService ?? DEFAULTS.guard.minInService;
    const count = record.members.length;
    if (count >= 2 && min >= count)
      yield {
        path: [...path, 'guard', 'minInService'],
        what: `with ${count} members, ${min} others can never be in service`,
        instead: `write at most ${count - 1}`,
      };
  }),
  rule('requires-known', ['nodes', 'templates', 'records'], function* ({ config, checks }) {
    const known = new Set(checks.map(({ node, id }) => `${node}/${id}`));
    for (const { record, path } of records(config)) {
      for (const [at, id] of (record.requires ?? []).entries()) {
        const without = record.members.find(({ node }) => has(config.nodes, node) && !known.has(`${node}/${id}`));
        if (without !== undefined)
          yield {
            path: [...path, 'requires', at],
            what: `the member ${without.node} has no check ${id}`,
            instead: 'write the id of a check that every member has',
          };
      }
    }
  }),
  each('requires-none', function* ({ record, path }) {
    if (record.requires?.length === 0)
      yield {
        path: [...path, 'requires'],
        what: 'no check decides service',
        instead: 'write ids of checks, or leave requires out',
      };
  }),
  rule('member-watched', ['nodes', 'templates', 'records'], function* ({ config, checks }) {
    for (const { record, path } of records(config)) {
      if (record.requires !== undefined) continue;
      for (const [at, { node }] of record.members.entries()) {
        const own = checks.filter((entry) => entry.node === node);
        if (own.length > 0 && !own.some((entry) => decidesByDefault(entry, own))) {
          yield {
            path: member(path, at, 'node'),
            what: `the node ${node} has heartbeats alone, which decide only if named`,
            instead: 'write requires: with their ids',
          };
        }
      }
    }
  }),
  rule('requires-own-name', ['nodes', 'records'], function* (configuration) {
    const targets = [...endpoints(configuration)];
    const looksFor = (name: string, node: string) =>
      configuration.checks
        .filter((each) => each.id === name && each.node === node)
        .flatMap((each) => looksOf(each, configuration.checks));
    for (const { record, id } of records(configuration.config)) {
      for (const { entry, endpoint } of targets) {
        const decides =
          record.requires === undefined || record.requires.some((name) => looksFor(name, entry.node).includes(entry));
        const isMember = record.members.some(({ node }) => node === entry.node);
        const pinned = 'resolve' in entry.check && entry.check.resolve !== undefined;
        if (!decides || !isMember || pinned || endpoint.host !== plainHost(record.name)) continue;
        yield {
          path: endpoint.path,
          what: `the check ${entry.id} asks the name of the record ${id}: it would judge whoever serves`,
          instead: "write the node's own host, or resolve: with its address in the check",
        };
      }
    }
  }),
];

const clashes = (a: string, b: string): boolean => a === b || a === 'CNAME' || b === 'CNAME';
