/** Fire drills: each was asked for, ends in time, reaches whom it was to reach, and touches nothing real unless asked to. */
import type { Drill, Ledger } from '../../core/ledger.ts';
import { drillUnderWay, isOfDrill } from './drill-check.ts';
import { newPages } from './pages.ts';
import { freshActs, observe } from './reading.ts';
import { ledgerBefore, type Step, type Violation } from './step.ts';

/** An order that is older was for another hour. */
const STALE_MS = 15 * 60_000;

/** A drill begins because it was asked for, ends in time, and speaks to those whom it was to reach. */
export function drillViolations(step: Step): Violation[] {
  const { after, now } = step;
  const before = ledgerBefore(step).drill;
  const drill = (after ?? ledgerBefore(step)).drill;
  if (!before && !drill) return [];
  const found: Violation[] = [];
  const say = (what: string) => found.push({ rule: 'drill', at: now, what });
  const running = drillUnderWay(ledgerBefore(step));
  if (running && drill?.id !== running.id) say(`${running.id} was under way, and is forgotten`);
  if (running && now >= running.until && drill?.endedAt === undefined) say(`${running.id} should be over since ${running.until}`);
  if (drill && drill.id !== before?.id) judgeBeginning(step, drill, say);
  // The last one's may still be told its end when the next one begins.
  const known = [before, drill].filter((each) => each !== undefined);
  if (drill && after) judgeCalls(step, known, after, say);
  return found;
}

type Say = (what: string) => void;

function judgeBeginning(step: Step, drill: Drill, say: Say): void {
  const { inputs, now } = step;
  const { id, node, flip, hooks, askedAt, by } = drill;
  const isOrdered = freshActs(step).some(
    (act) =>
      act.kind === 'drill' && [act.at, act.by, act.node, act.flip, act.hooks].join() === [askedAt, by, node, flip, hooks].join(),
  );
  const isScheduled = inputs.drillDueAt === askedAt && !flip && !hooks && node === undefined;
  if (!isOrdered && !isScheduled) say(`${id} began, and nobody asked for it`);
  if (now - askedAt > STALE_MS) say(`${id} began, and was asked for ${now - askedAt} ms ago`);
  if (flip && node !== undefined && isInSomebodysHand(step, node))
    say(`${id} is to take ${node} out, which is in somebody's hand`);
}

/** Before this step, and nobody let go of it in this step. */
function isInSomebodysHand(step: Step, node: string): boolean {
  const { manual, members } = ledgerBefore(step);
  const isOrdered = manual[node] !== undefined && observe(step).orders.manual[node] === manual[node];
  return (
    isOrdered || step.cell.records.some(({ id }) => members[`${id}/${node}`]?.foreign && !members[`${id}/${node}`]?.inService)
  );
}

/** Its pages go to its tier; hooks hear of it if somebody wanted that; and nobody takes it for a real outage. */
function judgeCalls(step: Step, drills: readonly Drill[], after: Ledger, say: Say): void {
  for (const { page } of newPages(step)) {
    const isNews = page.state === 'down' || page.state === 'unknown';
    if (page.together?.nodes.some(isOfDrill)) say(`a page of ${page.subject} takes a drill for a real outage`);
    if (isOfDrill(page.subject) && isNews && !drills.some(({ tier }) => tier === page.tier))
      say(`${page.subject} is paged to tier ${page.tier}, and nobody asked for that`);
  }
  for (const intent of after.intents) {
    const isCall = intent.kind === 'hook' && intent.epoch === after.epoch && isOfDrill(intent.node);
    if (isCall && !drills.some(({ hooks }) => hooks))
      say(`${intent.hook} is called for ${intent.node}, and nobody asked for that`);
  }
}
