import type { Check, HttpExpect, ProbeSpec, Threshold, WebSpec } from '../core/cell.ts';
import type { Configuration, NodeCheck } from './configuration.ts';
import { DEFAULTS } from './defaults.ts';
import { durationMs } from './durations.ts';
import { hashOf } from './hash.ts';
import { checkQuorum } from './quorum.ts';
import { chainProbe, isChainConfig } from './resolve-chains.ts';
import type { CheckConfig, Config } from './schema.ts';
import { endpointOf, urlOf } from './target.ts';

type Of<Kind extends CheckConfig['type']> = Extract<CheckConfig, { type: Kind }>;

const listOf = <T>(value: T | T[] | undefined): T[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** A check that works, with nothing left to fill in; absent when its kind does not work yet. */
export function resolveCheck(entry: NodeCheck, { config, intervalMs }: Configuration): Check | undefined {
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

function probeOf(entry: NodeCheck, node: Config['nodes'][string]): ProbeSpec | undefined {
  const { check } = entry;
  if (check.type === 'http') return httpProbe(check, urlOf(entry, node) ?? '');
  if (isChainConfig(check)) return chainProbe(check, webOf(check, urlOf(entry, node) ?? ''));
  if (check.type === 'tcp') return tcpProbe(check, endpointOf(entry, node)?.host ?? '');
  return undefined;
}

/** What every check over HTTP has in common. */
const webOf = (check: Pick<Of<'http'>, 'headers' | 'redirects' | 'allowPrivate'>, url: string): WebSpec => ({
  url,
  headers: check.headers ?? {},
  redirects: check.redirects ?? DEFAULTS.http.redirects,
  allowPrivate: check.allowPrivate ?? DEFAULTS.check.allowPrivate,
});

const httpProbe = (check: Of<'http'>, url: string): ProbeSpec => ({
  kind: 'http',
  ...webOf(check, url),
  method: check.method ?? DEFAULTS.http.method,
  ...(check.body === undefined ? {} : { body: check.body }),
  expect: httpExpect(check.expect ?? {}),
});

const httpExpect = (expect: NonNullable<Of<'http'>['expect']>): HttpExpect => ({
  status: listOf(expect.status ?? DEFAULTS.http.status).map(statusRange),
  body: {
    contains: listOf(expect.body?.contains),
    notContains: listOf(expect.body?.notContains),
    ...(expect.body?.matches === undefined ? {} : { matches: expect.body.matches }),
  },
  json: expect.json ?? [],
  time: threshold(expect.time),
  certificate: threshold(expect.certificate),
});

const statusRange = (status: number | string): [number, number] =>
  typeof status === 'number' ? [status, status] : [Number(status[0]) * 100, Number(status[0]) * 100 + 99];

const tcpProbe = (check: Of<'tcp'>, host: string): ProbeSpec => ({
  kind: 'tcp',
  host,
  port: check.port,
  ...(check.send === undefined ? {} : { send: check.send }),
  allowPrivate: check.allowPrivate ?? DEFAULTS.check.allowPrivate,
  expect: { ...(check.expect?.banner === undefined ? {} : { banner: check.expect.banner }), time: threshold(check.expect?.time) },
});

const threshold = (limits: { degraded?: string | undefined; down?: string | undefined } | undefined): Threshold => ({
  ...(limits?.degraded === undefined ? {} : { degradedMs: durationMs(limits.degraded) }),
  ...(limits?.down === undefined ? {} : { downMs: durationMs(limits.down) }),
});
