/** Every rule is shown a step that breaks it. Here: the guard, hold and recovery. */
import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../../lib/core/ledger.ts';
import { judgeStep } from '../../../lib/simulate/invariants/judge.ts';
import { type Broken, ballot, comeBack, flipOf, guarded, member, NOW, SEEN, says, takeOut } from './made.ts';
import { castOf, checkOf, inputsOf, memberOf, START_MS } from './world.ts';

const BROKEN: Broken[] = [
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
  [
    'a return during the hold, because another record was given back',
    'S11',
    /others serve/,
    comeBack,
    (step) => {
      member(step.before, 'api/eu').holdUntil = NOW + 1;
      step.before.members['www/eu'] = memberOf({ inService: false, restored: true });
    },
  ],
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
];

describe('a step that breaks a rule is found:', () => {
  it.each(BROKEN)('%s (%s)', (_name, rule, what, start, change) => {
    const step = start();
    change(step);
    expect(judgeStep(step)).toContainEqual({ rule, at: NOW, what: expect.stringMatching(what) });
  });
});
