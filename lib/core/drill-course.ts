/** The course of a fire drill: how it begins, how far it has come, and how it ends. */
import type { Act } from './acts.ts';
import { memberKey } from './cell.ts';
import { type Draft, owe } from './draft.ts';
import { drillKey, drillSubject } from './drill.ts';
import type { Drill } from './ledger.ts';
import { oweNotice } from './paging.ts';

/** Long enough for two ticks of an arbiter that nobody wakes, and for two looks. */
const LIFE_MS = 5 * 60_000;
/** An order that is older was for another hour. */
const STALE_MS = 15 * 60_000;
/** For so long what came of it can be read. */
const REPORT_MS = 60 * 60_000;

type DrillOrder = Omit<Extract<Act, { kind: 'drill' }>, 'kind' | 'seq'>;

/** Begins a drill that somebody asked for, unless one is under way or the order is an old one. */
export function beginDrill(draft: Draft, order: DrillOrder): void {
  const { ledger, now, cell } = draft;
  const { node, flip, hooks, by, at } = order;
  const objection = objectionTo(draft, order);
  if (objection !== undefined) {
    draft.events.push({ event: 'note', text: `no drill: ${objection}` });
    return;
  }
  const tier = Math.min(Math.max(1, order.tier), Math.max(1, cell.paging.tiers.length));
  const id = `${ledger.incarnation}-${ledger.epoch}`;
  const asked = { tier, flip, hooks, by, askedAt: at, startedAt: now, until: now + LIFE_MS };
  ledger.drill = { id, ...(node !== undefined && { node }), ...asked, hops: { begun: now } };
  owe(draft, { kind: 'drill', lane: 'drill', drill: id, ...(node !== undefined && { node }) });
}

function objectionTo(draft: Draft, { at, node, flip }: DrillOrder): string | undefined {
  const { ledger, now } = draft;
  if (ledger.drill !== undefined && ledger.drill.endedAt === undefined) return 'another one is under way';
  if (now - at > STALE_MS) return 'it was asked for too long ago';
  return flip && !(node !== undefined && mayFlip(draft, node))
    ? `${node} is not in service everywhere, or is in somebody's hand`
    : undefined;
}

/** Begins the drill that the configuration asks for at this time, once. */
export function beginScheduledDrill(draft: Draft): void {
  const { drillDueAt } = draft.inputs;
  if (drillDueAt === undefined || drillDueAt <= (draft.ledger.drill?.startedAt ?? 0)) return;
  if (draft.now - drillDueAt > STALE_MS) return;
  beginDrill(draft, { at: drillDueAt, by: 'schedule', tier: 1, flip: false, hooks: false });
}

/** A member is taken out by a drill only if nothing and nobody else has a hand on it. */
function mayFlip({ cell, ledger }: Draft, node: string): boolean {
  if (ledger.manual[node] || ledger.pausedUntil !== undefined) return false;
  const records = cell.records.filter(({ members }) => members.some((member) => member.node === node));
  return records.length > 0 && records.every(({ id }) => ledger.members[memberKey(id, node)]?.inService ?? true);
}

/** Notes how far a drill has come, and ends it: when it is through, when its time is over, or when something real happens beside it. */
export function followDrill(draft: Draft): void {
  const { ledger, now } = draft;
  const { drill } = ledger;
  if (!drill) return;
  if (drill.endedAt !== undefined) {
    if (now - drill.endedAt >= REPORT_MS) delete ledger.drill;
    return;
  }
  if (drill.hops.down === undefined && ledger.checks[drillKey(drill)]?.state === 'down') {
    drill.hops.down = now;
    drill.seen = Object.fromEntries(
      Object.entries(draft.votes.get(drillKey(drill)) ?? {}).flatMap(([vantage, { vote, since }]) =>
        vote === 'down' ? [[vantage, since]] : [],
      ),
    );
  }
  const missing = missingHops(drill);
  if (missing.length === 0) end(draft, drill, 'through');
  else if (drill.flip && isTroubleBeside(draft, drill)) end(draft, drill, 'another member is down');
  else if (now >= drill.until) {
    end(draft, drill, `without ${missing.join(', ')}`);
    oweNotice(draft, 'drill-failed', drillSubject(drill), `the drill did not get through: no ${missing.join(', no ')}`);
  }
}

/** The hops that a drill must make before it ends, as far as it has not made them. */
function missingHops({ hops, flip, hooks }: Drill): (keyof Drill['hops'])[] {
  const wanted = ['asked', 'down', 'paged', ...(hooks ? ['hooked' as const] : []), ...(flip ? ['out' as const] : [])] as const;
  return wanted.filter((hop) => hops[hop] === undefined);
}

/** A member that a drill took out must not be missed when another one fails. */
function isTroubleBeside({ cell, live }: Draft, { node }: Drill): boolean {
  return cell.records.some(
    ({ members, requires }) =>
      members.some((member) => member.node === node) &&
      members.some((other) => other.node !== node && requires.some((id) => live.get(`${other.node}/${id}`) === 'down')),
  );
}

/** The member returns at once, whatever its hold, and the drill does not count as a flap of it. */
function end({ ledger, cell, now }: Draft, drill: Drill, how: string): void {
  drill.endedAt = now;
  drill.ended = how;
  if (!drill.flip || drill.node === undefined) return;
  for (const { id } of cell.records) {
    const entry = ledger.members[memberKey(id, drill.node)];
    if (!entry) continue;
    // What was flipped by the decision that began it was not flipped by it.
    entry.flaps = entry.flaps.filter((at) => at <= drill.startedAt);
    if (!entry.inService && entry.at > drill.startedAt) entry.restored = true;
  }
}
