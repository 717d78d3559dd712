/** Stories of a cell, told in lines: what vantages see, round by round, and what comes of it. */
import type { Acts, NewAct } from '../../lib/core/acts.ts';
import type { Ballot, Vote } from '../../lib/core/ballot.ts';
import { type Cell, memberKey } from '../../lib/core/cell.ts';
import { decide } from '../../lib/core/decide.ts';
import { drillKey, withDrill } from '../../lib/core/drill.ts';
import type { QuorumEvent } from '../../lib/core/events.ts';
import { isGroup } from '../../lib/core/groups.ts';
import type { SwitchState } from '../../lib/core/inputs.ts';
import { headOf, lanesHeldBy, type Outcome, settle } from '../../lib/core/intents.ts';
import type { Intent, Ledger } from '../../lib/core/ledger.ts';
import { mergeRun, type Observation } from '../../lib/core/merge.ts';
import { messageOf } from '../../lib/core/messages.ts';
import type { ReasonCode } from '../../lib/core/reasons.ts';
import { activeSilences } from '../../lib/silences/active.ts';
import { ledgerOf, START_MS } from './invariants/world.ts';

/**
 * What every vantage sees, one letter each, in their order: `u`p, `g` degraded, `d`own, `x` down for want of a connection, `a`bstain;
 * `-`: no round at all.
 * By node, for all its checks, or by check key. What is not named is up.
 */
export type Sight = Record<string, string>;
/** An act without its time. */
type Order = NewAct extends infer Each ? (Each extends NewAct ? Omit<Each, 'at' | 'by'> : never) : never;

interface Trouble {
  flips?: boolean;
  pages?: boolean;
  records?: boolean;
  hooks?: readonly string[];
  /** Vantages cannot be asked to look. */
  drills?: boolean;
  /** Of these members Route 53 says nothing. */
  unseen?: readonly string[];
  /** Nobody hears what alarms are told: who returns may still be kept out by its own. */
  alarms?: boolean;
}

export interface Story {
  /** So many rounds in which every vantage looks at the same moment, and an arbiter decides and acts. */
  rounds(count: number, sight?: Sight): Story;
  /** One more look, so many seconds after the last one. */
  after(seconds: number, sight?: Sight): Story;
  /** Somebody asks for something; it counts from the next decision on. */
  order(act: Order): Story;
  /** Somebody changes a switch at Route 53; it is seen at the next decision. */
  hand(record: string, node: string, inService: boolean): Story;
  /** Route 53, SNS, the incidents' items or hooks (of these nodes) fail from now on, or work again. */
  failing(what: Trouble): Story;
  /** The table is emptied. */
  wipe(): Story;
  /** From now on this is the arbiters' configuration, or the probers', or everybody's. */
  deploy(next: Cell, to?: 'arbiters' | 'probers' | 'all'): Story;
  /** What happened since this was asked last: `0:20 eu up → down`. */
  told(): string[];
  ledger(): Ledger;
  incident(node: string): string;
}

const REASONS: Record<string, ReasonCode> = { u: 'ok', g: 'slow', d: 'status', x: 'connect-timeout' };
const VOTES: Record<string, Vote> = { u: 'up', g: 'degraded', d: 'down', x: 'down', a: 'abstain' };

