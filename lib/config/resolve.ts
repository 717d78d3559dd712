import type { Cell, Check, GuardSpec, MemberSpec, RecordSpec } from '../core/cell.ts';
import type { HookSpec, PagingSpec, SilenceSpec, TierSpec } from '../core/telling.ts';
import { resolveCanaries } from './canaries.ts';
import type { Configuration } from './configuration.ts';
import { DEFAULTS } from './defaults.ts';
import { durationMs } from './durations.ts';
import { isPart, resolveGroups } from './groups.ts';
import { hashOf } from './hash.ts';
import { quorumOf } from './quorum.ts';
import { resolveReferences } from './resolve-chains.ts';
import { idsOf, resolveChecks } from './resolve-checks.ts';
import { decidesByDefault } from './rules-records.ts';
import type { Config, RecordConfig } from './schema.ts';
import { plainHost } from './target.ts';

const TICK_MS = 60_000;

type PagingConfig = NonNullable<Config['paging']>;

/** The cell of a configuration without faults. */
export function resolve(configuration: Configuration): Cell {
  const { config } = configuration;
  const intervalMs = configuration.intervalMs ?? durationMs(config.interval ?? DEFAULTS.interval);
  const looked = configuration.checks.flatMap((entry) => resolveChecks(entry, configuration));
  const checks = [...looked, ...resolveGroups(configuration, looked)].sort((a, b) => order(a.key, b.key));
  const references = resolveReferences(config, checks);
  const cell: Omit<Cell, 'configHash'> = {
    name: config.name,
    title: config.page?.title ?? config.name,
    ...(config.domain !== undefined && { domain: plainHost(config.domain) }),
    ...(config.page?.public && { publicPage: true as const }),
    vantages: config.vantages,
    arbiters: config.table?.replicas ?? config.vantages.slice(0, 1),
    intervalMs,
    tickMs: configuration.intervalMs === undefined ? TICK_MS : Math.min(TICK_MS, intervalMs),
    quorum: quorumOf(config),
    nodes: Object.entries(config.nodes).map(([id, node]) => ({
      id,
      ...speakers(id, configuration, checks),
      dependsOn: node.dependsOn ?? [],
      ...(node.policy && { policy: node.policy }),
    })),
    checks,
    records: Object.entries(config.records ?? {}).map(([id, record]) => resolveRecord(id, record, configuration)),
    paging: config.paging === undefined ? nobody(config) : resolvePaging(config.paging, config),
    hooks: Object.entries(config.hooks ?? {}).map(([id, hook]): HookSpec => {
      const { events, nodes = [], url, secret, format } = hook;
      return { id, events, nodes, url, ...(secret === undefined ? {} : { secret }), ...(format && { format }) };
    }),
    silences: Object.entries(config.silences ?? {}).map(resolveSilence),
    ...(config.ping !== undefined && { ping: config.ping }),
    ...(config.drills && { drills: { timezone: DEFAULTS.paging.timezone, ...config.drills } }),
    ...(references.length > 0 && { references }),
    canaries: resolveCanaries(configuration),
    probeHash: hashOf({ vantages: config.vantages, checks: checks.map(({ key, hash }) => [key, hash]) }),
  };
  return { ...cell, configHash: hashOf(cell) };
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A check has a say in its node's verdict unless a group speaks for it and no record asks for it by name. */
function speakers(node: string, { config, checks: entries }: Configuration, checks: readonly Check[]) {
  const own = entries.filter((entry) => entry.node === node);
  const required = Object.values(config.records ?? {})
    .filter(({ members }) => members.some((member) => member.node === node))
    .flatMap(({ requires = [] }) => requires);
  const parts = own.filter((entry) => isPart(entry, own) && !required.includes(entry.id)).flatMap(idsOf);
  const keys = (isWanted: (id: string) => boolean) =>
    checks.filter((check) => check.node === node && isWanted(check.id)).map(({ key }) => key);
  return { checks: keys((id) => !parts.includes(id)), ...(parts.length > 0 && { parts: keys((id) => parts.includes(id)) }) };
}

function resolveRecord(id: string, record: RecordConfig, configuration: Configuration): RecordSpec {
  const policy = record.policy ?? DEFAULTS.record.policy;
  return {
    id,
    name: plainHost(record.name),
    zone: plainHost(record.zone),
    ...(record.zoneId === undefined ? {} : { zoneId: record.zoneId }),
    type: record.type ?? DEFAULTS.record.type,
    ttlMs: durationMs(record.ttl ?? DEFAULTS.record.ttl),
    policy,
    requires: requiredChecks(record, configuration),
    members: record.members.map(
      ({ node, value, alias, switch: own, role, weight }): MemberSpec => ({
        node,
        value: value ?? plainHost(alias?.name ?? ''),
        ...(alias && {
          alias: {
            zoneId: alias.zoneId,
            evaluateTargetHealth: alias.evaluateTargetHealth ?? DEFAULTS.record.evaluateTargetHealth,
          },
        }),
        ...(own && { healthCheckId: own.healthCheckId }),
        ...(role === undefined ? {} : { role }),
        ...(policy === 'weighted' ? { weight: weight ?? DEFAULTS.record.weight } : {}),
      }),
    ),
    guard: resolveGuard(record),
    ...(record.fence === 'required' && {
      fence: { timeoutMs: durationMs(record.fenceTimeout ?? DEFAULTS.record.fenceTimeout) },
    }),
  };
}

/** The checks that decide service: the named ones, else those of any member that do by default. */
function requiredChecks(record: RecordConfig, configuration: Configuration): string[] {
  const members = new Set(record.members.map(({ node }) => node));
  const entries = configuration.checks.filter(({ node }) => members.has(node));
  const named = record.requires ?? entries.filter((entry) => decidesByDefault(entry, entries)).map(({ id }) => id);
  return [...new Set(named.flatMap((name) => entries.filter(({ id }) => id === name).flatMap(idsOf)))];
}

function resolveGuard({ guard, members }: RecordConfig): GuardSpec {
  const given = { ...DEFAULTS.guard, ...guard };
  return {
    minInService: given.minInService,
    maxOut:
      typeof given.maxOut === 'number'
        ? given.maxOut
        : Math.max(1, Math.floor((Number.parseInt(given.maxOut, 10) * members.length) / 100)),
    holdMs: durationMs(given.hold),
    failback: given.failback,
    mode: given.mode,
  };
}

function resolvePaging(paging: PagingConfig, config: Config): PagingSpec {
  return {
    configured: true,
    regions: paging.regions ?? config.vantages.slice(0, 2),
    timezone: paging.timezone ?? DEFAULTS.paging.timezone,
    tiers: paging.tiers.map(resolveTier),
    quiet: (paging.quiet ?? []).map(resolveTier),
    repeatMs: durationMs(paging.repeat ?? DEFAULTS.paging.repeat),
    ackLapsesMs: durationMs(paging.ackLapses ?? DEFAULTS.paging.ackLapses),
  };
}

const resolveTier = ({ after, sms = [], email = [], https = [], hooks = [] }: PagingConfig['tiers'][number]): TierSpec => ({
  afterMs: durationMs(after ?? DEFAULTS.paging.after),
  sms,
  email,
  https,
  hooks,
});

const resolveSilence = ([id, silence]: [string, NonNullable<Config['silences']>[string]]): SilenceSpec => {
  const { nodes = [], cron, for: lasts, from, until, timezone } = silence;
  if (cron === undefined) return { id, nodes, from: Date.parse(from ?? ''), until: Date.parse(until ?? '') };
  return { id, nodes, cron, timezone: timezone ?? DEFAULTS.paging.timezone, forMs: durationMs(lasts ?? '0s') };
};

/** Pages exist without anybody to tell: the status page and the local inbox show them. */
const nobody = (config: Config): PagingSpec => ({ ...resolvePaging({ tiers: [{}] }, config), configured: false });
