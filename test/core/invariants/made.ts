/** Steps made by hand for tests of the judge: two that break nothing, and what is needed to break them. */
import type { Ballot, CastVote } from '../../../lib/core/ballot.ts';
import type { GuardSpec } from '../../../lib/core/cell.ts';
import type { FlipIntent, Incident, Intent, Ledger, Page, PageIntent, RecordIntent } from '../../../lib/core/ledger.ts';
import type { Step } from '../../../lib/simulate/invariants/step.ts';
import { type CellPlan, castOf, cellOf, checkOf, INTERVAL_MS, inputsOf, ledgerOf, memberOf, START_MS } from './world.ts';

export const NOW = START_MS + 3_600_000;
export const SEEN = NOW - 1_000;

/** A step that is still being made: everything in it may be changed. */
export type Draft = Step & { before: Ledger; after: Ledger };

export const intentOf = <T extends Intent>(n: number, rest: Omit<T, 'id' | 'epoch' | 'at' | 'tries' | 'notBefore'>): T =>
  ({ id: `life-42-${n}`, epoch: 42, at: NOW, tries: 0, notBefore: NOW, ...rest }) as T;

export const pageOf = (change: Partial<Page> = {}): Page => ({
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

export const incidentOf = (change: Partial<Incident> = {}): Incident => ({
  id: 'incident-eu',
  node: 'eu',
  state: 'down',
  openedAt: NOW,
  timeline: [],
  paging: { tier: 1, attempt: 1, nextAt: NOW + 300_000 },
  ...change,
});

export const flipOf = (n: number, node: string, inService: boolean, record = 'api'): FlipIntent =>
  intentOf<FlipIntent>(n, { kind: 'flip', lane: `flip/${record}`, record, node, inService });

/** eu is down for all three vantages: it is taken out, somebody is paged, the evidence is stored. */
export function takeOut(plan: CellPlan = {}): Draft {
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
export function comeBack(): Draft {
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

export const ballot = (step: Draft, vantage: string) => step.inputs.ballots[vantage] as Ballot;
export const vote = (step: Draft, vantage: string) => ballot(step, vantage).votes['eu/api'] as CastVote;
export const evidence = (step: Draft) => (step.after.intents[0] as RecordIntent).evidence;
export const member = (ledger: Ledger, key: string) => ledger.members[key] ?? memberOf();
export const flip = (step: Draft) => step.after.intents.find((each) => each.kind === 'flip') as FlipIntent;
export const page = (step: Draft) => step.after.intents.find((each) => each.kind === 'page') as PageIntent;
export const says = (step: Draft, vantage: string, said: CastVote['vote'], observedAt = SEEN) => {
  ballot(step, vantage).votes['us/api'] = castOf(checkOf(step.cell, 'us/api'), said, observedAt);
};
export const guarded = (step: Draft, change: Partial<GuardSpec>) => Object.assign(step.cell.records[0]?.guard ?? {}, change);
export const ordered = (step: Draft, act: object) => {
  step.inputs.acts = { schema: 1, incarnation: 'acts', version: 1, acts: [{ seq: 1, at: SEEN, by: 'ann', ...act } as never] };
  step.after.acts = { incarnation: 'acts', seq: 1 };
};
/** The votes both in the ballots and in the evidence. */
export const bothVotes = (step: Draft, change: (vote: CastVote) => void) => {
  for (const vantage of step.cell.vantages) {
    change(vote(step, vantage));
    change(evidence(step)[0]?.votes[vantage] as CastVote);
  }
};

/** Name, rule, words of the finding, the step it starts from, and what is broken in it. */
export type Broken = [name: string, rule: string, what: RegExp, start: () => Draft, change: (step: Draft) => void];
