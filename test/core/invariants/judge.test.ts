/** A judge that cannot say no is worthless: every rule is shown a step, made by hand, that breaks it. */
import { describe, expect, it } from 'vitest';
import type { Ballot, CastVote } from '../../../lib/core/ballot.ts';
import type { GuardSpec } from '../../../lib/core/cell.ts';
import type { Decision } from '../../../lib/core/decide.ts';
import type { FlipIntent, Incident, Intent, Ledger, Page, PageIntent, RecordIntent } from '../../../lib/core/ledger.ts';
import { chainViolations, purityViolations } from './epochs.ts';
import { ballotViolations } from './evidence.ts';
import { deedViolations } from './flips.ts';
import { answeringViolations } from './guard.ts';
import { judgeStep } from './judge.ts';
import { pagingViolations } from './pages.ts';
import type { Happening, Step, Violation } from './step.ts';
import {
  ballotOf,
  type CellPlan,
  castOf,
  cellOf,
  checkOf,
  INTERVAL_MS,
  inputsOf,
  ledgerOf,
  memberOf,
  START_MS,
} from './world.ts';

const NOW = START_MS + 3_600_000;
const SEEN = NOW - 1_000;

/** A step that is still being made: everything in it may be changed. */
type Draft = Step & { before: Ledger; after: Ledger };

const intentOf = <T extends Intent>(n: number, rest: Omit<T, 'id' | 'epoch' | 'at' | 'tries' | 'notBefore'>): T =>
  ({ id: `life-42-${n}`, epoch: 42, at: NOW, tries: 0, notBefore: NOW, ...rest }) as T;

const pageOf = (change: Partial<Page> = {}): Page => ({
  incident: 'incident-eu',
  state: 'down',
  tier: 1,
  attempt: 1,
  at: NOW,
  subject: 'eu',
  seenBy: { down: 3, of: 3 },
  failing: [],
  records: [],
  ...change,
});

const incidentOf = (change: Partial<Incident> = {}): Incident => ({
  id: 'incident-eu',
  node: 'eu',
  state: 'down',
  openedAt: NOW,
  timeline: [],
  paging: { tier: 1, attempt: 1, nextAt: NOW + 300_000 },
  ...change,
});

const flipOf = (n: number, node: string, inService: boolean, record = 'api'): FlipIntent =>
  intentOf<FlipIntent>(n, { kind: 'flip', lane: `flip/${record}`, record, node, inService });

/** eu is down for all three vantages: it is taken out, somebody is paged, the evidence is stored. */
function takeOut(plan: CellPlan = {}): Draft {
  const cell = cellOf(plan);
  const size = cell.vantages.length;
  const inputs = inputsOf(cell, SEEN, { 'eu/api': cell.vantages.map(() => 'down') });
  const before = ledgerOf(cell);
  const votes = Object.fromEntries(
    Object.entries(inputs.ballots).map(([vantage, ballot]) => [vantage, { ...(ballot as Ballot).votes['eu/api'] } as CastVote]),
  );
  const after: Ledger = {
    ...structuredClone(before),
    epoch: 42,
    checks: { 'eu/api': { state: 'down', at: NOW } },
    nodes: { eu: { state: 'down', at: NOW, incident: 'incident-eu' } },
    incidents: { 'incident-eu': incidentOf() },
    intents: [
      intentOf<RecordIntent>(0, {
        kind: 'record',
        lane: 'record/incident-eu',
        incident: 'incident-eu',
        evidence: [
          { epoch: 42, at: NOW, check: 'eu/api', from: 'up', to: 'down', quorum: checkOf(cell, 'eu/api').quorum, votes },
        ],
      }),
      flipOf(1, 'eu', false),
      intentOf<PageIntent>(2, { kind: 'page', lane: 'page/incident-eu', page: pageOf({ seenBy: { down: size, of: size } }) }),
    ],
  };
  after.members['api/eu'] = memberOf({ inService: false, at: NOW, why: 'api down', holdUntil: NOW + 60_000, flaps: [NOW] });
  return { cell, inputs, before, now: NOW, me: { arbiter: 'a0', nonce: 'n' }, decision: { ledger: after, events: [] }, after };
}

