import { HOLD_RULES } from '../core/guard.ts';
import type { Verdict } from '../core/ledger.ts';
import { WORST_FIRST } from '../core/tally.ts';
import { CRASH_POINTS } from './crash-points.ts';
import { PAGE_HOLDS, RARE_KINDS } from './extras.ts';
import { FAULT_POINTS } from './faults.ts';
import { FOR_EVER, foreverOf } from './healing.ts';
import { ABSTENTIONS, type Abstention } from './invariants/trust.ts';

/** How often each thing that can happen did; 0: never. */
export interface Counts {
  faults: Record<string, number>;
  transitions: Record<string, number>;
  guards: Record<string, number>;
  /** Calls of the handlers, each before and after: how often a run was killed there. */
  crashPoints: Record<string, number>;
}

export interface Coverage {
  readonly counts: Counts;
  count(of: keyof Counts, name: string): void;
  /** It could have happened here. */
  pass(of: keyof Counts, name: string): void;
}

export const transitionOf = (from: Verdict, to: Verdict): string => `${from} → ${to}`;

export function rareTransitionOf(kind: string, move: string): string {
  return `${kind}: ${move}`;
}

/** `down` ends by healthy quorums alone: silence is none, and a few that still say `down` have to last. */
const isPossible = (from: Verdict, to: Verdict): boolean =>
  from !== to && !(from === 'down' && ['unknown', 'partial'].includes(to));

const TRANSITIONS = WORST_FIRST.flatMap((from) =>
  WORST_FIRST.filter((to) => isPossible(from, to)).map((to) => transitionOf(from, to)),
);

/** Both ways of a check of a kind that few cells have; and a chain that stands still. */
const RARE_TRANSITIONS = RARE_KINDS.flatMap((kind) => ['up → down', 'down → up'].map((move) => rareTransitionOf(kind, move)));
export const CHAIN_HALTED = 'a chain stands still';

/** How a drill ends, and what it lacked is no matter. */
export const drillEnds = (ended: string): string => `a drill ends: ${ended.replace(/^without .*/, 'incomplete')}`;
const DRILL_ENDS = ['through', 'another member is down', 'without any'].map(drillEnds);

export const abstainsFor = (reason: Abstention): string => `abstains: ${reason}`;

const zeros = (names: readonly string[]): Record<string, number> => Object.fromEntries(names.map((name) => [name, 0]));

/** Nothing has happened yet of all that can: the list comes from the faults and from the code's own rules and states. */
export function createCoverage(): Coverage {
  const counts: Counts = {
    faults: zeros([...FAULT_POINTS, ...FOR_EVER.map(foreverOf)]),
    transitions: zeros([...TRANSITIONS, ...RARE_TRANSITIONS, CHAIN_HALTED, ...DRILL_ENDS]),
    guards: zeros([...Object.keys(HOLD_RULES), ...PAGE_HOLDS, ...ABSTENTIONS.map(abstainsFor)]),
    crashPoints: zeros(CRASH_POINTS),
  };
  return {
    counts,
    count(of, name) {
      counts[of][name] = (counts[of][name] ?? 0) + 1;
    },
    pass(of, name) {
      counts[of][name] ??= 0;
    },
  };
}

/** The sum of several counts, names in order. */
export function sumOf(all: readonly Counts[]): Counts {
  const sum = createCoverage().counts;
  for (const kind of Object.keys(sum) as (keyof Counts)[]) {
    for (const counts of all)
      for (const [name, times] of Object.entries(counts[kind])) sum[kind][name] = (sum[kind][name] ?? 0) + times;
    sum[kind] = Object.fromEntries(Object.entries(sum[kind]).sort(([one], [other]) => (one < other ? -1 : 1)));
  }
  return sum;
}

/** What never happened, `<kind>: <name>`. */
export const missedIn = (counts: Counts): string[] =>
  Object.entries(counts).flatMap(([kind, each]) =>
    Object.entries(each).flatMap(([name, times]) => (times === 0 ? [`${kind}: ${name}`] : [])),
  );
