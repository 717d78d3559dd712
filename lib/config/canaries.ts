import type { Check } from '../core/cell.ts';
import type { Configuration } from './configuration.ts';
import { DEFAULTS } from './defaults.ts';

/** A healthy link answers in a fraction of this. */
const TIMEOUT_MS = 2_000;

/**
 * The places that every vantage looks at in every run, to know whether its own link works: the configured ones, on AWS three by
 * default. Any HTTP answer will do. Their keys have no node, so no check has the same.
 */
export function resolveCanaries({ config, target }: Configuration): Check[] {
  const urls = config.canaries ?? (target === 'aws' ? DEFAULTS.canaries : []);
  return urls.map(
    (url): Check => ({
      key: `/${url}`,
      node: '',
      id: new URL(url).host,
      hash: '',
      intervalMs: 0,
      timeoutMs: TIMEOUT_MS,
      attempts: 1,
      downForMs: 0,
      recover: 1,
      vantages: [],
      quorum: 0,
      severity: DEFAULTS.check.severity,
      probe: {
        kind: 'http',
        url,
        method: 'GET',
        headers: {},
        redirects: 0,
        allowPrivate: false,
        expect: { status: [[200, 599]], body: { contains: [], notContains: [] }, json: [], time: {}, certificate: {} },
      },
    }),
  );
}