/** eu was down and recovers with this step; its member is out, and its hold is over. */
function comeBack(): Draft {
  const step = takeOut();
  const down = { state: 'down', at: NOW - 100_000 } as const;
  step.inputs = inputsOf(step.cell, SEEN);
  step.before = ledgerOf(step.cell, {
    checks: { 'eu/api': { ...down, recovery: { count: 1, at: NOW - INTERVAL_MS } } },
    nodes: { eu: { state: 'down', at: down.at, incident: 'incident-eu' } },
    incidents: { 'incident-eu': incidentOf({ openedAt: down.at }) },
    members: {
      'api/eu': memberOf({ inService: false, holdUntil: NOW - 1, confirmed: { inService: false, version: 2, at: down.at } }),
    },
  });
  step.after = {
    ...structuredClone(step.before),
    epoch: 42,
    checks: { 'eu/api': { state: 'up', at: NOW } },
    nodes: { eu: { state: 'up', at: NOW } },
    incidents: { 'incident-eu': incidentOf({ openedAt: down.at, state: 'closed', closedAt: NOW }) },
    intents: [
      flipOf(0, 'eu', true),
      intentOf<PageIntent>(1, {
        kind: 'page',
        lane: 'page/incident-eu',
        page: pageOf({ state: 'recovered', seenBy: undefined }),
      }),
    ],
  };
  step.after.members['api/eu'] = memberOf({
    at: NOW,
    holdUntil: NOW + 60_000,
    confirmed: { inService: false, version: 2, at: down.at },
  });
  return step;
}

const ballot = (step: Draft, vantage: string) => step.inputs.ballots[vantage] as Ballot;
const vote = (step: Draft, vantage: string) => ballot(step, vantage).votes['eu/api'] as CastVote;
const evidence = (step: Draft) => (step.after.intents[0] as RecordIntent).evidence;
const member = (ledger: Ledger, key: string) => ledger.members[key] ?? memberOf();
const flip = (step: Draft) => step.after.intents.find((each) => each.kind === 'flip') as FlipIntent;
const page = (step: Draft) => step.after.intents.find((each) => each.kind === 'page') as PageIntent;
const says = (step: Draft, vantage: string, said: CastVote['vote'], observedAt = SEEN) => {
  ballot(step, vantage).votes['us/api'] = castOf(checkOf(step.cell, 'us/api'), said, observedAt);
};
const guarded = (step: Draft, change: Partial<GuardSpec>) => Object.assign(step.cell.records[0]?.guard ?? {}, change);
const ordered = (step: Draft, act: object) => {
  step.inputs.acts = { schema: 1, incarnation: 'acts', version: 1, acts: [{ seq: 1, at: SEEN, by: 'ann', ...act } as never] };
  step.after.acts = { incarnation: 'acts', seq: 1 };
};
/** The votes both in the ballots and in the evidence. */
const bothVotes = (step: Draft, change: (vote: CastVote) => void) => {
  for (const vantage of step.cell.vantages) {
    change(vote(step, vantage));
    change(evidence(step)[0]?.votes[vantage] as CastVote);
  }
};

const judged = (step: Step): Violation[] => judgeStep(step);

describe('steps that break nothing', () => {
  it('pass', () => {
    expect(judged(takeOut())).toEqual([]);
    expect(judged(takeOut({ vantages: 5 }))).toEqual([]);
    expect(judged(comeBack())).toEqual([]);
    expect(judged({ ...takeOut(), decision: { events: [] }, after: undefined })).toEqual([]);
  });
});

