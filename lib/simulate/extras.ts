/** What only some cells have: chains, heartbeats, groups, nodes that depend on others, and configured silences. */
import type { Cell, ChainExpect, Check, NodeSpec } from '../core/cell.ts';
import type { SilenceSpec } from '../core/telling.ts';
import { BLOCK_MS } from './chain.ts';
import type { Random } from './random.ts';
import { START_MS } from './timeline.ts';

export interface Extras {
  /** Each node has a head, compared with the others'. */
  hasChain: boolean;
  /** What a group says of the plain checks of a node; with a chain, a group of both speaks for all. */
  group?: 'any' | 'all';
  /** The second node tells of itself, in so many rounds once. */
  heartbeat?: { everyRounds: number; isRequired: boolean };
  /** Every node on the first, or each on the one before it. */
  dependsOn?: 'first' | 'before';
  silences: SilenceSpec[];
  /** It asks for fire drills by itself. */
  hasDrills?: boolean;
}

/** The kinds of checks that only such cells have. */
export const RARE_KINDS = ['any', 'all', 'heartbeat', 'eosio'] as const;

/** What such cells hold pages back by. */
export const PAGE_HOLDS = ['silence, again and again', 'silence, once', 'behind another node'] as const;
export type PageHold = (typeof PAGE_HOLDS)[number];

const NONE: Extras = { hasChain: false, silences: [] };
/** Of so many lives one has any of it: each kind makes the others rarer and every round longer. */
const SHARE = 0.2;

export function drawExtras(random: Random, intervalMs: number): Extras {
  if (!random.chance(SHARE)) return NONE;
  return {
    hasChain: random.chance(0.5),
    ...(random.chance(0.5) && { group: random.pick(['any', 'all']) }),
    ...(random.chance(0.5) && { heartbeat: { everyRounds: random.pick([2, 4]), isRequired: random.chance(0.3) } }),
    ...(random.chance(0.5) && { dependsOn: random.pick(['first', 'before']) }),
    silences: random.chance(0.5) ? drawSilences(random, intervalMs) : [],
    hasDrills: random.chance(0.5),
  };
}

const MINUTE_MS = 60_000;

function drawSilences(random: Random, intervalMs: number): SilenceSpec[] {
  const everyMinutes = random.pick([10, 15, 20]);
  const from = START_MS + random.between(10, 150) * intervalMs;
  const again: SilenceSpec = {
    id: 'again',
    nodes: random.pick([[], ['n0']]),
    cron: `*/${everyMinutes} * * * *`,
    timezone: 'UTC',
    forMs: random.pick([1, 3]) * MINUTE_MS,
  };
  return [again, { id: 'once', nodes: ['n0', 'n1'], from, until: from + random.between(10, 40) * intervalMs }];
}

/** What every vantage looks at to know whether its own link works. */
export const CANARIES: readonly Check[] = ['one', 'two', 'three'].map((name) => ({
  key: `/https://${name}.example/`,
  node: '',
  id: `${name}.example`,
  hash: '',
  intervalMs: 0,
  timeoutMs: 2_000,
  attempts: 1,
  downForMs: 0,
  recover: 1,
  vantages: [],
  quorum: 0,
  severity: 'critical',
  probe: { kind: 'tcp', host: `${name}.example`, port: 443, allowPrivate: false, expect: { time: {} } },
}));

export const isCanary = ({ node }: Check): boolean => node === '';

/** The cell with these beside its plain checks. */
export function withExtras(cell: Cell, { hasChain, group, heartbeat, dependsOn, silences, hasDrills }: Extras): Cell {
  const ids = [...new Set(cell.checks.map(({ id }) => id))];
  const steps = [
    ...(hasChain ? [(each: Cell) => withChecks(each, each.nodes, 'chain', chainCheck)] : []),
    ...(group ? [(each: Cell) => withGroup(each, 'service', group, ids)] : []),
    ...(group && hasChain ? [(each: Cell) => withGroup(each, 'whole', 'all' as const, ['service', 'chain'])] : []),
    ...(heartbeat ? [(each: Cell) => withHeartbeat(each, heartbeat)] : []),
  ];
  const extended = steps.reduce((each, step) => step(each), cell);
  const nodes = extended.nodes.map((node, index) => ({ ...node, dependsOn: dependenciesOf(extended.nodes, index, dependsOn) }));
  return { ...extended, nodes, silences, ...(hasDrills && { drills: { cron: '*/20 * * * *', timezone: 'UTC' } }) };
}

