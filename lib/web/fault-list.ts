import type { Cell } from '../core/cell.ts';
import type { Fault } from '../local/faults.ts';

export const PATH_EFFECTS = ['unreachable', 'slow', 'garbage'] as const;
export const VANTAGE_EFFECTS = ['dead', 'isolated', 'late'] as const;
export const SERVICE_EFFECTS = ['table-down', 'table-wiped', 'route53-down', 'sns-down'] as const;

const EFFECTS: readonly string[] = [...PATH_EFFECTS, ...VANTAGE_EFFECTS, ...SERVICE_EFFECTS];

/** The faults of a request's body, or what is wrong with it: `[0].vantage: "x" is not a vantage (write one of …)`. */
export function parseFaults(cell: Cell, body: unknown): { faults: Fault[] } | { error: string } {
  if (!Array.isArray(body)) return { error: 'body: is not a list (write [{"vantage": "*", "node": "*", "effect": "slow"}])' };
  const faults: Fault[] = [];
  for (const [index, entry] of body.entries()) {
    const error = errorOf(cell, entry);
    if (error) return { error: `[${index}]${error}` };
    faults.push(entry);
  }
  return { faults };
}

/** What is wrong with one entry, from its path on; undefined when it is a fault. */
function errorOf(cell: Cell, entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null) return ': is not an object (write {"effect": "table-down"})';
  const { effect, ...rest } = entry as Record<string, unknown>;
  if (typeof effect !== 'string' || !EFFECTS.includes(effect)) return `.effect: ${notOneOf(effect, 'an effect', EFFECTS)}`;
  const wanted: Record<string, { what: string; names: string[] }> = {};
  if (!isOneOf(SERVICE_EFFECTS, effect)) wanted.vantage = { what: 'a vantage', names: ['*', ...cell.vantages] };
  if (isOneOf(PATH_EFFECTS, effect)) wanted.node = { what: 'a node', names: ['*', ...cell.nodes.map(({ id }) => id)] };

  for (const key of Object.keys(rest)) {
    if (!Object.hasOwn(wanted, key)) return `.${key}: does not belong to the effect "${effect}" (leave it out)`;
  }
  for (const [key, { what, names }] of Object.entries(wanted)) {
    const value = rest[key];
    if (typeof value !== 'string' || !names.includes(value)) return `.${key}: ${notOneOf(value, what, names)}`;
  }
  return undefined;
}

const isOneOf = (names: readonly string[], name: string): boolean => names.includes(name);

const notOneOf = (value: unknown, what: string, names: readonly string[]): string =>
  `${value === undefined ? 'is missing' : `${JSON.stringify(value)} is not ${what}`} (write one of ${names.join(', ')})`;
