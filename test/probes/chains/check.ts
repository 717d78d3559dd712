import type { ChainExpect, ChainSpec, Check } from '../../../lib/core/cell.ts';

export const LIMITLESS: ChainExpect = {
  headAge: {},
  blocksBehind: {},
  irreversibleLag: {},
  missed: {},
  peers: {},
  participation: {},
  time: {},
  certificate: {},
};

/** A check of a chain; without expectations it only has to understand the answer. */
export function chainCheck(kind: ChainSpec['kind'], url: string, expect: Partial<ChainExpect> = {}, producer?: string): Check {
  const probe: ChainSpec = {
    kind,
    url,
    headers: {},
    redirects: 3,
    allowPrivate: false,
    ...(producer !== undefined && { producer }),
    expect: { ...LIMITLESS, ...expect },
  };
  return {
    key: 'eu1/chain',
    node: 'eu1',
    id: 'chain',
    hash: 'h',
    intervalMs: 30_000,
    timeoutMs: 2_000,
    attempts: 1,
    downForMs: 5_000,
    recover: 2,
    vantages: ['eu-west-1'],
    quorum: 1,
    severity: 'critical',
    probe,
  };
}
