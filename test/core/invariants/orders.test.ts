/** Every rule is shown a step that breaks it. Here: empty state, orders of people, pages, rest. */
import { describe, expect, it } from 'vitest';
import { judgeStep } from '../../../lib/simulate/invariants/judge.ts';
import { type Broken, ballot, comeBack, incidentOf, member, NOW, ordered, page, SEEN, takeOut } from './made.ts';
import { castOf, checkOf, START_MS } from './world.ts';

const BROKEN: Broken[] = [
  ['a flip within three rounds of birth', 'S12', /within three rounds/, takeOut, (step) => (step.before.bornAt = NOW - 29_999)],
  [
    'a flip before adoption',
    'S12',
    /was adopted/,
    takeOut,
    (step) => {
      delete step.before.adoptedAt;
      delete step.after.adoptedAt;
    },
  ],
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
      step.before.manual.eu = { kind: 'force', inService: true, until: NOW + 1, by: 'ann', reason: 'r', at: START_MS };
    },
  ],
  [
    'a drain forgotten',
    'S13',
    /drain of us is forgotten/,
    takeOut,
    (step) => {
      step.before.manual.us = { kind: 'drain', by: 'ann', at: START_MS };
    },
  ],
  [
    'a drain that was lifted',
    'S13',
    /order that is over/,
    takeOut,
    (step) => {
      step.after.manual.us = { kind: 'drain', by: 'ann', at: START_MS };
    },
  ],
  [
    'a drain of the last one',
    'S13',
    /0 others serve, 1 must/,
    takeOut,
    (step) => {
      ordered(step, { kind: 'drain', node: 'eu' });
      step.after.manual.eu = { kind: 'drain', by: 'ann', at: SEEN };
      for (const ledger of [step.before, step.after])
        Object.assign(member(ledger, 'api/us'), { inService: false, confirmed: { inService: false, version: 1, at: START_MS } });
    },
  ],
  ['a flip of what a hand had moved', 'S13', /by hand/, takeOut, (step) => (member(step.before, 'api/eu').foreign = true)],
  ['a page during a silence', 'S13', /is silenced/, takeOut, (step) => (step.before.silences.eu = { until: NOW + 1, by: 'ann' })],
  [
    'a page during a silence that comes again and again',
    'S13',
    /is silenced/,
    takeOut,
    (step) => step.cell.silences.push({ id: 'night', nodes: [], cron: '*/30 * * * *', forMs: 60_000 }),
  ],
  [
    'a page during a silence of its node',
    'S13',
    /is silenced/,
    takeOut,
    (step) => step.cell.silences.push({ id: 'once', nodes: ['eu'], from: NOW, until: NOW + 1 }),
  ],
  [
    'a hand that moved it after the one that the restore ends',
    'S13',
    /by hand/,
    takeOut,
    (step) => {
      member(step.before, 'api/eu').foreign = true;
      ordered(step, { kind: 'restore', node: 'eu' });
      step.inputs.switches = [{ record: 'api', node: 'eu', inService: false, version: 2 }];
    },
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
  ['a recovery of what is down', 'S16', /and is down/, comeBack, (step) => (step.after.nodes.eu = { state: 'down', at: NOW })],
  [
    'a node better than its checks',
    'verdict',
    /eu is up, the worst of its checks down/,
    takeOut,
    (step) => delete step.after.nodes.eu,
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
    expect(judgeStep(step)).toContainEqual({ rule, at: NOW, what: expect.stringMatching(what) });
  });
});