/** Name, rule, words of the finding, the step it starts from, and what is broken in it. */
const BROKEN: [name: string, rule: string, what: RegExp, start: () => Draft, change: (step: Draft) => void][] = [
  ['no evidence', 'S1', /0 pieces of evidence/, takeOut, (step) => evidence(step).pop()],
  [
    'one vote short of a quorum',
    'S1',
    /1 of 2 votes down/,
    takeOut,
    (step) => {
      for (const vantage of ['v1', 'v2']) delete evidence(step)[0]?.votes[vantage];
    },
  ],
  [
    'the vote of a stranger',
    'S1',
    /stranger is not asked/,
    takeOut,
    (step) => Object.assign(evidence(step)[0]?.votes ?? {}, { stranger: vote(step, 'v0') }),
  ],
  [
    'stale votes',
    'S2',
    /vote is stale/,
    takeOut,
    (step) => bothVotes(step, (each) => Object.assign(each, { observedAt: NOW - 26_001, since: NOW - 50_000 })),
  ],
  [
    'votes from before the last transition',
    'S1',
    /0 of 2 votes down since/,
    takeOut,
    (step) => {
      step.before.checks['eu/api'] = { state: 'unknown', at: SEEN };
    },
  ],
  [
    'a failure of three seconds',
    'S2',
    /span 3000 ms of 5000/,
    takeOut,
    (step) => bothVotes(step, (each) => Object.assign(each, { since: SEEN - 3_000 })),
  ],
  ['a vote that was cast otherwise', 'S3', /not the one it cast/, takeOut, (step) => vote(step, 'v0').since++],
  [
    'an abstention counted as down',
    'S4',
    /v0 counts as down, but it said abstain/,
    takeOut,
    (step) => Object.assign(vote(step, 'v0'), { vote: 'abstain' }),
  ],
  [
    'a missing ballot counted',
    'S4',
    /but it is missing/,
    takeOut,
    (step) => Object.assign(step.inputs.ballots, { v0: 'missing' }),
  ],
  [
    'an unread ballot counted',
    'S4',
    /but it is unreadable/,
    takeOut,
    (step) => Object.assign(step.inputs.ballots, { v0: 'unreadable' }),
  ],
  [
    'N shrunk to those who were heard',
    'S4',
    /from up to down: the votes say unknown/,
    takeOut,
    (step) => Object.assign(step.inputs.ballots, { v0: 'missing', v1: 'missing' }),
  ],
  [
    'a page that counts only who was heard',
    'S4',
    /counts 2 of 2 vantages/,
    takeOut,
    (step) => Object.assign(page(step).page, { seenBy: { down: 2, of: 2 } }),
  ],
  [
    'a vantage that does not trust itself',
    'S5',
    /but it is abstained/,
    takeOut,
    (step) => Object.assign(ballot(step, 'v0'), { abstention: { reason: 'canaries', at: SEEN } }),
  ],
  [
    'votes on another question',
    'S14',
    /answered another question/,
    takeOut,
    (step) => bothVotes(step, (each) => (each.checkHash = 'old')),
  ],
  ['an epoch too far', 'S6', /epoch 43 after 41/, takeOut, (step) => (step.after.epoch = 43)],
  ['a new life', 'S6', /changed incarnation/, takeOut, (step) => (step.after.incarnation = 'other')],
  ['one id for two intents', 'S6', /share an id/, takeOut, (step) => (page(step).id = flip(step).id)],
  [
    'a rewritten intent',
    'S6',
    /life-42-1 was rewritten/,
    takeOut,
    (step) => step.before.intents.push({ ...flip(step), inService: true }),
  ],
  ['intents in another order', 'S6', /changed their order/, takeOut, (step) => step.before.intents.push(page(step), flip(step))],
  ['a move without an intent', 'S8', /moved without an intent/, takeOut, (step) => step.after.intents.splice(1, 1)],
  ['an intent without a move', 'S8', /ledger says otherwise/, takeOut, (step) => (member(step.after, 'api/eu').inService = true)],
  [
    'a confirmation that nobody gave',
    'S8',
    /api\/us is taken as confirmed/,
    takeOut,
    (step) => Object.assign(member(step.after, 'api/us'), { confirmed: { inService: true, version: 9, at: NOW } }),
  ],
  ['a flip of somebody else', 'S15', /no member/, takeOut, (step) => (flip(step).node = 'example')],
  ['two flips of one switch', 'S15', /two flips/, takeOut, (step) => step.after.intents.push({ ...flip(step), id: 'life-42-9' })],
  ['a page in the lane of flips', 'L3', /share the lane/, takeOut, (step) => (page(step).lane = flip(step).lane)],
  [
    'flips of a record in two lanes',
    'S7',
    /two lanes/,
    takeOut,
    (step) => step.after.intents.push({ ...flipOf(3, 'us', true), lane: 'other' }),
  ],
  [
    'a forgotten page',
    'L2',
    /dropped page/,
    takeOut,
    (step) => {
      step.before.incidents['incident-eu'] = incidentOf();
      step.before.intents.push({ ...page(step), id: 'life-41-0', epoch: 41 });
    },
  ],
  [
    'nobody else is in service',
    'S9',
    /0 others serve, 1 must/,
    takeOut,
    (step) => {
      const confirmed = { inService: false, version: 1, at: START_MS };
      for (const ledger of [step.before, step.after]) Object.assign(member(ledger, 'api/us'), { confirmed });
    },
  ],
  [
    'the other is on its way out',
    'S9',
    /0 others serve/,
    takeOut,
    (step) => {
      for (const ledger of [step.before, step.after]) {
        ledger.intents.unshift({ ...flipOf(0, 'us', false), id: 'life-40-0', epoch: 40 });
        Object.assign(member(ledger, 'api/us'), { inService: false });
      }
    },
  ],
  [
    'the other is unknown by the votes of now',
    'S9',
    /0 others serve/,
    takeOut,
    (step) => {
      for (const vantage of step.cell.vantages) says(step, vantage, 'abstain');
    },
  ],
  [
    'the other is down in the ledger',
    'S9',
    /0 others serve/,
    takeOut,
    (step) => {
      for (const ledger of [step.before, step.after]) ledger.checks['us/api'] = { state: 'down', at: START_MS };
    },
  ],
  [
    'the node is only partial',
    'S9',
    /no required check is down/,
    takeOut,
    (step) => (step.after.checks['eu/api'] = { state: 'partial', at: NOW }),
  ],
  [
    'more out than may be',
    'S10',
    /2 would be out, 1 may/,
    () => takeOut({ nodes: { eu: ['api'], us: ['api'], ap: ['api'] } }),
    (step) => {
      const out = memberOf({ inService: false, confirmed: { inService: false, version: 2, at: START_MS } });
      for (const ledger of [step.before, step.after]) ledger.members['api/us'] = out;
    },
  ],
  [
    'most members look down at once',
    'S10',
    /3 of 4 members look down/,
    () => takeOut({ nodes: { eu: ['api'], us: ['api'], ap: ['api'], sa: ['api'] } }),
    (step) => {
      for (const vantage of step.cell.vantages)
        for (const key of ['us/api', 'ap/api']) ballot(step, vantage).votes[key] = castOf(checkOf(step.cell, key), 'down', SEEN);
    },
  ],
  ['a guard that only reports', 'guard.mode', /only reports/, takeOut, (step) => guarded(step, { mode: 'report' })],
  ['a take-out during the hold', 'S11', /holds until/, takeOut, (step) => (member(step.before, 'api/eu').holdUntil = NOW + 1)],
  ['no hold afterwards', 'S11', /holds for 0 ms, not 60000/, takeOut, (step) => (member(step.after, 'api/eu').holdUntil = NOW)],
  [
    'a hold that does not grow',
    'S11',
    /holds for 60000 ms, not 120000/,
    takeOut,
    (step) => {
      member(step.before, 'api/eu').flaps = [NOW - 1_000_000];
      member(step.after, 'api/eu').flaps = [NOW - 1_000_000, NOW];
    },
  ],
  ['a flap forgotten', 'S11', /not remembered/, takeOut, (step) => (member(step.after, 'api/eu').flaps = [])],
  ['a return during the hold', 'S11', /others serve/, comeBack, (step) => (member(step.before, 'api/eu').holdUntil = NOW + 1)],
  ['a return that was to be by hand', 'S11', /failback is manual/, comeBack, (step) => guarded(step, { failback: 'manual' })],
  [
    'a return while it is down',
    'S11',
    /still down/,
    comeBack,
    (step) => {
      step.inputs = inputsOf(step.cell, SEEN, { 'eu/api': ['down', 'down', 'up'] });
    },
  ],
  ['recovery after one healthy quorum', 'S11', /after 1 of 2/, comeBack, (step) => delete step.before.checks['eu/api']?.recovery],
  [
    'one look counted as two healthy quorums',
    'S11',
    /without a healthy quorum of new votes/,
    comeBack,
    (step) => Object.assign(step.before.checks['eu/api'] ?? {}, { recovery: { count: 1, at: SEEN } }),
  ],
  [
    'a healthy quorum that never was',
    'S11',
    /2 healthy quorums are counted, there were 1/,
    comeBack,
    (step) => {
      step.inputs = inputsOf(step.cell, SEEN, { 'eu/api': ['up', 'down', 'abstain'] });
      step.after.checks['eu/api'] = { state: 'down', at: NOW - 100_000, recovery: { count: 2, at: SEEN } };
    },
  ],
  [
    'healthy quorums that a failure did not interrupt',
    'S11',
    /the healthy ones before still count/,
    comeBack,
    (step) => {
      step.inputs = inputsOf(step.cell, SEEN, { 'eu/api': ['down', 'down', 'abstain'] });
      step.after = { ...structuredClone(step.before as Ledger), epoch: 42 };
    },
  ],
  [
    'a quorum whose votes may count again',
    'S11',
    /could count for two/,
    comeBack,
    (step) => {
      Object.assign(checkOf(step.cell, 'eu/api'), { recover: 3 });
      step.after = { ...structuredClone(step.before as Ledger), epoch: 42 };
      step.after.checks['eu/api'] = { state: 'down', at: NOW - 100_000, recovery: { count: 2, at: SEEN - 1 } };
    },
  ],
  ['a flip within three rounds of birth', 'S12', /within three rounds/, takeOut, (step) => (step.before.bornAt = NOW - 29_999)],
  ['a flip before adoption', 'S12', /was adopted/, takeOut, (step) => delete step.before.adoptedAt],
  [
    'an adoption without having seen the switches',
    'S12',
    /showed no switch of us/,
    takeOut,
    (step) => {
      delete step.before.adoptedAt;
      step.inputs.switches = [{ record: 'api', node: 'eu', inService: true, version: 1 }];
    },
  ],
  [
    'a flip although orders could not be read',
    'S12',
    /what people ordered/,
    takeOut,
    (step) => (step.inputs.acts = 'unreadable'),
  ],
  ['a write over an unread ledger', 'S12', /could not be read/, takeOut, (step) => Object.assign(step, { before: 'unreadable' })],
  ['a birth that flips', 'S12', /a birth flips/, takeOut, (step) => Object.assign(step, { before: 'missing' })],
  ['a birth with an epoch', 'S12', /not born anew/, takeOut, (step) => Object.assign(step, { before: 'missing' })],
  [
    'a recovery by few',
    'S12',
    /blind, and a state changed/,
    comeBack,
    (step) => Object.assign(step.inputs.ballots, { v0: 'missing', v1: 'missing' }),
  ],
  [
    'a flip by few',
    'S12',
    /blind, and an automatic flip/,
    comeBack,
    (step) => Object.assign(step.inputs.ballots, { v0: 'missing', v1: 'missing' }),
  ],
  [
    'a flip under a configuration that few have',
    'S12',
    /in the minority/,
    takeOut,
    (step) => {
      for (const vantage of ['v0', 'v1']) ballot(step, vantage).probeHash = 'newer';
    },
  ],
  [
    'a recovery under a configuration that few have',
    'roll-out',
    /in the minority/,
    comeBack,
    (step) => {
      for (const vantage of ['v0', 'v1']) {
        ballot(step, vantage).probeHash = 'newer';
        ballot(step, vantage).votes['eu/api'] = castOf(checkOf(step.cell, 'eu/api'), 'up', SEEN);
      }
    },
  ],
  [
    'an act without effect',
    'S13',
    /got no epoch/,
    takeOut,
    (step) => {
      ordered(step, { kind: 'pause', until: NOW + 1_000 });
      Object.assign(step, { after: undefined });
    },
  ],
  [
    'an act passed over',
    'S13',
    /consumed is undefined/,
    takeOut,
    (step) => {
      ordered(step, { kind: 'silence', node: 'us', until: NOW + 1_000 });
      delete step.after.acts;
    },
  ],
  ['a flip during a pause', 'S13', /during a pause/, takeOut, (step) => (step.before.pausedUntil = NOW + 1)],
  [
    'a flip after a pause was asked for',
    'S13',
    /during a pause/,
    takeOut,
    (step) => ordered(step, { kind: 'pause', until: NOW + 1_000 }),
  ],
  [
    'a return against a drain',
    'S13',
    /moved in against a drain/,
    comeBack,
    (step) => ordered(step, { kind: 'drain', node: 'eu' }),
  ],
  [
    'a take-out against a force',
    'S13',
    /moved out against a force/,
    takeOut,
    (step) => {
      step.before.manual['eu'] = { kind: 'force', inService: true, until: NOW + 1, by: 'ann', reason: 'r', at: START_MS };
    },
  ],
  [
    'a drain forgotten',
    'S13',
    /drain of us is forgotten/,
    takeOut,
    (step) => {
      step.before.manual['us'] = { kind: 'drain', by: 'ann', at: START_MS };
    },
  ],
  [
    'a drain that was lifted',
    'S13',
    /order that is over/,
    takeOut,
    (step) => {
      step.after.manual['us'] = { kind: 'drain', by: 'ann', at: START_MS };
    },
  ],
  [
    'a drain of the last one',
    'S13',
    /0 others serve, 1 must/,
    takeOut,
    (step) => {
      ordered(step, { kind: 'drain', node: 'eu' });
      step.after.manual['eu'] = { kind: 'drain', by: 'ann', at: SEEN };
      for (const ledger of [step.before, step.after])
        Object.assign(member(ledger, 'api/us'), { inService: false, confirmed: { inService: false, version: 1, at: START_MS } });
    },
  ],
  ['a flip of what a hand had moved', 'S13', /by hand/, takeOut, (step) => (member(step.before, 'api/eu').foreign = true)],
  [
    'a page during a silence',
    'S13',
    /is silenced/,
    takeOut,
    (step) => (step.before.silences['eu'] = { until: NOW + 1, by: 'ann' }),
  ],
  ['a silence that hides the incident', 'S13', /without an open incident/, takeOut, (step) => (step.after.incidents = {})],
  [
    'an acknowledgement lost',
    'S13',
    /lost its acknowledgement/,
    takeOut,
    (step) => {
      step.before.incidents['incident-eu'] = incidentOf({ ackedBy: 'ann', ackedAt: NOW - 1 });
    },
  ],
  ['a page owed twice', 'S16', /owed twice/, takeOut, (step) => step.after.intents.push({ ...page(step), id: 'life-42-9' })],
  ['a recovery of nothing', 'S16', /before it was open/, comeBack, (step) => (step.before.incidents = {})],
  ['a recovery of what is down', 'S16', /and is down/, comeBack, (step) => (step.after.nodes['eu'] = { state: 'down', at: NOW })],
  [
    'a node better than its checks',
    'verdict',
    /eu is up, the worst of its checks down/,
    takeOut,
    (step) => delete step.after.nodes['eu'],
  ],
  [
    'an entry forgotten while old votes still count',
    'rest',
    /26000 ms after a transition/,
    takeOut,
    (step) => {
      step.before.checks['us/api'] = { state: 'up', at: NOW - 26_000 };
    },
  ],
  [
    'trouble forgotten',
    'rest',
    /us\/api left the ledger partial/,
    takeOut,
    (step) => {
      step.before.checks['us/api'] = { state: 'partial', at: START_MS };
    },
  ],
  [
    'a hold forgotten',
    'rest',
    /api\/us left the ledger during its hold/,
    takeOut,
    (step) => {
      member(step.before, 'api/us').holdUntil = NOW + 1;
      delete step.after.members['api/us'];
    },
  ],
  [
    'flaps forgotten',
    'rest',
    /api\/us left the ledger within its flap hour/,
    takeOut,
    (step) => {
      member(step.before, 'api/us').flaps = [NOW - 3_599_999];
      delete step.after.members['api/us'];
    },
  ],
  [
    'a member forgotten outside',
    'rest',
    /api\/us left the ledger out of service/,
    takeOut,
    (step) => {
      member(step.before, 'api/us').inService = false;
      delete step.after.members['api/us'];
    },
  ],
];

