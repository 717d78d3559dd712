/** Plays probers, people and arbiters around `decide`, over switches in memory, so that ledgers have a real history behind them. */
import type { Acts, NewAct } from '../../../lib/core/acts.ts';
import type { Ballot, Vote } from '../../../lib/core/ballot.ts';
import { type Cell, memberKey } from '../../../lib/core/cell.ts';
import type { decide as Decide } from '../../../lib/core/decide.ts';
import type { Inputs, Read, SwitchState } from '../../../lib/core/inputs.ts';
import { headOf, lanesHeldBy, mayAct, type Outcome, settle } from '../../../lib/core/intents.ts';
import type { Intent, Ledger } from '../../../lib/core/ledger.ts';
import { mergeRun, type Observation, type Run } from '../../../lib/core/merge.ts';
import { frozenCopy } from '../../../lib/simulate/invariants/epochs.ts';
import { ballotViolations } from '../../../lib/simulate/invariants/evidence.ts';
import { judgeHistory, judgeStep } from '../../../lib/simulate/invariants/judge.ts';
import type { Deed, Happening, Step, Violation } from '../../../lib/simulate/invariants/step.ts';
import { START_MS } from './world.ts';

/** What a vantage sees of a check. */
export type Sight = (vantage: string, check: string) => Vote;

/** What goes wrong while an arbiter carries intents out. */
export interface Trouble {
  /** Route 53 does not answer. */
  noFlips?: boolean;
  /** SNS does not answer. */
  noPages?: boolean;
  /** The arbiter dies after its first deed, before it can say so. */
  dies?: boolean;
}

/** What an arbiter cannot read, or does not look at. */
export interface Reading {
  ledger?: 'unreadable';
  acts?: 'unreadable';
  /** Vantages whose ballot stays unread. */
  unread?: string[];
  /** It asked Route 53 as well. */
  switches?: boolean;
}

export interface Drive {
  now(): number;
  advance(ms: number): void;
  /** A round of a vantage over all checks; `abstain` of everything is a vantage that does not trust itself. */
  look(vantage: string, sight: Sight): void;
  /** A second opinion on one check. */
  opinion(vantage: string, check: string, sight: Sight): void;
  /** The vantage declares that it cannot see. */
  abstain(vantage: string): void;
  order(act: NewAct): void;
  /** Somebody flips a switch at Route 53 by hand. */
  hand(record: string, node: string, inService: boolean): void;
  /** From now on these vantages, and no others, run a newer configuration: it asks the first check otherwise. */
  rollOut(vantages: readonly string[]): void;
  /** The table is emptied. */
  wipe(): void;
  /** An arbiter decides and commits. */
  decide(arbiter?: string, reading?: Reading): Step;
  /** An arbiter carries out everything that it holds the lane of. */
  act(arbiter?: string, trouble?: Trouble): void;
  /** Every vantage looks, an arbiter decides, acts, and decides again after the interval. */
  round(sight: Sight): void;
  ledger(): Ledger | undefined;
  switches(): SwitchState[];
  history(): readonly Happening[];
  /** Everything that was wrong up to now. */
  violations(): Violation[];
}

