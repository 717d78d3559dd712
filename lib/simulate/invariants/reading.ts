/** Reads ballots and acts anew, straight from DESIGN.md ("Data", "Ballot rules", "Verdict of a check"). */
import type { Act } from '../../core/acts.ts';
import type { Ballot, Vote } from '../../core/ballot.ts';
import type { Cell, Check, RecordSpec } from '../../core/cell.ts';
import type { Ledger, Manual, Verdict } from '../../core/ledger.ts';
import type { ReasonCode } from '../../core/reasons.ts';
import { drillRequired } from './drill-check.ts';
import { ledgerBefore, type Step } from './step.ts';

/** One vantage's word on one check; `silent` says why it counts for nothing. */
export interface Word {
  vote: Vote;
  observedAt: number;
  since: number;
  reason?: ReasonCode;
  silent?: 'missing' | 'unreadable' | 'unasked' | 'skew' | 'abstained' | 'stale' | 'future';
}

/** Orders of people that bind this step: those in force before it, and those accepted since. */
export interface Orders {
  fresh: Act[];
  manual: Record<string, Manual>;
  silencedUntil: Record<string, number>;
  pausedUntil: number;
}

/** Everything that an honest reader knows before it decides; each part is worked out when a rule first asks for it. */
export interface Observed {
  /** By check: the words of its vantages. */
  readonly words: Lookup<Map<string, Word>>;
  /** By check. */
  readonly verdicts: Lookup<Verdict>;
  /** Fewer than Q vantages are heard. */
  readonly blind: boolean;
  /** Q vantages are heard that run this configuration, whoever counts. */
  readonly sighted: boolean;
  /** More fresh ballots follow another configuration than this arbiter's. */
  readonly minority: boolean;
  readonly orders: Orders;
}

interface Lookup<T> {
  get(key: string): T | undefined;
}

/** A vote further in the future than this comes from a clock that nobody may trust. */
const CLOCK_LIMIT_MS = 5_000;

/** What a round of one cadence asks. */
interface Cadence {
  /** 2 × interval + the round's deadline. */
  freshMs: number;
  /** By vantage: how many checks it is asked for. */
  asked: Map<string, number>;
}

/** By cell and `intervalMs`. Asked once a vote. */
const cadences = new WeakMap<Cell, Map<string, Cadence>>();

function cadencesOf(cell: Cell): Map<string, Cadence> {
  const known = cadences.get(cell);
  if (known) return known;
  const all = [...Map.groupBy(cell.checks, ({ intervalMs }) => intervalMs)].map(([intervalMs, checks]): [string, Cadence] => {
    const freshMs = 2 * intervalMs + Math.max(...checks.map((each) => each.attempts * each.timeoutMs + 2_000));
    const asked = cell.vantages.map((vantage) => checks.filter(({ vantages }) => vantages.includes(vantage)).length);
    return [String(intervalMs), { freshMs, asked: new Map(cell.vantages.map((vantage, index) => [vantage, asked[index] ?? 0])) }];
  });
  const found = new Map(all);
  cadences.set(cell, found);
  return found;
}

const cadenceOf = (cell: Cell, { intervalMs }: Check): Cadence | undefined => cadencesOf(cell).get(String(intervalMs));

/** 2 × interval + the round's deadline. */
export const freshnessMs = (cell: Cell, check: Check): number => cadenceOf(cell, check)?.freshMs ?? 0;

