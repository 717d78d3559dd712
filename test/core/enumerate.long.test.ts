/**
 * Every small situation: what each vantage says × what the ledger knows, for three and five vantages. A tally counts vantages and
 * does not name them, so one order of each profile stands for all of them; that this holds for `decide`, the profiles in every
 * order show, from rest: they must come to what the oracle says, which counts and nothing else.
 */
import { describe, expect, it } from 'vitest';
import type { Ballot, Round } from '../../lib/core/ballot.ts';
import type { Cell } from '../../lib/core/cell.ts';
import { decide } from '../../lib/core/decide.ts';
import type { Inputs, Read } from '../../lib/core/inputs.ts';
import type { CheckEntry, FlipIntent, Ledger, MemberEntry, Verdict } from '../../lib/core/ledger.ts';
import { judgeStep } from '../../lib/simulate/invariants/judge.ts';
import type { Step, Violation } from '../../lib/simulate/invariants/step.ts';
import { ballotOf, castOf, cellOf, checkOf, INTERVAL_MS, ledgerOf, memberOf, START_MS } from './invariants/world.ts';

const NOW = START_MS + 3_600_000;
const SEEN = NOW - 1_000;
const LONG_AGO = NOW - 100_000;

/** What one vantage says of `eu/api`. Stale: its whole ballot, with an old `down` in it. Every second `up` is a listed one. */
const WORDS = ['up', 'degraded', 'down', 'abstain', 'stale', 'missing'] as const;
type Word = (typeof WORDS)[number];
type Profile = readonly Word[];

/** What the ledger knows of `eu/api` before. A blip: nobody's `down` is older than this moment. */
const CHECKS = {
  'no ledger': undefined,
  newborn: undefined,
  'at rest': undefined,
  'at rest, blip': undefined,
  'just changed': { state: 'up', at: NOW - 500 },
  down: { state: 'down', at: LONG_AGO },
  'down, recovering': { state: 'down', at: LONG_AGO, recovery: { count: 1, at: NOW - INTERVAL_MS } },
  'down, just counted': { state: 'down', at: LONG_AGO, recovery: { count: 1, at: NOW - 500 } },
  unknown: { state: 'unknown', at: LONG_AGO },
  partial: { state: 'partial', at: LONG_AGO },
  'soon unknown': { state: 'up', at: LONG_AGO, unknownSince: LONG_AGO },
} satisfies Record<string, CheckEntry | undefined>;
type CheckCase = keyof typeof CHECKS;

const OUT = { inService: false, confirmed: { inService: false, version: 2, at: LONG_AGO } };
/** Where the member of eu is before. */
const MEMBERS = {
  in: undefined,
  'in, on hold': memberOf({ holdUntil: NOW + 30_000 }),
  out: memberOf({ ...OUT, holdUntil: NOW - 1 }),
  'out, on hold': memberOf({ ...OUT, holdUntil: NOW + 30_000, flaps: [NOW - 30_000] }),
  'going out': memberOf({ inService: false, holdUntil: NOW + 30_000, flaps: [NOW - 30_000] }),
} satisfies Record<string, MemberEntry | undefined>;
type MemberCase = keyof typeof MEMBERS;

/** What all who speak say of `us/api`, the other member, for a long time. */
const OTHERS = ['up', 'down', 'unknown'] as const;
type OtherCase = (typeof OTHERS)[number];

interface Situation {
  check: CheckCase;
  member: MemberCase;
  other: OtherCase;
}

const SITUATIONS: Situation[] = (Object.keys(CHECKS) as CheckCase[]).flatMap((check) =>
  (Object.keys(MEMBERS) as MemberCase[]).flatMap((member) => OTHERS.map((other) => ({ check, member, other }))),
);

/** The fewer: every check's state, but all of member and other only where flips are decided. */
const FEWER = SITUATIONS.filter(
  ({ check, member, other }) =>
    ['at rest', 'down', 'down, recovering'].includes(check) || (other === 'up' && (member === 'in' || member === 'out')),
);

