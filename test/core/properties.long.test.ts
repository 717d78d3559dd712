/**
 * Random cells and random histories, judged after every step. The same seed every time: a failure is everybody's failure.
 * To look further: `SEED=7 RUNS=2000 npx vitest run --config vitest.long.config.ts test/core/properties --testTimeout 600000`.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ballot } from '../../lib/core/ballot.ts';
import type { Cell, Check } from '../../lib/core/cell.ts';
import { decide } from '../../lib/core/decide.ts';
import type { Ledger } from '../../lib/core/ledger.ts';
import { answeringViolations } from '../../lib/simulate/invariants/guard.ts';
import type { Happening, Step } from '../../lib/simulate/invariants/step.ts';
import { createDrive, type Drive, type Sight } from './invariants/drive.ts';
import { anyPlan, cellFrom, lifeOnly, play, withAccidents, withOrders } from './invariants/histories.ts';

const seed = Number(process.env.SEED ?? 1);
const runs = (usual: number) => ({ seed, numRuns: Number(process.env.RUNS ?? usual) });

const stepsOf = (history: readonly Happening[]): Step[] =>
  history.flatMap((happening) => (happening.kind === 'step' ? [happening.step] : []));

/** What happened in a step, in words for the coverage. */
function outcomesOf({ after, decision }: Step): string[] {
  const intents = after?.intents.filter(({ epoch }) => epoch === after.epoch) ?? [];
  return [
    ...decision.events.flatMap((event) => {
      if (event.event === 'transition') return [`${event.from} → ${event.to}`];
      return event.event === 'hold' ? [`held: ${event.rule}`] : [];
    }),
    ...intents.flatMap((intent) => {
      if (intent.kind === 'flip') return [intent.inService ? 'flip in' : 'flip out'];
      return intent.kind === 'page' ? [`page: ${intent.page.state}`] : [];
    }),
  ];
}

const LIFE = ['up → down', 'down → up', 'up → unknown', 'up → partial', 'up → degraded', 'unknown → up', 'flip out', 'flip in'];
const HOLDS = ['hold', 'failback', 'minInService', 'maxOut', 'massFailure', 'report'].map((rule) => `held: ${rule}`);
const PAGES = ['page: down', 'page: unknown', 'page: recovered', 'page: held'];

describe('no history breaks a rule', () => {
  it.each([
    ['outages, lost reads, troubled acts', lifeOnly, true, [...LIFE, ...HOLDS, ...PAGES]],
    ['orders of people besides', withOrders, true, [...LIFE, ...PAGES, 'held: pause']],
    [
      'foreign hands, a roll-out and a wiped table besides',
      withAccidents,
      false,
      [...LIFE, 'held: foreign', 'held: birth', 'held: rollout', 'page: foreign-hand'],
    ],
  ])('%s', (_name, histories, onlyWeFlip, interesting) => {
    const outcomes = new Set<string>();
    const holds = fc.property(anyPlan, histories, (plan, events) => {
      const cell = cellFrom(plan);
      const drive = createDrive(cell, decide);
      play(drive, cell, events);
      for (const step of stepsOf(drive.history())) for (const what of outcomesOf(step)) outcomes.add(what);
      const violations = [...drive.violations(), ...(onlyWeFlip ? answeringViolations(cell, drive.history()) : [])];
      expect(violations).toEqual([]);
    });
    fc.assert(holds, runs(80));
    expect(interesting.filter((each) => !outcomes.has(each))).toEqual([]);
  });
});

describe('names do not count', () => {
  it('when vantages swap their ballots, the same is decided', () => {
    const holds = fc.property(anyPlan, lifeOnly, (plan, events) => {
      const cell = cellFrom(plan);
      const drive = createDrive(cell, decide);
      play(drive, cell, events);
      for (const step of stepsOf(drive.history())) {
        const swapped = decide(cell, { ...step.inputs, ballots: swap(step) }, step.before, step.now, step.me);
        expect(statesOf(swapped.ledger)).toEqual(statesOf(step.decision.ledger));
      }
    });
    fc.assert(holds, runs(20));
  });
});

function swap({ cell, inputs }: Step): Step['inputs']['ballots'] {
  const reversed = [...cell.vantages].reverse();
  return Object.fromEntries(
    cell.vantages.map((vantage, index) => {
      const ballot = inputs.ballots[reversed[index] ?? ''] ?? 'missing';
      return [vantage, typeof ballot === 'string' ? ballot : ({ ...ballot, vantage } satisfies Ballot)];
    }),
  );
}

const statesOf = (ledger: Ledger | undefined) => ledger && [ledger.checks, ledger.nodes, ledger.members, ledger.epoch];

/** Rounds in which the vantages that still live all see the same, until so much time has passed. */
function live(drive: Drive, cell: Cell, vantages: string[], sight: Sight, forMs: number): void {
  for (let passed = 0; passed < forMs; passed += cell.intervalMs) {
    for (const vantage of vantages) drive.look(vantage, sight);
    drive.decide();
    drive.act();
    drive.advance(cell.intervalMs);
  }
}

const isOut = (drive: Drive, node: string) => drive.switches().some((each) => each.node === node && !each.inService);

/** Must the guard let this node's member go, when all else is well? */
const guardsPermit = (cell: Cell, { id, node }: Check) =>
  cell.records
    .filter(({ requires, members }) => requires.includes(id) && members.some((member) => member.node === node))
    .every(({ guard, members }) => guard.mode === 'act' && members.length - 1 >= guard.minInService);

describe('once Q vantages agree, whatever came before and however silent the others are (L7)', () => {
  const HOUR_MS = 3_600_000;
  const plans = anyPlan.map((plan) => ({ ...plan, guards: plan.guards.map((each) => ({ ...each, failback: 'auto' as const })) }));

  it('all that is well returns and nothing stays owed (L4); what is down is out within two rounds + downFor (L1)', () => {
    let takenOut = 0;
    const holds = fc.property(plans, lifeOnly, fc.nat({ max: 63 }), (plan, events, which) => {
      const cell = cellFrom(plan);
      const drive = createDrive(cell, decide);
      play(drive, cell, events);
      const alive = cell.vantages.slice(-cell.quorum);
      const rounds = (count: number) => count * cell.intervalMs;
      const heal = () => {
        // Recovery and birth; then the hold and the flap hour of what had been taken out; then the hold of what returned.
        for (const pauseMs of [0, HOUR_MS, HOUR_MS]) {
          drive.advance(pauseMs);
          live(drive, cell, alive, () => 'up', rounds(6));
        }
        expect(drive.ledger()).toMatchObject({ checks: {}, nodes: {}, incidents: {}, intents: [] });
        // In a record that only reports, nothing is moved back either; nothing had been moved out.
        expect(drive.switches().filter(({ inService }) => !inService)).toEqual([]);
      };
      heal();

      const check = cell.checks[which % cell.checks.length] as Check;
      live(drive, cell, alive, (_, key) => (key === check.key ? 'down' : 'up'), rounds(2) + check.downForMs + 1);
      expect(drive.ledger()?.checks[check.key]).toMatchObject({ state: 'down' });
      const isRequired = cell.records.some(({ requires }) => requires.includes(check.id));
      if (isRequired && guardsPermit(cell, check)) {
        expect(isOut(drive, check.node)).toBe(true);
        takenOut++;
      }
      heal();
      expect(drive.violations()).toEqual([]);
    });
    fc.assert(holds, runs(50));
    expect(takenOut).toBeGreaterThan(10);
  });
});
