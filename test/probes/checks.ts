import type { Check, HttpExpect, HttpSpec, TcpSpec } from '../../lib/core/cell.ts';
import type { ProbeResult } from '../../lib/ports.ts';
import { createDial, type DialOptions } from '../../lib/probes/dial.ts';
import { createProbe, type ProbeOptions } from '../../lib/probes/index.ts';

export type Common = Partial<Pick<Check, 'timeoutMs' | 'attempts' | 'node' | 'id'>>;
type HttpParts = Partial<Omit<HttpSpec, 'kind' | 'url' | 'expect'>> & { expect?: Partial<HttpExpect> };

/** A check of any kind, asked once. */
export function check(probe: Check['probe'], { node = 'eu1', id = 'api', timeoutMs = 2_000, attempts = 1 }: Common): Check {
  return {
    key: `${node}/${id}`,
    node,
    id,
    hash: 'h',
    intervalMs: 30_000,
    timeoutMs,
    attempts,
    downForMs: 5_000,
    recover: 2,
    vantages: ['eu-west-1'],
    quorum: 1,
    severity: 'critical',
    probe,
  };
}

/** A GET that expects 2xx and follows five redirects, unless told otherwise. */
export function httpCheck(url: string, { expect = {}, ...parts }: HttpParts = {}, common: Common = {}): Check {
  const defaults = { kind: 'http' as const, url, method: 'GET', headers: {}, redirects: 5, allowPrivate: false };
  const expectations: HttpExpect = {
    status: [[200, 299]],
    body: { contains: [], notContains: [] },
    json: [],
    time: {},
    certificate: {},
    ...expect,
  };
  return check({ ...defaults, ...parts, expect: expectations }, common);
}

export function tcpCheck(host: string, port: number, parts: Partial<TcpSpec> = {}, common: Common = {}): Check {
  return check({ kind: 'tcp', host, port, allowPrivate: false, expect: { time: {} }, ...parts }, common);
}

/** One look, without timings: they differ each time. */
export async function look(of: Check, options: DialOptions & Partial<ProbeOptions> = {}): Promise<Omit<ProbeResult, 'timings'>> {
  const { timings: _, ...verdict } = await lookTimed(of, options);
  return verdict;
}

export function lookTimed(of: Check, options: DialOptions & Partial<ProbeOptions> = {}): Promise<ProbeResult> {
  const secret = async () => {
    throw new Error('no secrets in this test');
  };
  const probe = createProbe({ dial: createDial(options), resolveText: secret, ...options });
  return probe(of, new AbortController().signal);
}
