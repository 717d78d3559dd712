import type { Cell, Check, GuardSpec, RecordSpec, Severity } from '../core/cell.ts';
import { CANARIES, drawExtras, type Extras, withExtras } from './extras.ts';
import type { Random } from './random.ts';

/** What a roll-out may bring of records alone: vantages ask the same as before, and do not know of it. */
const RECORD_CHANGES = ['member removed', 'roles swapped'] as const;

/** What a roll-out may bring; the hash of such a configuration ends so. */
export const CHANGES = ['check changed', 'vantage added', 'vantage removed', 'node removed', ...RECORD_CHANGES] as const;
type Change = (typeof CHANGES)[number];

/** A random cell, and the configurations that may be rolled out over it: the first is the one that it starts with. */
export function createCells(random: Random, vantages: number): Cell[] {
  const shape = createShape(random, vantages);
  const make = (of: Shape, variant: Change | ''): Cell => withExtras(cellOf(of, variant), shape.extras);
  const base = make(shape, '');
  const change = (to: Partial<Shape>, name: Change): Cell => make({ ...shape, ...to }, name);
  const cells = [base, change({ changed: true }, 'check changed'), change({ size: vantages + 1 }, 'vantage added')];
  if (shape.nodes.length > 2) cells.push(change({ nodes: shape.nodes.slice(0, -1) }, 'node removed'));
  if (vantages > 3) cells.push(change({ size: vantages - 1 }, 'vantage removed'));
  cells.push(change({ isLastOffRecord: true }, 'member removed'));
  if (shape.hasRoles) cells.push(change({ areRolesSwapped: true }, 'roles swapped'));
  return cells;
}

/** What needs no fence. */
const HOOK_EVENTS = ['page', 'acknowledged', 'recovered', 'flip', 'held'] as const;

interface Shape {
  size: number;
  arbiters: string[];
  nodes: string[];
  ids: string[];
  intervalMs: number;
  /** The last check of every node is looked at so many times less often. */
  slowdown: number;
  recover: number;
  downForMs: number;
  guards: Omit<GuardSpec, 'maxOut'>[];
  outShare: number;
  hasSecondRecord: boolean;
  hasHook: boolean;
  /** Its first record has roles, and hooks that are told them. */
  hasRoles: boolean;
  fenceMs?: number;
  hasCanaries: boolean;
  /** So many more than a majority must agree. */
  beyondMajority: number;
  second: SecondCheck;
  /** Who is still served wakes nobody. */
  hasQuiet: boolean;
  repeatMs: number;
  ackLapsesMs: number;
  extras: Extras;
  /** Its first check asks something else. */
  changed?: boolean;
  /** The last node is no member of the first record any more. */
  isLastOffRecord?: boolean;
  /** The last member is the primary one, and the first is not. */
  areRolesSwapped?: boolean;
}

/** What may be otherwise with the second check of every node. */
interface SecondCheck {
  severity: Severity;
  /** Is it enough to take a member out? */
  isRequired: boolean;
  /** So many vantages do not look at it. */
  unasked: number;
}

function createShape(random: Random, size: number): Shape {
  const guard = (): Omit<GuardSpec, 'maxOut'> => ({
    minInService: random.chance(0.8) ? 1 : 2,
    holdMs: random.pick([0, 30_000, 60_000, 180_000]),
    failback: random.chance(0.8) ? 'auto' : 'manual',
    mode: random.chance(0.9) ? 'act' : 'report',
  });
  const shape = {
    size,
    arbiters: ['a0', 'a1', 'a2'].slice(0, random.pick([1, 1, 1, 2, 2, 2, 3])),
    nodes: ['n0', 'n1', 'n2', 'n3', 'n4'].slice(0, random.pick([2, 2, 2, 2, 2, 3, 4, 5])),
    ids: random.chance(0.7) ? ['api'] : ['api', 'p2p'],
    intervalMs: random.pick([10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 15_000, 30_000]),
    slowdown: random.pick([1, 1, 2, 4]),
    recover: random.pick([1, 2, 2, 3]),
    downForMs: random.pick([0, 5_000, 5_000, 12_000]),
    guards: [guard(), guard()],
    outShare: random.pick([0.2, 0.5, 0.5, 1]),
    hasSecondRecord: random.chance(0.3),
    hasHook: random.chance(0.3),
    hasRoles: random.chance(0.4),
    ...(random.chance(0.6) && { fenceMs: random.pick([30_000, 120_000]) }),
    repeatMs: random.pick([120_000, 300_000]),
    ackLapsesMs: random.pick([180_000, 900_000]),
    // On AWS it has, unless somebody takes them away.
    hasCanaries: random.chance(0.7),
    beyondMajority: size > 3 && random.chance(0.15) ? 1 : 0,
    second: {
      severity: random.pick(['critical', 'critical', 'critical', 'warning', 'info'] as const),
      isRequired: random.chance(0.75),
      unasked: size > 3 && random.chance(0.2) ? 2 : 0,
    },
    hasQuiet: random.chance(0.4),
  };
  const extras = drawExtras(random, shape.intervalMs);
  return { ...shape, extras, ...(extras.group && { ids: ['api', 'p2p'] }) };
}