describe('a step that breaks a rule is found:', () => {
  it.each(BROKEN)('%s (%s)', (_name, rule, what, start, change) => {
    const step = start();
    change(step);
    expect(judged(step)).toContainEqual({ rule, at: NOW, what: expect.stringMatching(what) });
  });
});

describe('S17', () => {
  it('is broken by a decision that is another one the second time, and by one that writes on its inputs', () => {
    const step = takeOut();
    let calls = 0;
    expect(purityViolations(step, () => step.decision)).toEqual([]);
    expect(purityViolations(step, (): Decision => ({ events: [{ event: 'note', text: `${calls++}` }] }))).toHaveLength(1);
    const writes = (_cell: unknown, inputs: Step['inputs']): Decision => {
      inputs.acts = 'missing';
      return step.decision;
    };
    expect(() => purityViolations(step, writes)).toThrow(TypeError);
  });

  it('is broken by a ledger that does not survive being stored', () => {
    const step = takeOut();
    step.after.pausedUntil = Number.NaN;
    expect(purityViolations(step, () => step.decision)).toMatchObject([{ rule: 'S17', what: 'the ledger is not plain JSON' }]);
  });
});

describe('S3 of ballots', () => {
  const cell = cellOf();
  const before = ballotOf(cell, 'v0', SEEN, { 'eu/api': castOf(checkOf(cell, 'eu/api'), 'down', SEEN + 5) });

  it('is kept by a later round, and broken by an older vote or a version that was not read', () => {
    const after = { ...ballotOf(cell, 'v0', SEEN + 10), version: 2 };
    expect(ballotViolations(cell, before, after, NOW)).toEqual([]);
    expect(ballotViolations(cell, before, { ...after, version: 3 }, NOW)).toMatchObject([{ rule: 'S3' }]);
    const older = { ...ballotOf(cell, 'v0', SEEN), version: 2 };
    expect(ballotViolations(cell, before, older, NOW)).toMatchObject([{ rule: 'S3', what: /older vote on eu\/api/ }]);
  });
});

