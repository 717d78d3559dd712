/** What a page tells beside who and when: gathered from the draft when the page is owed. */
import type { CastVote } from './ballot.ts';
import { memberKey, type RecordSpec } from './cell.ts';
import { checksInTrouble } from './checks.ts';
import { nodesBehind } from './dependencies.ts';
import { spokenNodes } from './digests.ts';
import type { Draft } from './draft.ts';
import { isDrill } from './drill.ts';
import { HOLD_RULES, type HoldRule } from './guard.ts';
import type { Incident, Page, PageVote } from './ledger.ts';
import { tally } from './tally.ts';

type Facts = Pick<Page, 'seenBy' | 'failing' | 'records' | 'together' | 'behind' | 'flapping' | 'text'>;

/** A page is kept until it is sent: it names so many nodes, checks and failures, and counts the others. */
export const NAMED = 20;
const FAILING = 10;
const DETAIL_LENGTH = 200;

/** What is known of an incident now. */
export function factsOf(draft: Draft, incident: Incident): Facts {
  const { cell, ledger } = draft;
  if (incident.closedAs === 'removed') {
    const { node } = incident;
    const text = isDrill(node) ? `the fire drill ${node} is over` : `${node} is no longer configured, its incident is closed`;
    return { failing: [], records: [], text };
  }
  const nodes = spokenNodes(draft, incident);
  const behind = few(nodesBehind(draft, nodes));
  const outages = ledger.outages?.[incident.node];
  return {
    ...(incident.together ? { together: few(nodes) } : seenBy(draft, incident.node)),
    failing: incident.together ? commonFailures(draft, nodes) : failing(draft, incident.node),
    records: cell.records.filter(({ members }) => members.some(({ node }) => nodes.includes(node))).map(recordIn(draft, nodes)),
    ...(behind && { behind }),
    ...(incident.flapping && outages && { flapping: { count: outages.count, since: outages.since } }),
    ...(incident.halt && incident.state !== 'closed' && { text: incident.halt.text }),
  };
}

const few = (nodes: readonly string[]): { count: number; nodes: string[] } | undefined =>
  nodes.length > 0 ? { count: nodes.length, nodes: nodes.slice(0, NAMED) } : undefined;

/** Of the failing check that most vantages see. */
function seenBy(draft: Draft, node: string): Pick<Page, 'seenBy'> {
  const counts = checksInTrouble(draft, node).map(({ key, vantages }) => ({
    down: tally(draft.votes.get(key) ?? {}).down,
    of: vantages.length,
  }));
  const [most] = counts.sort((a, b) => b.down - a.down);
  return most ? { seenBy: most } : {};
}

function failing(draft: Draft, node: string): Page['failing'] {
  return checksInTrouble(draft, node)
    .slice(0, FAILING)
    .map(({ key, id }) => {
      const votes = draft.votes.get(key) ?? {};
      const detail = `${neverPassed(draft, key) ? 'never passed yet: ' : ''}${commonDetail(votes)}`;
      return { check: id, detail, votes: Object.entries(votes).map(voteOf) };
    });
}

/** Has no quorum ever seen this check well, as it is configured now? Then the check may be wrong, and not the node. */
const neverPassed = ({ ledger }: Draft, key: string): boolean => ledger.proving?.checks.includes(key) ?? false;

function voteOf([vantage, { vote, reason, detail, tookMs }]: [string, CastVote]): PageVote {
  return {
    vantage,
    vote,
    reason,
    ...(detail !== undefined && { detail: detail.slice(0, DETAIL_LENGTH) }),
    ...(tookMs !== undefined && { tookMs }),
  };
}

/** What most vantages say is wrong: their reasons can differ. */
function commonDetail(votes: Record<string, CastVote>): string {
  const details = Object.values(votes)
    .filter(({ vote }) => vote === 'down')
    .map(({ detail, reason }) => (detail ?? reason).slice(0, DETAIL_LENGTH));
  return mostFrequent(details)[0]?.[0] ?? 'too few vantages are heard';
}

/** Of several nodes: what fails on most of them, in the words of each. */
function commonFailures(draft: Draft, nodes: readonly string[]): Page['failing'] {
  const all = nodes.flatMap((node) =>
    checksInTrouble(draft, node).map(({ key, id }) => JSON.stringify([id, commonDetail(draft.votes.get(key) ?? {})])),
  );
  return mostFrequent(all)
    .slice(0, FAILING)
    .map(([pair, count]) => {
      const [check, detail] = JSON.parse(pair) as [string, string];
      return { check, detail: count > 1 ? `${detail} (${count} nodes)` : detail };
    });
}

const mostFrequent = (texts: readonly string[]): [text: string, count: number][] =>
  [...Map.groupBy(texts, (text) => text)].map(([text, all]): [string, number] => [text, all.length]).sort((a, b) => b[1] - a[1]);

/** What a record answers while these nodes are in trouble. */
const recordIn =
  ({ ledger }: Draft, nodes: readonly string[]) =>
  ({ id, name, members }: RecordSpec): Page['records'][number] => {
    const entryOf = (node: string) => ledger.members[memberKey(id, node)];
    const isIn = ({ node }: { node: string }) => entryOf(node)?.inService ?? true;
    const troubled = members.filter(({ node }) => nodes.includes(node));
    const entries = troubled.map(({ node }) => entryOf(node));
    const held = entries.find((each) => each?.held)?.held;
    const out = !troubled.some(isIn);
    const why = out ? entries[0]?.why : held && HOLD_RULES[held as HoldRule];
    return {
      name,
      out,
      serves: members
        .filter((member) => !nodes.includes(member.node) && isIn(member))
        .map(({ node }) => node)
        .slice(0, NAMED),
      ...(held && { held }),
      ...(why !== undefined && { why }),
    };
  };
