/**
 * What one vantage makes of the facts of its looks: heads of the nodes of one chain against one another, misses of a producer
 * against the round before. The vote that it casts says so, and a quorum of such votes decides as over any other: a vantage that
 * lies moves its own vote alone, and evidence needs no second reading.
 */
import type { Ballot, CastVote, Head } from './ballot.ts';
import { type Cell, type ChainSpec, type Check, isChain, type Limits } from './cell.ts';
import { judgeAwaited } from './heartbeats.ts';
import type { Observation } from './merge.ts';
import type { ReasonCode } from './reasons.ts';
import { freshMs } from './schedule.ts';

type Facts = NonNullable<CastVote['facts']>;
type Heads = NonNullable<Ballot['heads']>;

/** The reference, one to vouch for it, and the node itself: more heads of a chain change no vote. */
const KEPT_HEADS = 3;
/** Looks of one run are at most about so far apart; what was seen later says nothing of what a node should have had. */
const SAME_LOOK_MS = 1_000;
/** EOSIO: 21 producers make 12 blocks in a row each (EOSIO developer documentation, "Consensus protocol"). */
const TURN_BLOCKS = 12;
const SCHEDULE_BLOCKS = 21 * TURN_BLOCKS;

/** The chain that these facts are of; heads are compared within one. */
const chainOf = ({ kind }: ChainSpec, { chainId = '' }: Facts): string => `${kind}/${chainId}`;

/** Older heads say nothing: a node that once was wrong may long be right, and nobody looked. */
const headLifeMs = (cell: Cell): number =>
  Math.max(0, ...cell.checks.filter(({ probe }) => isChain(probe)).map((check) => freshMs(cell, check)));

/** Every head that a vantage knows: of this run, and of those before that are fresh beside it. By chain. */
export function headsKnown(cell: Cell, before: Heads, seen: ReadonlyMap<string, Observation>): Heads {
  const since = Math.max(...[...seen.values()].map(({ observedAt }) => observedAt)) - headLifeMs(cell);
  const fresh = Object.entries(before).map(([chain, known]) => [chain, known.filter(({ seenAt }) => seenAt >= since)]);
  const heads: Heads = Object.fromEntries(fresh);
  for (const { key, node, probe } of [...cell.checks, ...(cell.references ?? [])]) {
    const { facts, observedAt = 0 } = seen.get(key) ?? {};
    if (!isChain(probe) || typeof facts?.height !== 'number' || typeof facts.headAt !== 'number') continue;
    const chain = chainOf(probe, facts);
    heads[chain] = [...(heads[chain] ?? []), { node, height: facts.height, headAt: facts.headAt, seenAt: observedAt }];
  }
  return heads;
}

/** What of them the ballot keeps for the next run: the newest look at each node, and of these the highest few of each chain. */
export function headsToKeep(heads: Heads): Heads {
  const highest = (all: Head[]): Head[] => newestOfEach(all).sort((a, b) => b.height - a.height);
  const kept = Object.entries(heads).map(([chain, all]): [string, Head[]] => [chain, highest(all).slice(0, KEPT_HEADS)]);
  return Object.fromEntries(kept.filter(([, all]) => all.length > 0));
}

const newestOfEach = (heads: readonly Head[]): Head[] => bestOfEach(heads, (a, b) => a.seenAt - b.seenAt);

/** Of each node the head that is greatest in this order. */
const bestOfEach = (heads: readonly Head[], order: (a: Head, b: Head) => number): Head[] => [
  ...new Map(heads.toSorted(order).map((head) => [head.node, head])).values(),
];

interface Finding {
  vote: 'degraded' | 'down';
  reason: ReasonCode;
  detail: string;
}

/** What was seen of a check of a chain, judged by its facts too; `before` is what this vantage said last. Other checks stay as they are. */
export function judgeFacts(check: Check, seen: Observation, before: CastVote | undefined, heads: Heads): Observation {
  const { probe } = check;
  if (probe.kind === 'heartbeat') return judgeAwaited(seen, before);
  if (!isChain(probe)) return seen;
  const facts = remember(check, seen, before?.facts ?? {});
  const known = Object.keys(facts).length > 0 ? { ...seen, facts } : seen;
  if (!seen.facts) return known;
  const others = Object.values(heads[chainOf(probe, facts)] ?? {}).filter(({ node }) => node !== check.node);
  const excused = isHalted(probe, known, newestOfEach(others)) ? halted(known) : known;
  return [...judgeLag(probe, known, others), ...judgeMisses(probe, facts)].reduce(worsen, excused);
}

