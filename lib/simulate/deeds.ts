/** S6–S9, S15, S16 and what L2 promises of single intents: what reaches the world, and what the ledger says of it. */
import type { Read, SwitchState } from '../core/inputs.ts';
import type { FlipIntent, Intent, Ledger, Page } from '../core/ledger.ts';
import { isOfDrill } from './invariants/drill-check.ts';
import type { Invocation } from './invocations.ts';
import type { Answer } from './route53.ts';
import type { View } from './watch.ts';

/** What an arbiter knows when it changes a switch. */
export interface Known {
  arbiter: string;
  ledger: Read<Ledger>;
  /** It read the ledger after the switch. */
  isChecked: boolean;
  /** How often the table had been replaced when it read the ledger. */
  table: number;
  /** How many members the guard of its configuration keeps in service. */
  minInService: number;
}

export interface Deeds {
  /** Pages that were sent, oldest first. */
  readonly sent: readonly Page[];
  /** Those of them that were sent at this time or later. */
  sentSince(at: number): Page[];
  switchSeen(state: SwitchState): void;
  ledgerWritten(before: Ledger | undefined, after: Ledger, isDecision: boolean, by: View): void;
  flipped(known: Known, sent: SwitchState, result: 'updated' | 'version-mismatch', before: Answer[]): void;
  /** Its alarm took this member out. */
  alarmed(of: { record: string; node: string }, minInService: number, answers: Answer[]): void;
  /** `table`: how often it had been replaced when it asked for this page. */
  paged(by: Invocation, page: Page, table: number): void;
  incidentWritten(id: string): void;
  /** A hook was called with this intent's id. */
  hooked(id: string, hook: string): void;
  /** Vantages were asked to look for this drill. */
  drillAsked(id: string): void;
  /** Did its hook take the call of this intent? */
  wasHooked(id: string): boolean;
  /** Did a page say that this hook fails, of a call that was owed since then, and has it not answered in between? */
  wasToldAsFailed(hook: string, owedAt: number): boolean;
  /** The table was emptied or set back. */
  forget(): void;
  /** How often it was. */
  replaced(): number;
}

type Say = (rule: string, what: string) => void;

/** A page that is older is not sent any more (DESIGN.md, "Paging"). */
const TOO_OLD_MS = 15 * 60_000;

/** The hops of a drill that are pages, and what these say. */
const DRILL_PAGES = [
  ['paged', 'down'],
  ['over', 'recovered'],
] as const;

const keyOf = ({ incident, state, tier, attempt }: Page): string => `${incident} ${state} tier ${tier} attempt ${attempt}`;
const isBad = ({ state }: Page): boolean => state === 'down' || state === 'unknown';
const memberOf = ({ record, node }: { record: string; node: string }): string => `${record}/${node}`;

