/** Cells whose nodes are of a chain, and what a vantage sees of them. */
import type { Cell, ChainExpect, ChainKind } from '../../lib/core/cell.ts';
import type { Observation, Run } from '../../lib/core/merge.ts';
import { cellOf, INTERVAL_MS, START_MS } from './invariants/world.ts';

const AGE_MS = 60_000;
const LIMITS = { headAge: { downMs: AGE_MS }, blocksBehind: { degraded: 8, down: 16 } };

/** A cell whose nodes are watched by one check of a chain each. */
export function chainCell(
  nodes: string[],
  expect: Partial<ChainExpect> = LIMITS,
  producer?: string,
  kind: ChainKind = 'eosio',
): Cell {
  const none = {
    headAge: {},
    blocksBehind: {},
    irreversibleLag: {},
    missed: {},
    peers: {},
    participation: {},
    time: {},
    certificate: {},
  };
  const probe = {
    kind,
    url: 'http://node.example',
    headers: {},
    redirects: 3,
    allowPrivate: false,
    expect: { ...none, ...expect },
  };
  return cellOf({
    nodes: Object.fromEntries(nodes.map((node) => [node, ['chain']])),
    checks: Object.fromEntries(nodes.map((node) => [`${node}/chain`, { probe: { ...probe, ...(producer && { producer }) } }])),
  });
}

/** Seconds after the start, in ms since 1970. */
export const at = (seconds: number) => START_MS + seconds * 1_000;

/** What there is to see of a node. */
export interface Sight {
  height?: number;
  /** Of the newest block, seconds. @default 1 */
  age?: number;
  /** When it was seen, seconds. @default when the round began */
  at?: number;
  /** Empty: the node does not say. */
  chainId?: string;
  misses?: number;
  produced?: number;
  /** Something is wrong that its facts do not say. */
  wrong?: 'connect-refused' | 'peers' | 'unfinished';
}

/** What a probe says of a node: its own limits judged, its facts given. */
function observe(
  seconds: number,
  { height = 100, age = 1, at: seenAt = seconds, chainId = 'aca3', misses, produced, wrong }: Sight,
): Observation {
  const observedAt = at(seenAt);
  if (wrong === 'unfinished') return { vote: 'abstain', reason: wrong, observedAt };
  if (wrong === 'connect-refused') return { vote: 'down', reason: wrong, detail: 'connection refused', observedAt };
  const facts = {
    height,
    headAt: observedAt - age * 1_000,
    ...(chainId !== '' && { chainId }),
    ...(misses !== undefined && { misses }),
    ...(produced !== undefined && { produced }),
  };
  if (wrong === 'peers') return { vote: 'down', reason: 'peers', detail: '0 peers', observedAt, facts };
  if (age * 1_000 >= AGE_MS) return { vote: 'down', reason: 'head-age', detail: 'the newest block is old', observedAt, facts };
  return { vote: 'up', reason: 'ok', observedAt, facts };
}

/** A round that sees this, by node. */
export const round = (seconds: number, sights: Record<string, Sight>): Run => ({
  kind: 'round',
  startedAt: at(seconds),
  intervalsMs: [INTERVAL_MS],
  seen: new Map(Object.entries(sights).map(([node, sight]) => [`${node}/chain`, observe(seconds, sight)])),
});

/** A second opinion on one node. */
export const opinion = (seconds: number, node: string, sight: Sight): Run => ({
  kind: 'opinion',
  seen: new Map([[`${node}/chain`, observe(seconds, sight)]]),
});