const isOfRecords = (variant: Change | ''): boolean => RECORD_CHANGES.some((each) => each === variant);

const majority = (voters: number): number => Math.floor(voters / 2) + 1;

function cellOf(shape: Shape, variant: Change | ''): Cell {
  const { size, nodes, ids, intervalMs, slowdown, second } = shape;
  const vantages = Array.from({ length: size }, (_, index) => `v${index}`);
  const quorum = majority(size) + shape.beyondMajority;
  const checks = nodes.flatMap((node) =>
    ids.map((id, index): Check => {
      const isSecond = index > 0;
      const voters = isSecond ? vantages.slice(second.unasked) : vantages;
      const key = `${node}/${id}`;
      return {
        key,
        node,
        id,
        hash: `${key} of ${size}${shape.changed && key === 'n0/api' ? ', changed' : ''}`,
        intervalMs: isSecond ? slowdown * intervalMs : intervalMs,
        timeoutMs: 2_000,
        attempts: 2,
        downForMs: shape.downForMs,
        recover: shape.recover,
        vantages: voters,
        quorum: voters === vantages ? quorum : majority(voters.length),
        severity: isSecond ? second.severity : 'critical',
        probe: { kind: 'tcp', host: `${node}.example`, port: 80, allowPrivate: false, expect: { time: {} } },
      };
    }),
  );
  const members = [shape.isLastOffRecord ? nodes.slice(0, -1) : nodes, ...(shape.hasSecondRecord ? [nodes.slice(0, 2)] : [])];
  return {
    name: 'simulated',
    title: 'simulated',
    vantages,
    arbiters: shape.arbiters,
    intervalMs,
    tickMs: 60_000,
    quorum,
    nodes: nodes.map((id) => ({ id, checks: ids.map((check) => `${id}/${check}`).sort(), dependsOn: [] })),
    checks: checks.sort((one, other) => (one.key < other.key ? -1 : 1)),
    records: members.map((list, index) => recordOf(shape, `r${index}`, list, shape.guards[index])),
    paging: {
      configured: true,
      regions: ['p0', 'p1'],
      timezone: 'UTC',
      tiers: [0, 120_000].map((afterMs) => ({ afterMs, sms: [], email: ['ops@example.org'], https: [], hooks: [] })),
      quiet: shape.hasQuiet ? [{ afterMs: 0, sms: [], email: ['team@example.org'], https: [], hooks: [] }] : [],
      repeatMs: shape.repeatMs,
      ackLapsesMs: shape.ackLapsesMs,
    },
    hooks: [
      ...(shape.hasHook ? [{ id: 'chat', events: [...HOOK_EVENTS], nodes: [], url: 'https://chat.example' }] : []),
      ...(shape.hasRoles ? [{ id: 'role', events: ['role' as const], nodes: [], url: 'https://role.example' }] : []),
    ],
    silences: [],
    canaries: shape.hasCanaries ? [...CANARIES] : [],
    probeHash: `probes of ${size}, ${nodes.length} nodes ${isOfRecords(variant) ? '' : variant}`,
    configHash: `configuration of ${size}, ${nodes.length} nodes ${variant}`,
  };
}

function recordOf(
  { outShare, ids, hasRoles, fenceMs, areRolesSwapped, second }: Shape,
  id: string,
  nodes: string[],
  guard: Omit<GuardSpec, 'maxOut'> | undefined,
): RecordSpec {
  const isFailover = hasRoles && id === 'r0';
  const primary = areRolesSwapped ? nodes.length - 1 : 0;
  return {
    id,
    name: `${id}.example.org`,
    zone: 'example.org',
    type: 'A',
    ttlMs: 30_000,
    policy: isFailover ? 'failover' : 'multivalue',
    requires: second.isRequired ? ids : ids.slice(0, 1),
    members: nodes.map((node, index) => ({
      node,
      value: `192.0.2.${index + 1}`,
      ...(isFailover && { role: index === primary ? ('primary' as const) : ('secondary' as const) }),
    })),
    ...(isFailover && fenceMs !== undefined && { fence: { timeoutMs: fenceMs } }),
    guard: {
      minInService: 1,
      holdMs: 60_000,
      failback: 'auto',
      mode: 'act',
      ...guard,
      maxOut: Math.max(1, Math.floor(nodes.length * outShare)),
    },
  };
}
