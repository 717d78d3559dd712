import type { Check, ProbeSpec } from '../core/cell.ts';
import type { Configuration, NodeCheck } from './configuration.ts';
import { DEFAULTS } from './defaults.ts';
import { durationMs } from './durations.ts';
import { hashOf } from './hash.ts';
import { checkQuorum } from './quorum.ts';
import { probeOf } from './resolve-probes.ts';
import type { CheckConfig, Config } from './schema.ts';

const VERSIONS = [4, 6] as const;

/** The ids of the checks that an entry makes: two, `-v4` and `-v6`, of one with `ipVersion: both`. */
export const idsOf = ({ id, check }: Pick<NodeCheck, 'id' | 'check'>): string[] =>
  'ipVersion' in check && check.ipVersion === 'both' ? VERSIONS.map((version) => `${id}-v${version}`) : [id];

/** The checks of an entry of any kind but `any` and `all`, with nothing left to fill in. */
export function resolveChecks(entry: NodeCheck, configuration: Configuration): Check[] {
  const node = configuration.config.nodes[entry.node] ?? {};
  const ids = idsOf(entry);
  return ids.flatMap((id, at) => {
    const check = (ids.length === 1 ? entry.check : { ...entry.check, ipVersion: VERSIONS[at] }) as CheckConfig;
    const probe = probeOf({ ...entry, check }, node);
    return probe === undefined ? [] : [checkOf(entry, id, probe, configuration)];
  });
}

/** What checks of all kinds have in common, around what is asked. */
export function checkOf({ node, check }: NodeCheck, id: string, probe: ProbeSpec, configuration: Configuration): Check {
  const { config, intervalMs } = configuration;
  const defaults = { ...DEFAULTS.check, ...config.defaults };
  const vantages = config.vantages.filter((vantage) => check.vantages?.includes(vantage) ?? true);
  const spec = { intervalMs: cadenceMs(check, config, intervalMs), vantages, quorum: checkQuorum(config, check), probe };
  const own = check as { timeout?: string; attempts?: number };
  return {
    key: `${node}/${id}`,
    node,
    id,
    hash: hashOf(spec),
    timeoutMs: durationMs(own.timeout ?? defaults.timeout),
    attempts: own.attempts ?? defaults.attempts,
    downForMs: durationMs(check.downFor ?? defaults.downFor),
    recover: check.recover ?? defaults.recover,
    severity: check.severity ?? defaults.severity,
    ...spec,
  };
}

/** A check keeps its multiple of the top interval when that is overridden. */
function cadenceMs(check: CheckConfig, config: Config, overrideMs: number | undefined): number {
  const topMs = durationMs(config.interval ?? DEFAULTS.interval);
  const ownMs = check.interval === undefined ? topMs : durationMs(check.interval);
  return overrideMs === undefined ? ownMs : (ownMs / topMs) * overrideMs;
}