function ballotFor(cell: Cell, index: number, word: Word, { check, other }: Situation): Read<Ballot> {
  if (word === 'missing') return 'missing';
  const seen = word === 'stale' ? NOW - 26_001 : SEEN;
  const since = check === 'at rest, blip' ? seen : seen - 20_000;
  const vote = word === 'stale' ? 'down' : word;
  const isListed = word !== 'up' || index % 2 === 1;
  const ofOther = ({ up: undefined, down: 'down', unknown: 'abstain' } as const)[other];
  return ballotOf(cell, cell.vantages[index] ?? '', seen, {
    ...(isListed && { 'eu/api': castOf(checkOf(cell, 'eu/api'), vote, seen, since) }),
    ...(ofOther && { 'us/api': castOf(checkOf(cell, 'us/api'), ofOther, seen, seen - 90_000) }),
  });
}

function ledgerFor(cell: Cell, { check, member, other }: Situation): Read<Ledger> {
  if (check === 'no ledger') return 'missing';
  const entryOfMember = MEMBERS[member];
  const ledger: Ledger = { ...ledgerOf(cell), members: entryOfMember ? { 'api/eu': entryOfMember } : {} };
  if (check === 'newborn') ledger.bornAt = ledger.adoptedAt = NOW - INTERVAL_MS;
  const open = (node: string, state: Verdict, at: number) => {
    const hasIncident = state === 'down' || state === 'unknown';
    ledger.nodes[node] = { state, at, ...(hasIncident && { incident: `incident-${node}` }) };
    if (!hasIncident) return;
    const paging = { tier: 1, attempt: 1, nextAt: NOW + 100_000 };
    ledger.incidents[`incident-${node}`] = { id: `incident-${node}`, node, state, openedAt: at, timeline: [], paging };
  };
  const entry: CheckEntry | undefined = CHECKS[check];
  if (entry) ledger.checks['eu/api'] = { ...entry };
  if (entry && entry.state !== 'up') open('eu', entry.state, entry.at);
  if (other !== 'up') {
    ledger.checks['us/api'] = { state: other, at: LONG_AGO };
    open('us', other, LONG_AGO);
  }
  if (member === 'going out') ledger.intents.push(pendingFlip());
  return ledger;
}

const pendingFlip = (): FlipIntent => ({
  id: 'life-40-0',
  kind: 'flip',
  lane: 'flip/api',
  record: 'api',
  node: 'eu',
  inService: false,
  epoch: 40,
  at: NOW - 30_000,
  tries: 1,
  notBefore: NOW,
});

function stepFor(cell: Cell, profile: Profile, situation: Situation): Step {
  const ballots = cell.vantages.map(
    (each, index) => [each, ballotFor(cell, index, profile[index] ?? 'missing', situation)] as const,
  );
  const inputs: Inputs = { ballots: Object.fromEntries(ballots), acts: 'missing' };
  const before = ledgerFor(cell, situation);
  const me = { arbiter: 'a0', nonce: 'life' };
  const decision = decide(cell, inputs, before, NOW, me);
  return { cell, inputs, before, now: NOW, me, decision, ...(decision.ledger && { after: decision.ledger }) };
}

/** What came of a step for eu: its check's state and its member's flip. */
interface Outcome {
  state: Verdict;
  recovery: number;
  flip?: 'in' | 'out';
  /** Words for the coverage. */
  what: string[];
}

function outcomeOf({ before, after }: Step, { check }: Situation): Outcome {
  const ledger = after ?? (typeof before === 'string' ? undefined : before);
  const entry = ledger?.checks['eu/api'];
  const was = CHECKS[check] ? (CHECKS[check] as CheckEntry).state : 'up';
  const state = entry?.state ?? 'up';
  const flip = after?.intents.find((each) => each.kind === 'flip' && each.node === 'eu' && each.epoch === after.epoch);
  const direction = flip?.kind === 'flip' ? (flip.inService ? 'in' : 'out') : undefined;
  return {
    state,
    recovery: entry?.recovery?.count ?? 0,
    ...(direction && { flip: direction }),
    what: [
      ...(state === was ? [] : [`${was} → ${state}`]),
      ...(direction ? [`flip ${direction}`] : []),
      ...(after?.members['api/eu']?.held ? [`held: ${after.members['api/eu'].held}`] : []),
      ...(was === 'down' && state === 'down' ? [`recovery ${entry?.recovery?.count ?? 0}`] : []),
      ...(after ? [] : ['nothing']),
      ...(before === 'missing' && after ? ['birth'] : []),
    ],
  };
}