const SEVERITY = { up: 0, degraded: 1, down: 2, abstain: 3 } as const;

function worsen(seen: Observation, { vote, reason, detail }: Finding): Observation {
  const isWorse = SEVERITY[vote] > SEVERITY[seen.vote];
  const details = isWorse ? [detail, seen.detail] : [seen.detail, detail];
  return { ...seen, ...(isWorse && { vote, reason }), detail: details.filter((each) => each).join('; ') };
}

/**
 * Blocks behind the other nodes, as far as they had been seen before. Where two or more are known, a head counts only when two
 * have reached it: one node with a wrong head makes no other look late.
 */
function judgeLag({ expect }: ChainSpec, { facts = {}, observedAt }: Observation, others: readonly Head[]): Finding[] {
  const earlier = others.filter(({ seenAt }) => seenAt <= observedAt + SAME_LOOK_MS);
  const highest = bestOfEach(earlier, (a, b) => a.height - b.height).sort((a, b) => b.height - a.height);
  const reference = highest[1] ?? highest[0];
  if (!reference) return [];
  const lag = reference.height - Number(facts.height);
  return atMost('behind', expect.blocksBehind, lag, `${lag} blocks behind ${reference.node}`);
}

/** Is nothing wrong but the head's age, and every other node's head as old? Then it is the chain that stands still, not this node. */
function isHalted({ expect }: ChainSpec, { vote, reason, facts = {} }: Observation, others: readonly Head[]): boolean {
  const limitMs = expect.headAge.downMs ?? Number.POSITIVE_INFINITY;
  if (vote !== 'down' || reason !== 'head-age' || others.length === 0) return false;
  const isOld = ({ seenAt, headAt }: Head) => seenAt - headAt >= limitMs;
  // A node that had stopped before the others did stays down.
  const keepsUp = ({ headAt }: Head) => headAt - Number(facts.headAt) < limitMs;
  return others.every((head) => isOld(head) && keepsUp(head));
}

/** Degraded, for no other node serves better: taking it out would help nobody. */
const halted = (seen: Observation): Observation => ({
  ...seen,
  vote: 'degraded',
  reason: 'chain-halted',
  detail: `chain halted: ${seen.detail}; no other node has a newer one`,
});

/** What the next look must know: misses are seen in what grew, and count from then on for a round, whoever looks again meanwhile. */
function remember(check: Check, { facts = {}, observedAt }: Observation, before: Facts): Facts {
  const now: Facts = { ...countTurns(facts, before), ...facts };
  const { misses = before.misses } = now;
  if (typeof misses !== 'number') return now;
  now.misses = misses;
  const grown = misses - Number(before.misses ?? misses);
  if (grown > 0) return { ...now, missed: grown, missedAt: observedAt };
  const isRecent = observedAt - Number(before.missedAt ?? Number.NEGATIVE_INFINITY) < check.intervalMs + check.downForMs;
  return isRecent ? { ...now, missed: Number(before.missed), missedAt: Number(before.missedAt) } : now;
}

/** EOSIO counts what a producer produced: nothing in the length of two schedules is a turn that it missed. */
function countTurns(facts: Facts, before: Facts): Facts {
  const { produced = before.produced, height = before.height } = facts;
  if (produced === undefined) return {};
  const { misses = 0 } = before;
  const producedAt = Number(produced === before.produced ? (before.producedAt ?? height) : height);
  if (Number(height) - producedAt < 2 * SCHEDULE_BLOCKS) return { produced, misses, producedAt };
  return { produced, misses: Number(misses) + TURN_BLOCKS, producedAt: producedAt + SCHEDULE_BLOCKS };
}

function judgeMisses({ producer, expect }: ChainSpec, { missed }: Facts): Finding[] {
  const count = Number(missed);
  return atMost('missed', expect.missed, count, `${producer} missed ${count} more block${count > 1 ? 's' : ''}`);
}

function atMost(reason: ReasonCode, limits: Limits, seen: number, words: string): Finding[] {
  const { degraded = Number.POSITIVE_INFINITY, down = Number.POSITIVE_INFINITY } = limits;
  const found = (vote: Finding['vote'], limit: number) => [{ vote, reason, detail: `${words}, expected fewer than ${limit}` }];
  if (seen >= down) return found('down', down);
  return seen >= degraded ? found('degraded', degraded) : [];
}

/** Must a vote stay listed for what it remembers, although it is plainly up? */
export const hasMemory = (facts: CastVote['facts']): boolean => facts?.misses !== undefined || facts?.awaitedSince !== undefined;
