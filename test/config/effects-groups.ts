import type { Cell, Check } from '../../lib/core/cell.ts';
import type { Effect } from './effects.ts';

/** Keys of `any` and `all`. */

const of = (type: string, body: string, pick: (group: Check) => unknown, expected: unknown): Effect => ({
  yaml: `name: effects
vantages: [a, b, c, d, e]
nodes: { eu1: { url: http://127.0.0.1:8080, checks: { api: { type: http }, rpc: { type: http }, it: { type: ${type}, of: [rpc, api], ${body} } } } }
`,
  pick: (cell: Cell) => cell.checks.filter(({ id }) => id === 'it').map(pick)[0],
  expected,
});

const keysOf = (section: string, type: string): Record<string, Effect> => ({
  [`${section}.type`]: of(type, '', ({ probe }) => probe, { kind: type }),
  [`${section}.of`]: of(type, '', ({ probe }) => probe, { of: ['eu1/rpc', 'eu1/api'] }),
  [`${section}.interval`]: of(type, 'interval: 2m', (group) => group.intervalMs, 120_000),
  [`${section}.downFor`]: of(type, 'downFor: 0s', (group) => group.downForMs, 0),
  [`${section}.recover`]: of(type, 'recover: 7', (group) => group.recover, 7),
  [`${section}.vantages`]: of(type, 'vantages: [e, c, a]', (group) => [group.vantages, group.quorum], [['a', 'c', 'e'], 2]),
  [`${section}.quorum`]: of(type, 'quorum: 5', (group) => group.quorum, 5),
  [`${section}.severity`]: of(type, 'severity: info', (group) => group.severity, 'info'),
});

export const GROUP_EFFECTS: Readonly<Record<string, Effect>> = { ...keysOf('AnyCheck', 'any'), ...keysOf('AllCheck', 'all') };
