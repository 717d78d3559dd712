import type { Check, GroupSpec } from '../core/cell.ts';
import type { Configuration, NodeCheck } from './configuration.ts';
import { hashOf } from './hash.ts';
import { checkOf, idsOf } from './resolve-checks.ts';
import type { CheckConfig } from './schema.ts';

/** Checks that are made of others: `any` and `all`. */

export type GroupConfig = Extract<CheckConfig, { type: 'any' | 'all' }>;
export type GroupEntry = NodeCheck & { check: GroupConfig };

export const isGroupEntry = (entry: NodeCheck): entry is GroupEntry => entry.check.type === 'any' || entry.check.type === 'all';

/** The checks that a group names, as far as its node has them. */
export const partsOf = ({ node, check }: GroupEntry, checks: readonly NodeCheck[]): NodeCheck[] =>
  check.of.flatMap((id) => checks.find((each) => each.node === node && each.id === id) ?? []);

/** Does a group of its node speak for this check? */
export const isPart = ({ node, id }: NodeCheck, checks: readonly NodeCheck[]): boolean =>
  checks.some((each) => each.node === node && isGroupEntry(each) && each.check.of.includes(id));

/** What is looked at for a check: itself, or what a group's parts come to. A group that is its own part adds nothing. */
export function looksOf(entry: NodeCheck, checks: readonly NodeCheck[], above: readonly NodeCheck[] = []): NodeCheck[] {
  if (!isGroupEntry(entry)) return [entry];
  if (above.includes(entry)) return [];
  return partsOf(entry, checks).flatMap((part) => looksOf(part, checks, [...above, entry]));
}

/** Groups with nothing left to fill in: `looked` are the checks of all other kinds. */
export function resolveGroups(configuration: Configuration, looked: readonly Check[]): Check[] {
  const { checks } = configuration;
  const known = new Map(looked.map((check) => [check.key, check]));
  const make = (entry: GroupEntry): Check => {
    const key = `${entry.node}/${entry.id}`;
    const parts = partsOf(entry, checks).flatMap((part) => {
      if (isGroupEntry(part)) return [known.get(`${part.node}/${part.id}`) ?? make(part)];
      return idsOf(part).flatMap((id) => known.get(`${part.node}/${id}`) ?? []);
    });
    const group = groupOf(entry, parts, configuration);
    known.set(key, group);
    return group;
  };
  const entries = checks.filter(isGroupEntry);
  return entries.map((entry) => known.get(`${entry.node}/${entry.id}`) ?? make(entry));
}

/** Its question is also that of its parts, so their hashes are in its own. It takes as long as the slowest of them, tried as often as allowed. */
function groupOf(entry: GroupEntry, parts: readonly Check[], configuration: Configuration): Check {
  const probe: GroupSpec = { kind: entry.check.type, of: parts.map(({ key }) => key) };
  const group = checkOf(entry, entry.id, probe, configuration);
  return {
    ...group,
    hash: hashOf([group.hash, parts.map(({ hash }) => hash)]),
    attempts: 1,
    timeoutMs: Math.max(...parts.map(({ attempts, timeoutMs }) => attempts * timeoutMs)),
  };
}
