/** The whole judge: every rule of DESIGN.md, "What must never happen", that a decision or a history can break. */
import type { decide } from '../../core/decide.ts';
import { withDrill } from './drill-check.ts';
import { drillViolations } from './drills.ts';
import { emptyViolations } from './empty.ts';
import { chainViolations, epochViolations, purityViolations } from './epochs.ts';
import { countViolations, evidenceViolations, stateViolations } from './evidence.ts';
import { deedViolations, flipViolations } from './flips.ts';
import { guardViolations, recoveryViolations } from './guard.ts';
import { manualViolations } from './manual.ts';
import { dependencyViolations, pageViolations, pagingViolations } from './pages.ts';
import { restViolations } from './rest.ts';
import { adoptionViolations, exceptionViolations } from './returns.ts';
import type { History, Step, Violation } from './step.ts';

const STEP_RULES: ((step: Step) => Violation[])[] = [
  evidenceViolations,
  stateViolations,
  countViolations,
  epochViolations,
  flipViolations,
  guardViolations,
  recoveryViolations,
  manualViolations,
  emptyViolations,
  pageViolations,
  dependencyViolations,
  restViolations,
  exceptionViolations,
  adoptionViolations,
  drillViolations,
];

/** Every rule that one step broke. With `again`, S17 too: it decides a second time. */
export function judgeStep(step: Step, again?: typeof decide): Violation[] {
  const seen = withDrill(step);
  return [...STEP_RULES.flatMap((rule) => rule(seen)), ...(again ? purityViolations(step, again) : [])];
}

/** Every rule that a history broke beyond those of its single steps. */
export const judgeHistory = (history: History): Violation[] => [
  ...chainViolations(history),
  ...deedViolations(history),
  ...pagingViolations(history),
];
