import type { Check } from '../core/cell.ts';
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

/** The checks of an entry, with nothing left to fill in; none when its kind does not work yet. */
export function resolveChecks(entry: NodeCheck, configuration: Configuration): Check[] {
  const ids = idsOf(entry);
  if (ids.length === 1) return [resolveCheck(entry, configuration) ?? []].flat();
  return VERSIONS.flatMap((ipVersion, at) => {
    const check = { ...entry.check, ipVersion } as CheckConfig;
    return resolveCheck({ ...entry, id: ids[at] ?? entry.id, check }, configuration) ?? [];
  });
}

function resolveCheck(entry: NodeCheck, { config, intervalMs }: Configuration): Check | undefined {
  const { node, id, check } = entry;
  const probe = probeOf(entry, config.nodes[node] ?? {});
  if (probe === undefined) return undefined;
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