/** What must come of it, said as simply as it can be; `undefined` where the rules leave a choice. */
function expected(
  cell: Cell,
  profile: Profile,
  { check, member, other }: Situation,
): { down: boolean; recovery?: number; flip?: 'in' | 'out' | 'none' } {
  const { quorum } = cell;
  const how = (...words: Word[]) => profile.filter((word) => words.includes(word)).length;
  const wasDown = check.startsWith('down');
  const counted = check === 'down' ? 0 : 1;
  if (profile.length - how('stale', 'missing') < quorum)
    return { down: wasDown, flip: 'none', ...(wasDown && { recovery: counted }) };
  const healthy = how('up', 'degraded') >= quorum;
  const failing = how('down') >= quorum;
  const proven = failing && check !== 'at rest, blip' && check !== 'just changed';
  const isNew = check === 'no ledger' || check === 'newborn';
  if (!wasDown) {
    const down = proven;
    if (isNew) return { down, flip: 'none' };
    return { down, flip: flipFor({ down, healthy, failing, member, other }) };
  }
  if (!healthy)
    return { down: true, recovery: failing ? 0 : undefined, flip: flipFor({ down: true, healthy, failing, member, other }) };
  if (check === 'down, recovering') return { down: false, flip: flipFor({ down: false, healthy, failing, member, other }) };
  return { down: true, recovery: 1, flip: flipFor({ down: true, healthy, failing, member, other }) };
}

function flipFor(given: {
  down: boolean;
  healthy: boolean;
  failing: boolean;
  member: MemberCase;
  other: OtherCase;
}): 'in' | 'out' | 'none' | undefined {
  const { down, healthy, failing, member, other } = given;
  if (member === 'in') return down && !healthy && other === 'up' ? 'out' : 'none';
  if (member === 'in, on hold') return 'none';
  if (down || failing) return 'none';
  if (!healthy) return undefined;
  if (member === 'out') return 'in';
  return other === 'down' ? 'in' : 'none';
}

/** Compares one step with judge and oracle; gives what was wrong. */
function faultsOf(step: Step, outcome: Outcome, profile: Profile, situation: Situation): (Violation | string)[] {
  const { down, recovery, flip } = expected(step.cell, profile, situation);
  const faults: (Violation | string)[] = judgeStep(step);
  if ((outcome.state === 'down') !== down) faults.push(`eu/api is ${outcome.state}`);
  if (recovery !== undefined && outcome.state === 'down' && outcome.recovery !== recovery)
    faults.push(`recovery ${outcome.recovery}`);
  if (flip !== undefined && (outcome.flip ?? 'none') !== flip) faults.push(`flip ${outcome.flip}, not ${flip}`);
  return faults.map((fault) => (typeof fault === 'string' ? `oracle: ${fault}` : fault));
}

/** All profiles of this many vantages in every order; or `oneOrder` of each, in the order of `WORDS`. */
function profiles(size: number, oneOrder: boolean, least = 0): Word[][] {
  if (size === 0) return [[]];
  return WORDS.slice(least).flatMap((word, index) =>
    profiles(size - 1, oneOrder, oneOrder ? least + index : 0).map((rest) => [word, ...rest]),
  );
}

interface Found {
  cases: number;
  /** How often each outcome occurred. */
  outcomes: Map<string, number>;
  /** The first few, for a reader. */
  faults: object[];
}

function enumerate(size: number, all: Word[][], situations: Situation[]): Found {
  const cell = cellOf({ vantages: size });
  const found: Found = { cases: 0, outcomes: new Map(), faults: [] };
  for (const situation of situations) {
    for (const profile of all) {
      found.cases++;
      const step = stepFor(cell, profile, situation);
      const outcome = outcomeOf(step, situation);
      for (const what of outcome.what) found.outcomes.set(what, (found.outcomes.get(what) ?? 0) + 1);
      const wrong = faultsOf(step, outcome, profile, situation);
      if (wrong.length > 0 && found.faults.length < 5) found.faults.push({ profile: profile.join(' '), ...situation, wrong });
    }
  }
  return found;
}