/** A story that begins with everything in service and at rest, an hour after birth; with `born: false` it begins with nothing; with `texts`, pages are told in their own words. */
export function storyOf(cell: Cell, { born = true, hooks = false, texts = false } = {}): Story {
  let now = START_MS + 3_600_000;
  const start = now;
  let config = cell;
  let asked = cell;
  let ledger: Ledger | undefined = born ? ledgerOf(cell) : undefined;
  let acts: Acts | undefined;
  let lines: string[] = [];
  let trouble: Trouble = {};
  let hasLooked = false;
  const ballots = new Map<string, Ballot>();
  const switches = new Map<string, SwitchState>();
  for (const { id: record, members } of cell.records)
    for (const { node } of members) switches.set(memberKey(record, node), { record, node, inService: true, version: 1 });

  const say = (line: string) => lines.push(`${clockOf(now - start)} ${line}`);

  function look(sight: Sight): void {
    for (const [index, vantage] of asked.vantages.entries()) {
      const letterOf = (key: string, node: string) => (sight[key] ?? sight[node] ?? '')[index] ?? 'u';
      const mine = asked.checks.filter((check) => check.vantages.includes(vantage) && !isGroup(check));
      const isSilent = Object.values(sight).some((letters) => letters[index] === '-');
      if (isSilent) continue;
      const seen = mine.map(({ key, node }): [string, Observation] => {
        const letter = letterOf(key, node);
        const vote = VOTES[letter] ?? 'abstain';
        const reason = REASONS[letter] ?? 'unfinished';
        return [key, { vote, reason, observedAt: now, ...(vote === 'down' && { detail: 'HTTP 500' }) }];
      });
      const intervalsMs = [...new Set(mine.map(({ intervalMs }) => intervalMs))];
      const run = { kind: 'round', startedAt: now, intervalsMs, seen: new Map(seen) } as const;
      ballots.set(vantage, mergeRun(asked, vantage, ballots.get(vantage), run).ballot);
      lookForDrill(vantage);
    }
  }

  /** While a drill is under way every vantage looks at what it fails by, too, unless nobody could ask. */
  function lookForDrill(vantage: string): void {
    const drill = ledger?.drill;
    if (!drill || drill.endedAt !== undefined || trouble.drills) return;
    const seen = new Map([[drillKey(drill), { vote: 'down', reason: 'connect-refused', observedAt: now } as const]]);
    const merged = mergeRun(withDrill(asked, drill), vantage, ballots.get(vantage), { kind: 'opinion', seen });
    ballots.set(vantage, merged.ballot);
  }

  function decideAndAct(): void {
    const inputs = {
      ballots: Object.fromEntries(config.vantages.map((each) => [each, ballots.get(each) ?? ('missing' as const)])),
      acts: acts ?? ('missing' as const),
      switches: [...switches].filter(([key]) => !trouble.unseen?.includes(key)).map(([, each]) => ({ ...each })),
      silences: activeSilences(config.silences, now),
      ...(!trouble.alarms && { returned: Object.keys(ledger?.returning ?? {}) }),
    };
    const decision = decide(config, inputs, ledger ?? 'missing', now, { arbiter: 'a0', nonce: 'life' });
    if (!decision.ledger) return;
    ledger = decision.ledger;
    for (const event of decision.events) say(sentence(event));
    for (const lane of lanesHeldBy(ledger, 'a0', now)) workOff(lane);
  }

  function workOff(lane: string): void {
    for (let intent = ledger && headOf(ledger, lane); ledger && intent; intent = headOf(ledger, lane)) {
      const outcome = perform(intent);
      ledger = settle(ledger, intent.id, outcome, now) ?? ledger;
      if (!outcome.done) return;
    }
  }

  function perform(intent: Intent): Outcome {
    if (intent.kind === 'page') {
      if (trouble.pages) return { done: false, error: 'SNS is down' };
      const { subject, state, tier, quiet, attempt } = intent.page;
      const to = `${quiet ? 'quiet ' : ''}tier ${tier}${attempt > 1 ? `, attempt ${attempt}` : ''}`;
      say(texts ? `${to}: ${messageOf(intent.page, '', config.paging.timezone).text}` : `page ${subject} ${state}, ${to}`);
    }
    if (intent.kind === 'hook') {
      if (trouble.hooks?.includes(intent.node)) return { done: false, error: 'connection refused' };
      if (hooks) say(`hook ${intent.hook}: ${intent.body.text}`);
    }
    if (intent.kind === 'drill') return { done: true };
    if (intent.kind === 'record' && trouble.records) return { done: false, error: 'the table is down' };
    if (intent.kind !== 'flip') return { done: true };
    if (trouble.flips) return { done: false, error: 'Route 53 is down' };
    const { record, node, inService } = intent;
    const version = (switches.get(memberKey(record, node))?.version ?? 0) + 1;
    switches.set(memberKey(record, node), { record, node, inService, version });
    say(`${record}: ${node} ${inService ? 'in' : 'out'}`);
    return { done: true, version };
  }

  const story: Story = {
    rounds(count, sight = {}) {
      for (let round = 0; round < count; round++) story.after(hasLooked ? cell.intervalMs / 1_000 : 0, sight);
      return story;
    },
    after(seconds, sight = {}) {
      now += seconds * 1_000;
      hasLooked = true;
      look(sight);
      decideAndAct();
      return story;
    },
    order(act) {
      acts ??= { schema: 1, incarnation: 'acts', version: 0, acts: [] };
      const version = acts.version + 1;
      acts = { ...acts, version, acts: [...acts.acts, { ...act, seq: version, at: now, by: 'ann' }] };
      return story;
    },
    hand(record, node, inService) {
      const { version } = switches.get(memberKey(record, node)) ?? { version: 0 };
      switches.set(memberKey(record, node), { record, node, inService, version: version + 1 });
      return story;
    },
    failing(what) {
      trouble = what;
      return story;
    },
    wipe() {
      ledger = undefined;
      acts = undefined;
      ballots.clear();
      return story;
    },
    deploy(next, to = 'all') {
      if (to !== 'probers') config = next;
      if (to !== 'arbiters') asked = next;
      return story;
    },
    told() {
      const told = lines;
      lines = [];
      return told;
    },
    ledger() {
      if (!ledger) throw new Error('there is no ledger yet');
      return ledger;
    },
    incident(node) {
      const id = ledger?.nodes[node]?.incident;
      if (!id) throw new Error(`${node} is in no incident`);
      return id;
    },
  };
  return story;
}

/** `12:05`: minutes and seconds since the story began. */
const clockOf = (ms: number): string =>
  `${Math.floor(ms / 60_000)}:${String(Math.floor((ms % 60_000) / 1_000)).padStart(2, '0')}`;

function sentence(event: QuorumEvent): string {
  if (event.event === 'transition') return `${event.node} ${event.from} → ${event.to}`;
  if (event.event === 'hold') return `${event.record}: ${event.node} held (${event.rule})`;
  return event.event === 'note' ? `note: ${event.text}` : event.event;
}