describe('histories', () => {
  const step = takeOut();
  const committed: Happening = { kind: 'step', step };
  const switches = ['eu', 'us'].map((node) => ({ record: 'api', node, inService: true, version: 1 }));
  const flipped = (change: object = {}, sent: object = {}): Happening => ({
    kind: 'deed',
    deed: {
      kind: 'flip',
      at: NOW,
      intent: 'life-42-1',
      epoch: 42,
      sent: { record: 'api', node: 'eu', inService: false, version: 1, ...sent },
      result: 'updated',
      ...change,
    } as never,
    switches,
  });
  const paged = (change: object = {}, deed: object = {}): Happening => ({
    kind: 'deed',
    deed: { kind: 'page', at: NOW, intent: 'life-42-2', page: pageOf(change), ...deed },
    switches,
  });
  const written = (change: Partial<Ledger>): Happening => ({ kind: 'written', at: NOW, ledger: { ...step.after, ...change } });
  const first: Happening = { kind: 'step', step: { ...step, after: { ...step.after, epoch: 1 } } };

  it('that break nothing pass', () => {
    expect(chainViolations([first, written({ epoch: 2 }), { kind: 'wiped', at: NOW }, written({ epoch: 1 })])).toEqual([]);
    expect(deedViolations([committed, flipped(), paged()])).toEqual([]);
    expect(pagingViolations([committed, paged({}, { crashed: true }), paged()])).toEqual([]);
  });

  it.each<[string, Happening[], RegExp]>([
    ['an epoch left out', [first, written({ epoch: 3 })], /epoch 3 was written after 1/],
    ['an epoch decided twice', [first, written({ epoch: 2 }), written({ epoch: 2 })], /epoch 2 was written after 2/],
  ])('S6: %s', (_name, history, what) => {
    expect(chainViolations(history)).toMatchObject([{ rule: 'S6', what: expect.stringMatching(what) }]);
  });

  it.each<[string, string, Happening[], RegExp]>([
    ['a flip before its commit', 'S8', [flipped(), committed], /nothing committed asks for it/],
    ['a page that nothing asks for', 'S8', [committed, paged({}, { intent: 'x' })], /nothing committed asks for it/],
    ['a flip done twice', 'S8', [committed, flipped(), written({ intents: [] }), flipped()], /nothing committed asks/],
    ['a flip of another switch', 'S15', [committed, flipped({}, { node: 'us' })], /changed api\/us instead/],
    ['a flip the other way', 'S15', [committed, flipped({}, { inService: true })], /instead/],
    ['a flip under an old epoch', 'S7', [committed, flipped({ epoch: 41 })], /ran under epoch 41/],
    [
      'a flip that a newer one overtook',
      'S7',
      [
        committed,
        written({ intents: [...step.after.intents, { ...flipOf(0, 'eu', true), id: 'life-43-0', epoch: 43 }] }),
        flipped(),
      ],
      /epoch 43 had already decided/,
    ],
    ['a flip without version', 'S8', [committed, flipped({}, { version: undefined })], /without version/],
    ['a flip with an old version', 'S8', [committed, paged(), flipped({}, { version: 0 })], /version 0 was taken at 1/],
    [
      'a switch deleted',
      'S15',
      [committed, paged(), { ...paged(), switches: switches.slice(1) } as Happening],
      /api\/eu is gone/,
    ],
  ])('deeds: %s (%s)', (_name, rule, history, what) => {
    expect(deedViolations(history)).toContainEqual({ rule, at: NOW, what: expect.stringMatching(what) });
  });

  it('S9: a flip that leaves nobody to answer is found at Route 53 itself', () => {
    expect(answeringViolations(step.cell, [flipped()])).toEqual([]);
    const alone = { ...flipped(), switches: switches.map((each) => ({ ...each, inService: each.node === 'eu' })) } as Happening;
    expect(answeringViolations(step.cell, [alone])).toMatchObject([{ rule: 'S9', what: 'eu left api to 0 others, not 1' }]);
  });

  it.each<[string, Happening[], RegExp]>([
    ['committed twice', [committed, committed], /was committed twice/],
    ['sent twice without a crash', [committed, paged(), paged()], /was sent twice/],
    ['good news first', [committed, paged({ state: 'recovered' })], /before any bad news/],
    ['good news of nothing', [{ kind: 'step', step: comeBack() }], /follows no bad news/],
  ])('S16: %s', (_name, history, what) => {
    expect(pagingViolations(history)).toContainEqual({ rule: 'S16', at: NOW, what: expect.stringMatching(what) });
  });
});
