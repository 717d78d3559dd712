/**
 * Groups, `any` and `all` of other checks. Nobody looks at a group: a vantage looks at its parts and makes one vote of theirs, so
 * that a group costs no look of its own where its parts are due anyway, and knows all that they know (heads, misses, heartbeats).
 */
import type { Cell, Check, GroupSpec } from './cell.ts';
import type { Observation } from './merge.ts';

export type Group = Check & { probe: GroupSpec };

export const isGroup = (check: Check): check is Group => check.probe.kind === 'any' || check.probe.kind === 'all';

/** What is to be looked at for these checks, each once: in place of a group its parts, of parts that are groups theirs. */
export function looksFor(cell: Cell, checks: readonly Check[]): Check[] {
  const all = new Set(checks);
  // What is added is walked over, too.
  for (const each of all) {
    if (!isGroup(each)) continue;
    for (const check of cell.checks) if (each.probe.of.includes(check.key)) all.add(check);
  }
  return [...all].filter((each) => !isGroup(each));
}

/** What was seen, and what that makes of the groups of which every part was. */
export function withGroups(cell: Cell, seen: ReadonlyMap<string, Observation>): ReadonlyMap<string, Observation> {
  const groups = new Map(cell.checks.filter(isGroup).map((group) => [group.key, group]));
  const all = new Map(seen);
  const judge = (key: string): Observation | undefined => {
    const group = groups.get(key);
    if (!group || all.has(key)) return all.get(key);
    const parts = group.probe.of.map((part) => ({ id: part.slice(group.node.length + 1), said: judge(part) }));
    const complete = parts.flatMap(({ id, said }) => (said ? [{ id, said }] : []));
    if (complete.length < parts.length) return undefined;
    const vote = judgeGroup(group.probe, complete);
    all.set(key, vote);
    return vote;
  };
  for (const key of groups.keys()) judge(key);
  return all;
}

interface Part {
  id: string;
  said: Observation;
}

/** The best of the parts is what `any` says, the worst what `all` says; whoever cannot say may be up or down. */
const RANK = { up: 0, degraded: 1, abstain: 2, down: 3 } as const;
const rankOf = ({ said }: Part): number => RANK[said.vote];
/** As long as the detail of a probe. */
const MAX_DETAIL = 200;

/** Its reason is that of the first part which decides; the detail names every part that is not up. */
function judgeGroup({ kind }: GroupSpec, parts: readonly Part[]): Observation {
  const sign = kind === 'all' ? 1 : -1;
  const { vote, reason } = parts.reduce((one, other) => (sign * (rankOf(other) - rankOf(one)) > 0 ? other : one)).said;
  const worstFirst = parts.toSorted((a, b) => rankOf(b) - rankOf(a));
  const bad = worstFirst.filter(({ said }) => said.vote !== 'up');
  // Votes of parts are of slightly different times: none is taken for newer than it is.
  const observedAt = Math.min(...parts.map(({ said }) => said.observedAt));
  return { vote, reason, ...(bad.length > 0 && { detail: detailOf(bad, parts.length) }), observedAt };
}

function detailOf(bad: readonly Part[], of: number): string {
  const words = bad.map(({ id, said }) => `${id} ${said.vote}: ${said.detail ?? said.reason}`);
  const text = `${of - bad.length} of ${of} up; ${words.join('; ')}`;
  return text.length <= MAX_DETAIL ? text : `${text.slice(0, MAX_DETAIL - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