/** Outcomes that must have occurred: an enumeration that never saw one has shown nothing about it. */
const INTERESTING = [
  'up → down',
  'unknown → down',
  'partial → down',
  'down → up',
  'down → degraded',
  'unknown → up',
  'unknown → degraded',
  'unknown → partial',
  'partial → up',
  'up → unknown',
  'recovery 0',
  'recovery 1',
  'flip out',
  'flip in',
  'held: minInService',
  'held: hold',
  'held: birth',
  'birth',
  'nothing',
];

describe('decide', () => {
  it.each([
    [3, SITUATIONS, 56 * 165],
    [5, FEWER, 252 * 61],
  ])('is right whatever %i vantages say, from every state', (size, situations, count) => {
    const { cases, outcomes, faults } = enumerate(size, profiles(size, true), situations);
    expect(faults).toEqual([]);
    expect(cases).toBe(count);
    expect([...outcomes.keys()]).toEqual(expect.arrayContaining(INTERESTING));
  });

  it.each([
    [3, 6 ** 3],
    [5, 6 ** 5],
  ])('is right whoever of %i vantages says what, from rest', (size, count) => {
    const { cases, outcomes, faults } = enumerate(size, profiles(size, false), [{ check: 'at rest', member: 'in', other: 'up' }]);
    expect(faults).toEqual([]);
    expect(cases).toBe(count);
    expect([...outcomes.keys()]).toEqual(expect.arrayContaining(['up → down', 'flip out', 'nothing']));
  });
});

/** Ways in which a ballot looks like a vote and is none. */
const EMPTY_WORDS: [name: string, empty: (ballot: Ballot) => void][] = [
  ['asks another number of checks', (ballot) => ((ballot.rounds[INTERVAL_MS] as Round).asked += 1)],
  ['follows another configuration', (ballot) => (ballot.probeHash = 'another')],
  [
    'answers another question',
    (ballot) => {
      for (const vote of Object.values(ballot.votes)) vote.checkHash = 'another';
    },
  ],
  ['abstained since', (ballot) => (ballot.abstention = { reason: 'canaries', at: SEEN })],
  ['is a moment too old', (ballot) => age(ballot, NOW - 26_001)],
  ['comes from the future', (ballot) => age(ballot, NOW + 5_001)],
];

function age(ballot: Ballot, at: number): void {
  for (const round of Object.values(ballot.rounds)) round.startedAt = at;
  for (const vote of Object.values(ballot.votes)) Object.assign(vote, { observedAt: at, since: at - 20_000 });
}

describe('a vote that counts for nothing makes no quorum: the ballot', () => {
  const cell = cellOf();
  const situations: [what: string, profile: Profile, situation: Situation][] = [
    ['down', ['down', 'down', 'up'], { check: 'at rest', member: 'in', other: 'up' }],
    ['a listed up', ['down', 'up', 'degraded'], { check: 'down, recovering', member: 'out', other: 'up' }],
    ['an unlisted up', ['up', 'degraded', 'down'], { check: 'down, recovering', member: 'out', other: 'up' }],
  ];
  /** Does this apply: what is listed follows its own hash, what is not listed that of the round. */
  const applies = (name: string, what: string) =>
    what === 'an unlisted up' ? name !== 'answers another question' : !/number of checks|configuration/.test(name);

  const cases = situations.flatMap(([what, profile, situation]) =>
    EMPTY_WORDS.filter(([name]) => applies(name, what)).map(([name, empty]) => [name, what, profile, situation, empty] as const),
  );
  it.each(cases)('%s (%s)', (_name, what, profile, situation, empty) => {
    const index = what === 'a listed up' ? 1 : 0;
    const whole = stepFor(cell, profile, situation);
    expect(outcomeOf(whole, situation).flip).toBeDefined();

    const inputs = structuredClone(whole.inputs);
    empty(inputs.ballots[`v${index}`] as Ballot);
    const decision = decide(cell, inputs, whole.before, NOW, whole.me);
    const without: Step = { ...whole, inputs, decision };
    if (decision.ledger) without.after = decision.ledger;
    else delete without.after;
    expect(judgeStep(without)).toEqual([]);
    expect(outcomeOf(without, situation).flip).toBeUndefined();
  });
});
