/** What decisions change, as coverage counts it. */
import type { Ledger } from '../core/ledger.ts';
import { CHAIN_HALTED, type Coverage, drillEnds, rareTransitionOf, transitionOf } from './coverage.ts';
import { type PageHold, RARE_KINDS } from './extras.ts';
import { endOf } from './invariants/silences.ts';
import { ledgerBefore, type Step } from './invariants/step.ts';

export interface Transitions {
  /** `after`: what the table took of the decision. */
  count(step: Step, after: Ledger): void;
}

const isRare = (kind: string): boolean => (RARE_KINDS as readonly string[]).includes(kind);

/** `onTransition`: a check changed its state. */
export function createTransitions(coverage: Coverage, onTransition: () => void): Transitions {
  function count(step: Step, after: Ledger): void {
    const { cell, before } = step;
    for (const { key, probe } of cell.checks) {
      const from = typeof before === 'string' ? 'up' : (before.checks[key]?.state ?? 'up');
      const to = after.checks[key]?.state ?? 'up';
      if (from === to) continue;
      coverage.count('transitions', transitionOf(from, to));
      if (isRare(probe.kind) && [from, to].includes('down') && [from, to].includes('up'))
        coverage.count('transitions', rareTransitionOf(probe.kind, transitionOf(from, to)));
      onTransition();
    }
    countHolds(step, after);
    countDrills(step, after);
  }

  function countDrills(step: Step, { drill }: Ledger): void {
    const before = ledgerBefore(step).drill;
    if (!drill?.ended || before?.endedAt !== undefined) return;
    coverage.count('transitions', drillEnds(drill.ended));
  }

  /** Pages that something new holds back, and chains that stand still. */
  function countHolds(step: Step, after: Ledger): void {
    const { cell, now } = step;
    const known = ledgerBefore(step).incidents;
    for (const { id, node, halt, behind, silencedUntil } of Object.values(after.incidents)) {
      const before = known[id];
      if (halt && !before) coverage.count('transitions', CHAIN_HALTED);
      if (behind !== undefined && before?.behind === undefined)
        coverage.count('guards', 'behind another node' satisfies PageHold);
      if (silencedUntil === undefined || before?.silencedUntil === silencedUntil) continue;
      const silence = cell.silences.find(
        (each) => endOf(each, now) === silencedUntil && after.silences[node]?.until !== silencedUntil,
      );
      if (silence) coverage.count('guards', (silence.cron ? 'silence, again and again' : 'silence, once') satisfies PageHold);
    }
  }

  return { count };
}