export function createDeeds(say: Say, now: () => number): Deeds {
  const sent: Page[] = [];
  const sentAt: number[] = [];
  /** By key: who sent it first, in the history that the table has since it was replaced so often. */
  const sentBy = new Map<string, { by: Invocation; table: number }>();
  /** By incident: in which history its end was told. */
  const recovered = new Map<string, number>();
  const badNews = new Set<string>();
  const committed = new Set<string>();
  /** By key: in which history it was committed last. */
  const committedPages = new Map<string, number>();
  const shown = new Set<string>();
  const recorded = new Set<string>();
  const hooked = new Set<string>();
  /** By id: how many pages had been sent when it was committed, and whether vantages were asked to look. */
  const drills = new Map<string, { sentBefore: number; isAsked: boolean }>();
  /** By hook: when it took calls. */
  const answeredAt = new Map<string, number[]>();
  const lastEpoch = new Map<string, number>();
  /** By member that an arbiter took out, in the history that the table has: the version that it left. Of what a hand does since they hear later. */
  const takenOut = new Map<string, number>();
  let replaced = 0;
  let latest: Ledger | undefined;
  const belongsOut = (of: { record: string; node: string }): boolean => latest?.members[memberOf(of)]?.inService === false;

  function committedNow(before: Ledger | undefined, after: Ledger): void {
    const known = new Set(before?.intents.map(({ id }) => id));
    for (const intent of after.intents) {
      if (known.has(intent.id)) continue;
      committed.add(intent.id);
      if (intent.kind === 'drill') drills.set(intent.drill, { sentBefore: sent.length, isAsked: false });
      if (intent.kind !== 'page') continue;
      const key = keyOf(intent.page);
      // A copy that was restored does not know what was committed since.
      if (committedPages.get(key) === replaced) say('S16', `${key} was committed twice`);
      committedPages.set(key, replaced);
      if (isBad(intent.page)) for (const id of toldBy(after, intent.page)) badNews.add(id);
      else if (intent.page.state === 'recovered' && !badNews.has(intent.page.incident)) say('S16', `${key} follows no bad news`);
    }
  }

  /** The incident of a page; of a digest also those for which it speaks. */
  const toldBy = ({ incidents }: Ledger, { incident }: Page): string[] => [
    incident,
    ...Object.values(incidents).flatMap(({ id, digest }) => (digest === incident ? [id] : [])),
  ];

  /** What left the ledger as done was done. */
  function settled(before: Ledger, after: Ledger, now: number): void {
    const left = new Set(after.intents.map(({ id }) => id));
    for (const intent of before.intents) {
      if (left.has(intent.id) || isDone(intent, before, after, now)) continue;
      say('L2', `${intent.kind} ${intent.id} left the ledger as done, and it never was`);
    }
    for (const intent of after.intents)
      if (!before.intents.some(({ id }) => id === intent.id)) say('S6', `${intent.id} was committed without a decision`);
  }

  /** What a drill says of its pages is so: they were sent, or are too old to be. */
  function judgeHops(before: Ledger, { drill }: Ledger, now: number): void {
    if (!drill || before.drill?.id !== drill.id || now - drill.until >= TOO_OLD_MS) return;
    const told = sent.slice(drills.get(drill.id)?.sentBefore).filter(({ subject }) => isOfDrill(subject));
    for (const [hop, state] of DRILL_PAGES) {
      const isNew = drill.hops[hop] !== undefined && before.drill.hops[hop] === undefined;
      if (isNew && !told.some((page) => page.state === state))
        say('drill', `${drill.id} says that it was ${hop}, and no page was sent`);
    }
  }

  function isDone(intent: Intent, before: Ledger, after: Ledger, now: number): boolean {
    if (intent.kind === 'page') return sentBy.has(keyOf(intent.page)) || now - intent.at > TOO_OLD_MS;
    if (intent.kind === 'record') return recorded.has(intent.incident) || !before.incidents[intent.incident];
    if (intent.kind === 'hook') return hooked.has(intent.id);
    if (intent.kind === 'drill') return drills.get(intent.drill)?.isAsked === true;
    const confirmed = after.members[memberOf(intent)]?.confirmed;
    return !confirmed || shown.has(`${memberOf(intent)} ${confirmed.version} ${confirmed.inService}`);
  }

  /** The flip that the arbiter must be carrying out: the newest of that member, as it read the ledger last. */
  function flipOf({ ledger }: Known, sentState: SwitchState): FlipIntent | undefined {
    if (typeof ledger === 'string') return undefined;
    const flips = ledger.intents.filter((each): each is FlipIntent => each.kind === 'flip');
    return flips.findLast((each) => memberOf(each) === memberOf(sentState));
  }

  /** S9 at Route 53 itself: whenever a member leaves, enough others answer at that moment. */
  function judgeSurvivors({ record, node }: Pick<SwitchState, 'record' | 'node'>, minInService: number, answers: Answer[]): void {
    const others = answers.filter((each) => each.record === record && each.node !== node && !isLeftOut(each));
    if (others.length >= minInService) return;
    say('S9', `${record}/${node} left ${record} to ${others.length} others, not ${minInService}`);
  }

  const isLeftOut = (state: Answer): boolean =>
    (state.isAlarmed && !state.isExcused) || (!state.inService && takenOut.get(memberOf(state)) === state.version);

  return {
    sent,
    switchSeen(state) {
      shown.add(`${memberOf(state)} ${state.version} ${state.inService}`);
    },
    ledgerWritten(before, after, isDecision, by) {
      latest = after;
      if (isDecision) committedNow(before, after);
      else if (before) {
        settled(before, after, by.now);
        judgeHops(before, after, by.now);
      }
    },
    flipped(known, state, result, before) {
      const member = memberOf(state);
      const intent = flipOf(known, state);
      const what = `${member} to ${state.inService ? 'in' : 'out'}`;
      if (!intent || intent.inService !== state.inService || !committed.has(intent.id))
        return say('S8', `${what}: nothing committed asks for it`);
      if (!known.isChecked) say('S7', `${what}: the ledger was not read between the switch and the update`);
      const lease = typeof known.ledger === 'string' ? undefined : known.ledger.leases[intent.lane];
      if (lease?.by !== known.arbiter) say('S7', `${what}: its lane is leased to ${lease?.by}`);
      if (result !== 'updated') return;
      const current = before.find((each) => memberOf(each) === member)?.version;
      shown.add(`${member} ${(current ?? 0) + 1} ${state.inService}`);
      if (state.version !== current) say('S8', `${what}: an update with version ${state.version} was taken at ${current}`);
      // Frozen right before its update, it belongs to a history that is gone: no order with what came after.
      if (known.table !== replaced) return;
      if (state.inService) takenOut.delete(member);
      else {
        judgeSurvivors(state, known.minInService, before);
        takenOut.set(member, (current ?? 0) + 1);
      }
      if (intent.epoch < (lastEpoch.get(member) ?? 0)) say('S7', `${what}: epoch ${intent.epoch} after ${lastEpoch.get(member)}`);
      lastEpoch.set(member, intent.epoch);
    },
    // What was said before it was put back may still take it out for a minute: nobody relied on it.
    alarmed(member, minInService, answers) {
      if (belongsOut(member)) judgeSurvivors(member, minInService, answers);
    },
    paged(by, page, table) {
      const key = keyOf(page);
      if (!committedPages.has(key)) say('S8', `${key} was sent, and nothing committed asks for it`);
      const first = sentBy.get(key);
      const isSame = first?.table === table;
      if (isSame && !first.by.life.troubled && !by.life.troubled) say('S16', `${key} was sent twice`);
      if (!isSame) sentBy.set(key, { by, table });
      if (page.state === 'recovered') recovered.set(page.incident, table);
      else if (isBad(page) && recovered.get(page.incident) === table && !by.life.troubled)
        say('S16', `${key} was sent after its recovery`);
      sent.push(page);
      sentAt.push(now());
    },
    incidentWritten(id) {
      recorded.add(id);
    },
    hooked(id, hook) {
      hooked.add(id);
      answeredAt.set(hook, [...(answeredAt.get(hook) ?? []), now()]);
      if (!committed.has(id)) say('S8', `hook ${id} was called, and nothing committed asks for it`);
    },
    drillAsked(id) {
      const drill = drills.get(id);
      if (drill) drill.isAsked = true;
      else say('S8', `vantages look for drill ${id}, and nothing committed asks for that`);
    },
    wasHooked: (id) => hooked.has(id),
    sentSince: (at) => sent.filter((_, index) => (sentAt[index] ?? 0) >= at),
    wasToldAsFailed: (hook, owedAt) =>
      sent.some(({ state, subject }, index) => {
        const at = sentAt[index] ?? 0;
        const hasAnswered = (answeredAt.get(hook) ?? []).some((each) => at < each && each < owedAt);
        return state === 'hook-failed' && subject === hook && !hasAnswered;
      }),
    forget() {
      replaced++;
      lastEpoch.clear();
      takenOut.clear();
    },
    replaced: () => replaced,
  };
}
