/** S16: nobody is paged twice for one thing, and good news never comes before bad; L3: who waits behind whom. */
import type { Cell } from '../../core/cell.ts';
import type { PageIntent } from '../../core/ledger.ts';
import { type History, ledgerBefore, type Step, type Violation } from './step.ts';

const keyOf = ({ page }: Pick<PageIntent, 'page'>): string =>
  `${page.incident} ${page.state} tier ${page.tier} attempt ${page.attempt}`;

/** The pages that this step's decision commits. */
export function newPages(step: Step): PageIntent[] {
  const known = new Set(ledgerBefore(step).intents.map(({ id }) => id));
  return (step.after?.intents ?? []).filter((each): each is PageIntent => each.kind === 'page' && !known.has(each.id));
}

/** S16 over one step: no page twice, and `recovered` only of what had been reported. */
export function pageViolations(step: Step): Violation[] {
  const { after, now } = step;
  if (!after) return [];
  const found: Violation[] = [];
  const say = (what: string) => found.push({ rule: 'S16', at: now, what });
  const owed = after.intents.filter((each): each is PageIntent => each.kind === 'page').map(keyOf);
  for (const page of newPages(step)) {
    const key = keyOf(page);
    if (owed.filter((each) => each === key).length > 1) say(`${key} is owed twice`);
    if (page.page.state !== 'recovered') continue;
    const before = ledgerBefore(step).incidents[page.page.incident];
    if (!before) say(`${page.page.incident} recovered before it was open`);
    if (['down', 'unknown'].includes(after.nodes[page.page.subject]?.state ?? 'up'))
      say(`${page.page.subject} is said to have recovered, and is ${after.nodes[page.page.subject]?.state}`);
  }
  return found;
}

/** The nodes that this one cannot work without. */
function causesOf(cell: Cell, id: string, known: ReadonlySet<string> = new Set()): Set<string> {
  const { dependsOn = [] } = cell.nodes.find((each) => each.id === id) ?? {};
  const found = new Set([...known, ...dependsOn]);
  return dependsOn.filter((each) => !known.has(each)).reduce((all, each) => causesOf(cell, each, all), found);
}

/** L3 for nodes that depend on others: nobody is woken for what another outage explains, and nothing waits behind a node that is well. */
export function dependencyViolations(step: Step): Violation[] {
  const { cell, after, now } = step;
  if (!after || cell.nodes.every(({ dependsOn }) => dependsOn.length === 0)) return [];
  const isDown = (id: string): boolean => after.nodes[id]?.state === 'down';
  const isReturning = (checks: readonly string[]): boolean =>
    checks.every((key) => after.checks[key]?.state !== 'down' || after.checks[key].recovery);
  const found: Violation[] = [];
  const say = (what: string) => found.push({ rule: 'L3', at: now, what });
  for (const { id, node, behind, state } of Object.values(after.incidents)) {
    const known = cell.nodes.find((each) => each.id === node);
    if (behind === undefined || state === 'closed' || !known) continue;
    if (!causesOf(cell, node).has(behind)) say(`${id} waits behind ${behind}, on which ${node} does not depend`);
    if (!isDown(behind) && !isReturning(known.checks))
      say(`${id} waits behind ${behind}, which is ${after.nodes[behind]?.state ?? 'up'}`);
  }
  for (const { page } of newPages(step)) {
    const cause = [...causesOf(cell, page.subject)].find(isDown);
    if (page.state === 'down' && cause !== undefined) say(`${page.subject} is paged, and ${cause} explains it`);
  }
  return found;
}

/** S16 over a history: committed once, sent once but for crashes right after publishing, in the right order. */
export function pagingViolations(history: History): Violation[] {
  const found: Violation[] = [];
  const committed = new Set<string>();
  const sent = new Map<string, { crashed: boolean }>();
  const badNews = { committed: new Set<string>(), sent: new Set<string>() };
  const isBad = (state: string) => state === 'down' || state === 'unknown';
  for (const happening of history) {
    if (happening.kind === 'step') {
      for (const intent of newPages(happening.step)) {
        const say = (what: string) => found.push({ rule: 'S16', at: happening.step.now, what: `${keyOf(intent)} ${what}` });
        if (committed.has(keyOf(intent))) say('was committed twice');
        committed.add(keyOf(intent));
        if (isBad(intent.page.state)) badNews.committed.add(intent.page.incident);
        if (intent.page.state === 'recovered' && !badNews.committed.has(intent.page.incident)) say('follows no bad news');
      }
    }
    if (happening.kind !== 'deed' || happening.deed.kind !== 'page') continue;
    const { page, at, crashed } = happening.deed;
    const key = keyOf(happening.deed);
    const say = (what: string) => found.push({ rule: 'S16', at, what: `${key} ${what}` });
    if (sent.get(key)?.crashed === false) say('was sent twice');
    sent.set(key, { crashed: crashed === true });
    if (isBad(page.state)) badNews.sent.add(page.incident);
    if (page.state === 'recovered' && !badNews.sent.has(page.incident)) say('was sent before any bad news');
  }
  return found;
}
