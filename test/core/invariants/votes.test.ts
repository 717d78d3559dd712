/** A judge that cannot say no is worthless: every rule is shown a step that breaks it. Here: votes, epochs, intents. */
import { describe, expect, it } from 'vitest';
import { judgeStep } from '../../../lib/simulate/invariants/judge.ts';
import {
  type Broken,
  ballot,
  bothVotes,
  comeBack,
  evidence,
  flip,
  flipOf,
  incidentOf,
  member,
  NOW,
  page,
  SEEN,
  takeOut,
  vote,
} from './made.ts';

const BROKEN: Broken[] = [
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
  [
    'a failure of three seconds that one vantage has seen for hours',
    'S2',
    /span 3000 ms of 5000/,
    takeOut,
    (step) => {
      bothVotes(step, (each) => Object.assign(each, { since: SEEN - 3_000 }));
      for (const each of [vote(step, 'v0'), evidence(step)[0]?.votes.v0]) Object.assign(each ?? {}, { since: SEEN - 3_600_000 });
    },
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
];

describe('steps that break nothing', () => {
  it('pass', () => {
    expect(judgeStep(takeOut())).toEqual([]);
    expect(judgeStep(takeOut({ vantages: 5 }))).toEqual([]);
    expect(judgeStep(comeBack())).toEqual([]);
    expect(judgeStep({ ...takeOut(), decision: { events: [] }, after: undefined })).toEqual([]);
  });
});

describe('a step that breaks a rule is found:', () => {
  it.each(BROKEN)('%s (%s)', (_name, rule, what, start, change) => {
    const step = start();
    change(step);
    expect(judgeStep(step)).toContainEqual({ rule, at: NOW, what: expect.stringMatching(what) });
  });
});