function dependenciesOf(nodes: readonly NodeSpec[], index: number, on: Extras['dependsOn']): string[] {
  const other = nodes[on === 'before' ? index - 1 : 0];
  return on && index > 0 && other ? [other.id] : [];
}

type Make = (check: Check, cell: Cell) => Pick<Check, 'hash' | 'probe'> & Partial<Check>;

/** A further check of these nodes, made of each one's first; records require it. */
function withChecks(cell: Cell, nodes: readonly NodeSpec[], id: string, make: Make, isRequired = true): Cell {
  const added = nodes.flatMap(({ id: node }): Check[] => {
    const first = cell.checks.find((check) => check.node === node);
    const check = first && { ...first, key: `${node}/${id}`, id, intervalMs: cell.intervalMs };
    return check ? [{ ...check, ...make(check, cell) }] : [];
  });
  const keys = new Set(added.map(({ key }) => key));
  return {
    ...cell,
    checks: [...cell.checks, ...added].sort((one, other) => (one.key < other.key ? -1 : 1)),
    nodes: cell.nodes.map((node) =>
      keys.has(`${node.id}/${id}`) ? { ...node, checks: [...node.checks, `${node.id}/${id}`].sort() } : node,
    ),
    records: cell.records.map((record) => (isRequired ? { ...record, requires: [...record.requires, id] } : record)),
  };
}

const NO_LIMITS: ChainExpect = {
  headAge: {},
  blocksBehind: {},
  irreversibleLag: {},
  missed: {},
  peers: {},
  participation: {},
  time: {},
  certificate: {},
};

/** Two rounds behind the others, or four without a block. */
const chainCheck: Make = ({ key, intervalMs, vantages, node }) => ({
  hash: `${key} of ${vantages.length}`,
  probe: {
    kind: 'eosio',
    url: `http://${node}.example`,
    headers: {},
    redirects: 3,
    allowPrivate: false,
    expect: {
      ...NO_LIMITS,
      headAge: { downMs: 4 * intervalMs },
      blocksBehind: { degraded: intervalMs / BLOCK_MS, down: (2 * intervalMs) / BLOCK_MS },
    },
  },
});

/** A group speaks for its parts: they have no say in the node's verdict or its records any more. */
function withGroup(cell: Cell, id: string, kind: 'any' | 'all', of: readonly string[]): Cell {
  const grouped = withChecks(cell, cell.nodes, id, ({ node }, { checks }) => {
    const parts = checks.filter((check) => check.node === node && of.includes(check.id));
    return {
      hash: `${kind} of ${parts.map(({ hash }) => hash)}`,
      attempts: 1,
      timeoutMs: Math.max(...parts.map(({ attempts, timeoutMs }) => attempts * timeoutMs)),
      probe: { kind, of: parts.map(({ key }) => key) },
    };
  });
  return {
    ...grouped,
    nodes: grouped.nodes.map((node) => {
      const parts = of.map((each) => `${node.id}/${each}`);
      const checks = node.checks.filter((key) => !parts.includes(key));
      return { ...node, checks, parts: [...(node.parts ?? []), ...parts].sort() };
    }),
    records: grouped.records.map((record) => ({ ...record, requires: record.requires.filter((each) => !of.includes(each)) })),
  };
}

function withHeartbeat(cell: Cell, { everyRounds, isRequired }: NonNullable<Extras['heartbeat']>): Cell {
  const everyMs = everyRounds * cell.intervalMs;
  const make: Make = ({ key, vantages }) => ({
    hash: `${key} of ${vantages.length}`,
    probe: { kind: 'heartbeat', everyMs, graceMs: cell.intervalMs },
  });
  return withChecks(cell, cell.nodes.slice(1, 2), 'job', make, isRequired);
}