/** A world around one cell: every switch in service, nothing decided yet. */
export function createDrive(plan: Cell, decide: typeof Decide, startMs = START_MS): Drive {
  const cell = frozenCopy(plan);
  let now = startMs;
  let ledger: Ledger | undefined;
  let acts: Acts | undefined;
  let births = 0;
  const ballots = new Map<string, Ballot>();
  const switches = new Map<string, SwitchState>();
  const history: Happening[] = [];
  const violations: Violation[] = [];
  for (const { id: record, members } of cell.records)
    for (const { node } of members) switches.set(memberKey(record, node), { record, node, inService: true, version: 1 });

  const newer: Cell = {
    ...cell,
    probeHash: `newer than ${cell.probeHash}`,
    checks: cell.checks.map((check, index) => (index === 0 ? { ...check, hash: `newer than ${check.hash}` } : check)),
  };
  const upgraded = new Set<string>();

  const cast = (vantage: string, run: Run) => {
    const prior = ballots.get(vantage);
    const own = upgraded.has(vantage) ? newer : cell;
    const { ballot } = mergeRun(own, vantage, prior, run);
    if (!prior || prior.probeHash === ballot.probeHash)
      violations.push(...ballotViolations(own, prior ?? 'missing', ballot, now));
    ballots.set(vantage, ballot);
  };
  const seen = (vantage: string, checks: string[], sight: Sight): Map<string, Observation> =>
    new Map(
      checks.map((key) => {
        const vote = sight(vantage, key);
        const reason = vote === 'up' ? 'ok' : vote === 'abstain' ? 'unfinished' : 'connect-refused';
        return [key, { vote, reason, observedAt: now }];
      }),
    );
  const show = () => [...switches.values()].map((each) => ({ ...each }));
  const deed = (what: Deed) => history.push({ kind: 'deed', deed: what, switches: show() });

  /** Tries one intent at the outside; gives its outcome. */
  const perform = (intent: Intent, trouble: Trouble): Outcome => {
    if (intent.kind === 'record') return { done: true };
    if (intent.kind === 'hook') {
      deed({ kind: 'hook', at: now, intent: intent.id, hook: intent.hook });
      return { done: true };
    }
    if (intent.kind === 'page') {
      if (trouble.noPages) return { done: false, error: 'SNS does not answer' };
      deed({ kind: 'page', at: now, intent: intent.id, page: intent.page, ...(trouble.dies && { crashed: true }) });
      return { done: true };
    }
    if (intent.kind === 'drill') return { done: true };
    const current = switches.get(memberKey(intent.record, intent.node));
    if (trouble.noFlips || !current) return { done: false, error: 'Route 53 does not answer' };
    const sent: SwitchState = { record: intent.record, node: intent.node, inService: intent.inService, version: current.version };
    deed({ kind: 'flip', at: now, intent: intent.id, epoch: intent.epoch, sent, result: 'updated' });
    const version = current.version + 1;
    switches.set(memberKey(intent.record, intent.node), { ...sent, version });
    return { done: true, version };
  };

  const actOnLane = (lane: string, arbiter: string, trouble: Trouble): boolean => {
    const intent = ledger && headOf(ledger, lane);
    if (!ledger || !intent || !mayAct(ledger, intent.id, arbiter, now)) return false;
    const outcome = perform(intent, trouble);
    if (trouble.dies) return false;
    const next = settle(ledger, intent.id, outcome, now);
    if (!next) return false;
    ledger = next;
    history.push({ kind: 'written', at: now, ledger });
    return outcome.done;
  };

  const drive: Drive = {
    now: () => now,
    advance(ms) {
      now += ms;
    },
    look(vantage, sight) {
      const checks = cell.checks.filter(({ vantages }) => vantages.includes(vantage));
      const intervalsMs = [...new Set(checks.map(({ intervalMs }) => intervalMs))];
      const keys = checks.map(({ key }) => key);
      cast(vantage, { kind: 'round', startedAt: now, intervalsMs, seen: seen(vantage, keys, sight) });
    },
    opinion(vantage, check, sight) {
      cast(vantage, { kind: 'opinion', seen: seen(vantage, [check], sight) });
    },
    abstain(vantage) {
      cast(vantage, { kind: 'abstention', reason: 'canaries', at: now });
    },
    order(act) {
      acts ??= { schema: 1, incarnation: 'acts-1', version: 0, acts: [] };
      acts = { ...acts, version: acts.version + 1, acts: [...acts.acts, { ...act, seq: acts.version + 1 }] };
    },
    hand(record, node, inService) {
      const { version } = switches.get(memberKey(record, node)) ?? { version: 0 };
      switches.set(memberKey(record, node), { record, node, inService, version: version + 1 });
    },
    rollOut(vantages) {
      upgraded.clear();
      for (const vantage of vantages) upgraded.add(vantage);
    },
    wipe() {
      ledger = undefined;
      acts = undefined;
      ballots.clear();
      history.push({ kind: 'wiped', at: now });
    },
    decide(arbiter = 'a0', reading = {}) {
      const all = cell.vantages.map((each): [string, Ballot | 'missing' | 'unreadable'] => [
        each,
        reading.unread?.includes(each) ? 'unreadable' : (ballots.get(each) ?? 'missing'),
      ]);
      const before: Read<Ledger> = reading.ledger ?? ledger ?? 'missing';
      const inputs: Inputs = {
        ballots: Object.fromEntries(all),
        acts: reading.acts ?? acts ?? 'missing',
        ...(reading.switches !== false && { switches: show() }),
        // There are no alarms here that could keep anybody out.
        ...(typeof before === 'object' && { returned: Object.keys(before.returning ?? {}) }),
      };
      if (before === 'missing') births++;
      const given = { cell, now, ...frozenCopy({ inputs, before, me: { arbiter, nonce: `life${births}` } }) };
      const decision = decide(given.cell, given.inputs, given.before, now, given.me);
      const step: Step = { ...given, decision, ...(decision.ledger && { after: decision.ledger }) };
      history.push({ kind: 'step', step });
      violations.push(...judgeStep(step, decide));
      ledger = decision.ledger ?? ledger;
      return step;
    },
    act(arbiter = 'a0', trouble = {}) {
      for (const lane of ledger ? lanesHeldBy(ledger, arbiter, now) : []) while (actOnLane(lane, arbiter, trouble));
    },
    round(sight) {
      for (const vantage of cell.vantages) drive.look(vantage, sight);
      drive.decide();
      drive.act();
      drive.advance(cell.intervalMs);
    },
    ledger: () => ledger,
    switches: show,
    history: () => history,
    violations: () => [...violations, ...judgeHistory(history)],
  };
  return drive;
}
