import type { Ballot } from '../core/ballot.ts';
import type { Cell } from '../core/cell.ts';
import { decide } from '../core/decide.ts';
import type { ActiveSilence, Inputs, Read, SwitchState } from '../core/inputs.ts';
import type { Evidence, Incident, Ledger, Page } from '../core/ledger.ts';
import type { Observation } from '../core/merge.ts';
import { copyOf, isSame } from '../core/plain.ts';
import type { Snapshot } from '../ports.ts';
import { abstainsFor, type Coverage } from './coverage.ts';
import { createDeeds, type Deeds, type Known } from './deeds.ts';
import { ballotViolations } from './invariants/evidence.ts';
import { judgeStep } from './invariants/judge.ts';
import type { Step, Violation } from './invariants/step.ts';
import { type Abstention, type Conduct, canariesIn, trustViolations } from './invariants/trust.ts';
import type { Invocation } from './invocations.ts';
import { createMasters, type Masters } from './masters.ts';
import type { Answer } from './route53.ts';
import { createSights } from './sights.ts';
import { createTransitions } from './transitions.ts';

/** What one run of an arbiter has seen so far. */
export interface View {
  cell: Cell;
  /** `[arbiter, nonce]`, as it drew them. */
  drawn: string[];
  /** What its clock said last. */
  now: number;
  snapshot?: Snapshot;
  /** The same, before anybody could change it: of the few decisions that are made twice (S17). */
  pristine?: Snapshot;
  switches?: SwitchState[];
  /** The configured silences that it goes by. */
  silences: ActiveSilence[];
  /** The members that it takes for returned. */
  returned: string[];
  /** When it takes a drill for due. */
  drillDueAt?: number;
  /** It has read the snapshot, and nothing was written for it yet. */
  isDeciding: boolean;
  /** It went on without an answer of Route 53: one that comes later is not used. */
  isWithoutSwitches: boolean;
  /** It has asked the table to take a decision. */
  hasOffered: boolean;
  ledger: Read<Ledger>;
  ledgerReadAt: number;
  /** How often the table had been replaced when it asked for it. */
  table: number;
  /** By member: when it read the switch last. */
  switchReadAt: Map<string, number>;
  /** Of a prober: when its round was due, when the table told it its ballot and the time, and how it did. */
  due?: number;
  toldAt: number;
  conduct: Conduct;
}

/** Sees everything that passes between the handlers and the world, and holds it against the rules. */
export interface Watch {
  readonly violations: Violation[];
  readonly deeds: Deeds;
  readonly masters: Masters;
  began(by: Invocation, cell: Cell): void;
  drew(by: Invocation, id: string): void;
  /** Has it drawn all that a decider draws? */
  isDecider(by: Invocation): boolean;
  clockRead(by: Invocation, now: number): void;
  snapshotRead(by: Invocation, snapshot: Snapshot): void;
  /** It decides under these configured silences. */
  silenced(by: Invocation, silences: ActiveSilence[]): void;
  /** It decides with these members returned. */
  returned(by: Invocation, keys: string[]): void;
  /** It decides with a drill that was due then. */
  drillDue(by: Invocation, at: number): void;
  /** It asks a vantage to look for this drill. */
  drillAsked(id: string): void;
  switchesListed(by: Invocation, states: SwitchState[]): void;
  wentOnWithoutSwitches(by: Invocation): void;
  /** It asked for it when the table had been replaced so often. */
  ledgerRead(by: Invocation, ledger: Read<Ledger>, table: number): void;
  ledgerOffered(by: Invocation): void;
  ledgerWritten(by: Invocation, before: Ledger | undefined, after: Ledger): void;
  /** It has decided: what is measured comes after that. */
  measured(by: Invocation): void;
  /** A prober was asked for a round that was due then, or for something else. */
  asked(by: Invocation, due: number | undefined): void;
  /** It begins to look, at this time by its own clock. */
  lookBegan(by: Invocation, at: number): void;
  /** A vantage that runs this configuration looked at all of this at once. */
  looked(by: Invocation, cell: Cell, seen: ReadonlyMap<string, Observation>): void;
  /** The table answers with its ballot, and with the time. */
  ballotRead(by: Invocation): void;
  /** It asks the table to take its ballot; its clock is so far ahead. */
  ballotOffered(by: Invocation, aheadMs: number): void;
  ballotWritten(by: Invocation, before: Ballot | undefined, after: Ballot): void;
  incidentWritten(
    by: Invocation,
    incident: Incident,
    evidence: readonly Evidence[],
    replay?: { epoch: number; json: string },
  ): void;
  switchRead(by: Invocation, state: SwitchState): void;
  /** It is about to change a switch: what it knows now is what it acts on. */
  switchOffered(by: Invocation, sent: SwitchState): Known;
  switchUpdated(known: Known, sent: SwitchState, result: 'updated' | 'version-mismatch', before: Answer[]): void;
  /** Its alarm has just taken this member out, with these answers; so many others have to stay. */
  alarmed(state: SwitchState, minInService: number, answers: Answer[]): void;
  /** Gives how often the table that asked for this page had been replaced. */
  pageOffered(by: Invocation): number;
  published(by: Invocation, page: Page, table: number): void;
  hooked(by: Invocation, id: string, hook: string): void;
  /** The table is empty, or as it was once: what was committed since never was. */
  tableReplaced(): void;
  /** What happened, for the digest. */
  log(line: string): void;
}