function wordOf(
  cell: Cell,
  check: Check,
  vantage: string,
  ballot: Step['inputs']['ballots'][string] | undefined,
  now: number,
): Word {
  const silence = (silent: Word['silent'], observedAt = 0): Word => ({ vote: 'abstain', observedAt, since: observedAt, silent });
  if (ballot === undefined || ballot === 'missing') return silence('missing');
  if (ballot === 'unreadable') return silence('unreadable');
  let said = ballot.votes[check.key];
  if (!said) {
    const round = ballot.rounds[String(check.intervalMs)];
    if (!round) return silence('missing');
    if (ballot.probeHash !== cell.probeHash) return silence('skew');
    if (round.asked !== cadenceOf(cell, check)?.asked.get(vantage)) return silence('unasked');
    said = { vote: 'up', reason: 'ok', observedAt: round.startedAt, since: round.startedAt, checkHash: check.hash };
  }
  if (said.checkHash !== check.hash) return silence('skew', said.observedAt);
  if (ballot.abstention && said.observedAt <= ballot.abstention.at) return silence('abstained', said.observedAt);
  if (said.observedAt > now + CLOCK_LIMIT_MS) return silence('future', said.observedAt);
  if (said.observedAt + freshnessMs(cell, check) < now) return silence('stale', said.observedAt);
  return { vote: said.vote, observedAt: said.observedAt, since: said.since, reason: said.reason };
}

/** How many of these words say so? */
export const count = (words: Iterable<Word>, ...votes: Vote[]): number =>
  [...words].filter(({ vote }) => votes.includes(vote)).length;

/** The verdict as DESIGN.md words it. */
export function verdictOf(words: Iterable<Word>, quorum: number): Verdict {
  const all = [...words];
  const down = count(all, 'down');
  if (down >= quorum) return 'down';
  if (count(all, 'down', 'degraded') >= quorum) return 'degraded';
  if (count(all, 'down', 'degraded', 'up') < quorum) return 'unknown';
  return down > 0 ? 'partial' : 'up';
}

/** Signs of life of a ballot: rounds and votes, each with the time for which it counts. */
function signsOf(cell: Cell, ballot: Ballot): { at: number; freshMs: number }[] {
  const longest = Math.max(0, ...[...cadencesOf(cell).values()].map(({ freshMs }) => freshMs));
  const rounds = Object.entries(ballot.rounds).map(([intervalMs, { startedAt }]) => {
    return { at: startedAt, freshMs: cadencesOf(cell).get(intervalMs)?.freshMs ?? longest };
  });
  // A vote that abstains says that somebody looked.
  const votes = Object.entries(ballot.votes).map(([key, { observedAt }]) => {
    const check = cell.checks.find((each) => each.key === key);
    return { at: observedAt, freshMs: check ? freshnessMs(cell, check) : longest };
  });
  return [...rounds, ...votes];
}

/** The most vantages that anybody could call heard: each shows life, fresh, after whatever it abstained from. Foreign hashes count. */
export function heardAtMost({ cell, inputs, now }: Pick<Step, 'cell' | 'inputs' | 'now'>): string[] {
  return cell.vantages.filter((vantage) => {
    const ballot = inputs.ballots[vantage];
    if (ballot === undefined || typeof ballot === 'string') return false;
    return signsOf(cell, ballot).some(({ at, freshMs }) => at + freshMs >= now && at > (ballot.abstention?.at ?? -1));
  });
}

/** The vantages that everybody must call heard: they abstain from nothing, and looked within two rounds. */
const heardAtLeast = ({ cell, inputs, now }: Pick<Step, 'cell' | 'inputs' | 'now'>): string[] =>
  cell.vantages.filter((vantage) => {
    const ballot = inputs.ballots[vantage];
    if (ballot === undefined || typeof ballot === 'string' || ballot.abstention) return false;
    return Object.values(ballot.rounds).some(({ startedAt }) => startedAt + 2 * cell.intervalMs >= now);
  });

/** Beyond doubt: by the fewest who follow another configuration, and the most who follow this one. */
function isMinority(step: Pick<Step, 'cell' | 'inputs' | 'now'>): boolean {
  const hashOf = (vantage: string) => (step.inputs.ballots[vantage] as Ballot).probeHash;
  const own = heardAtMost(step).filter((vantage) => hashOf(vantage) === step.cell.probeHash).length;
  const others = Map.groupBy(heardAtLeast(step), hashOf);
  return [...others].some(([hash, followers]) => hash !== step.cell.probeHash && followers.length > own);
}