export interface WatchOptions {
  now: () => number;
  coverage: Coverage;
  /** Every which decision is made twice. */
  purityEvery: number;
  onTransition: () => void;
  log: (line: string) => void;
}

export function createWatch({ now, coverage, purityEvery, onTransition, log }: WatchOptions): Watch {
  const violations: Violation[] = [];
  let order = 0;
  let decisions = 0;
  const say = (rule: string, what: string): void => void violations.push({ rule, at: now(), what });
  const deeds = createDeeds(say, now);
  const masters = createMasters(say);
  const sights = createSights();
  const transitions = createTransitions(coverage, onTransition);

  function viewOf(by: Invocation): View {
    if (!by.view) throw new Error(`a ${by.role} of ${by.place} began unseen`);
    return by.view;
  }

  /** The arbiter has decided on what it read; `after` is what the table took of it. */
  function decided(view: View, after: Ledger | undefined): void {
    const { cell, snapshot, drawn } = view;
    view.isDeciding = false;
    if (!snapshot) return;
    const inputs = inputsOf(view, snapshot);
    const me = { arbiter: drawn[0] ?? '', nonce: drawn[1] ?? '' };
    const decision = { events: [], ...(after && { ledger: after }) };
    const step: Step = { cell, inputs, before: snapshot.ledger, now: view.now, me, decision, ...(after && { after }) };
    for (const violation of judgeStep(step)) violations.push({ ...violation, at: now() });
    if (view.pristine !== undefined) decideAgain(view, view.pristine, after, me);
    if (!after) return;
    transitions.count(step, after);
    masters.decided(step, after);
    for (const { check, votes, to } of evidenceOf(after)) {
      for (const [vantage, { vote, observedAt }] of Object.entries(votes))
        if (to === 'down' && vote === 'down' && !sights.sawDown(vantage, check, observedAt))
          say('S3', `${vantage} never saw ${check} down at ${observedAt}`);
    }
  }

  /** S17: the same inputs give the same decision. */
  function decideAgain(view: View, pristine: Snapshot, after: Ledger | undefined, me: Step['me']): void {
    if (!isSame(view.snapshot, pristine)) say('S17', 'a decision changed what it was given');
    const again = decide(view.cell, inputsOf(view, pristine), pristine.ledger, view.now, me).ledger;
    // What was written has the token of that write.
    if (!isSame(again && { ...again, token: after?.token }, after)) say('S17', 'the same inputs gave another decision');
  }

  return {
    violations,
    deeds,
    masters,
    log,
    began(by, cell) {
      by.view = {
        cell,
        drawn: [],
        silences: [],
        returned: [],
        now: 0,
        isDeciding: false,
        hasOffered: false,
        isWithoutSwitches: false,
        ledger: 'missing',
        ledgerReadAt: -1,
        table: 0,
        switchReadAt: new Map(),
        toldAt: now(),
        conduct: {},
      };
    },
    drew(by, id) {
      const { drawn } = viewOf(by);
      drawn.push(drawn.length === 0 ? `${by.place}/${id}` : id);
    },
    isDecider: (by) => viewOf(by).drawn.length === 2,
    clockRead(by, at) {
      if (by.view) by.view.now = at;
    },
    snapshotRead(by, snapshot) {
      const view = viewOf(by);
      view.snapshot = snapshot;
      view.isDeciding = true;
      view.hasOffered = false;
      delete view.pristine;
      if (decisions++ % purityEvery === 0) view.pristine = copyOf(snapshot);
    },
    silenced(by, silences) {
      viewOf(by).silences = silences;
    },
    returned(by, keys) {
      viewOf(by).returned = keys;
    },
    drillDue(by, at) {
      viewOf(by).drillDueAt = at;
    },
    drillAsked(id) {
      log(`drill ${id}`);
      deeds.drillAsked(id);
    },
    switchesListed(by, states) {
      const view = viewOf(by);
      if (!view.isWithoutSwitches) view.switches = states;
      for (const state of states) deeds.switchSeen(state);
    },
    wentOnWithoutSwitches(by) {
      viewOf(by).isWithoutSwitches = true;
    },
    ledgerRead(by, ledger, table) {
      const view = viewOf(by);
      view.ledger = ledger;
      view.ledgerReadAt = order++;
      view.table = table;
    },
    ledgerOffered(by) {
      viewOf(by).hasOffered = true;
    },
    ledgerWritten(by, before, after) {
      const view = viewOf(by);
      log(`ledger ${after.epoch} by ${by.place}`);
      const isDecision = view.isDeciding;
      deeds.ledgerWritten(before, after, isDecision, view);
      if (isDecision) decided(view, after);
    },
    measured(by) {
      const view = viewOf(by);
      if (view.isDeciding && !view.hasOffered) decided(view, undefined);
      view.isDeciding = false;
    },
    asked(by, due) {
      if (due !== undefined) viewOf(by).due = due;
    },
    lookBegan(by, at) {
      const { due, conduct } = viewOf(by);
      if (due !== undefined) conduct.lateMs = at - due;
    },
    looked(by, cell, seen) {
      viewOf(by).conduct.canaries = canariesIn(cell, seen);
      sights.looked(cell, by.place, seen);
    },
    ballotRead(by) {
      viewOf(by).toldAt = now();
    },
    ballotOffered(by, aheadMs) {
      const { conduct, toldAt } = viewOf(by);
      conduct.clock = { aheadMs, answerMs: now() - toldAt };
    },
    ballotWritten(by, before, after) {
      log(`ballot ${after.vantage} ${after.version} ${Object.keys(after.votes).length}`);
      if (by.place !== after.vantage) say('S3', `${by.place} wrote the ballot of ${after.vantage}`);
      const view = viewOf(by);
      const { abstention } = after;
      if (abstention && before?.abstention?.at !== abstention.at)
        coverage.count('guards', abstainsFor(abstention.reason as Abstention));
      violations.push(...trustViolations(view.cell, view.conduct, before, after, now()));
      if (before && before.probeHash !== after.probeHash) return;
      for (const violation of ballotViolations(view.cell, before ?? 'missing', after, now())) violations.push(violation);
    },
    incidentWritten(_, incident) {
      deeds.incidentWritten(incident.id);
    },
    switchRead(by, state) {
      const view = viewOf(by);
      view.switchReadAt.set(`${state.record}/${state.node}`, order++);
      deeds.switchSeen(state);
    },
    switchOffered(by, { record, node }) {
      const { cell, ledger, ledgerReadAt, table, switchReadAt, drawn } = viewOf(by);
      const isChecked = ledgerReadAt > (switchReadAt.get(`${record}/${node}`) ?? Number.POSITIVE_INFINITY);
      const minInService = cell.records.find(({ id }) => id === record)?.guard.minInService ?? 0;
      return { arbiter: drawn[0] ?? '', ledger, isChecked, table, minInService };
    },
    switchUpdated(known, sent, result, before) {
      log(`switch ${sent.record}/${sent.node} ${sent.inService} ${sent.version} ${result}`);
      deeds.flipped(known, sent, result, before);
    },
    alarmed({ record, node, version }, minInService, answers) {
      log(`alarm of ${record}/${node} at ${version}`);
      deeds.alarmed({ record, node }, minInService, answers);
    },
    pageOffered: (by) => viewOf(by).table,
    published(by, page, table) {
      log(`page ${page.incident} ${page.state} ${page.tier} ${page.attempt}`);
      deeds.paged(by, page, table);
    },
    hooked(_, id, hook) {
      log(`hook ${id}`);
      deeds.hooked(id, hook);
      masters.heard(id);
    },
    tableReplaced() {
      log('table replaced');
      deeds.forget();
      sights.forget(now());
      masters.forget();
    },
  };
}

/** What it was given, as it was then. */
const inputsOf = ({ switches, silences, returned, drillDueAt }: View, { ballots, acts }: Snapshot): Inputs => ({
  ballots,
  acts,
  ...(silences.length > 0 && { silences }),
  ...(switches && { switches }),
  ...(returned.length > 0 && { returned }),
  ...(drillDueAt !== undefined && { drillDueAt }),
});

const evidenceOf = ({ intents, epoch }: Ledger): Evidence[] =>
  intents.flatMap((intent) => (intent.kind === 'record' && intent.epoch === epoch ? intent.evidence : []));