/** The acts that this step must consume. */
export function freshActs(step: Step): Act[] {
  const { acts } = step.inputs;
  if (typeof acts === 'string') return [];
  const before = ledgerBefore(step).acts;
  const known = before?.incarnation === acts.incarnation ? before.seq : 0;
  return acts.acts.filter(({ seq }) => seq > known);
}

function ordersOf(step: Step): Orders {
  const { now } = step;
  const before = ledgerBefore(step);
  const fresh = freshActs(step);
  const manual = { ...before.manual };
  const silencedUntil = Object.fromEntries(Object.entries(before.silences).map(([node, { until }]) => [node, until]));
  let pausedUntil = before.pausedUntil ?? 0;
  for (const act of fresh) {
    if (act.kind === 'drain') manual[act.node] = { ...act, kind: 'drain' };
    if (act.kind === 'force') manual[act.node] = { ...act, kind: 'force' };
    if (act.kind === 'restore') delete manual[act.node];
    if (act.kind === 'silence') silencedUntil[act.node] = act.until;
    if (act.kind === 'unsilence') delete silencedUntil[act.node];
    if (act.kind === 'pause') pausedUntil = act.until;
    if (act.kind === 'resume') pausedUntil = 0;
  }
  for (const [node, order] of Object.entries(manual)) if ((order.until ?? Number.POSITIVE_INFINITY) <= now) delete manual[node];
  return { fresh, manual, silencedUntil, pausedUntil };
}

let latest: { step: Step; observed: Observed } | undefined;

/** What an honest reader makes of the inputs of a step. Looked at once a step: many rules ask, one step after the other. */
export function observe(step: Step): Observed {
  if (latest?.step === step) return latest.observed;
  const { cell, inputs, now } = step;
  const check = new Map(cell.checks.map((each) => [each.key, each]));
  const words = lookup((key) => {
    const asked = check.get(key);
    return asked && new Map(asked.vantages.map((each) => [each, wordOf(cell, asked, each, inputs.ballots[each], now)]));
  });
  const verdicts = lookup((key) => verdictOf(words.get(key)?.values() ?? [], check.get(key)?.quorum ?? 0));
  const blind = once(() => heardAtMost(step).length < cell.quorum);
  const surely = () => heardAtLeast(step).filter((each) => (inputs.ballots[each] as Ballot).probeHash === cell.probeHash);
  const sighted = once(() => surely().length >= cell.quorum);
  const minority = once(() => isMinority(step));
  const orders = once(() => ordersOf(step));
  const observed: Observed = {
    words,
    verdicts,
    get blind() {
      return blind();
    },
    get sighted() {
      return sighted();
    },
    get minority() {
      return minority();
    },
    get orders() {
      return orders();
    },
  };
  latest = { step, observed };
  return observed;
}

function once<T>(find: () => T): () => T {
  let found: { value: T } | undefined;
  return () => {
    found ??= { value: find() };
    return found.value;
  };
}

function lookup<T>(find: (key: string) => T | undefined): Lookup<T> {
  const found = new Map<string, T | undefined>();
  return {
    get(key) {
      if (!found.has(key)) found.set(key, find(key));
      return found.get(key);
    },
  };
}

/** The checks of a node that decide its service in a record. */
export function requiredOf(step: Step, record: RecordSpec, node: string): Check[] {
  const ofDrill = drillRequired(step, node);
  return step.cell.checks.filter((check) => (check.node === node && record.requires.includes(check.id)) || check.key === ofDrill);
}

/** Is a required check `down`, in the ledger or by the votes of now? */
export function looksDown(step: Step, ledger: Ledger, record: RecordSpec, node: string): boolean {
  return requiredOf(step, record, node).some(
    ({ key }) => ledger.checks[key]?.state === 'down' || observe(step).verdicts.get(key) === 'down',
  );
}
