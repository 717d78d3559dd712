/** What the handlers need from the world: AWS gives it in `lib/aws`, one machine in `lib/local`, tests where they fake AWS. */

import type { Act, Acts, NewAct } from './core/acts.ts';
import type { Ballot, CastVote } from './core/ballot.ts';
import type { Check } from './core/cell.ts';
import type { QuorumEvent } from './core/events.ts';
import type { Beat, BeatKind, Signal } from './core/heartbeats.ts';
import type { RoundTimes } from './core/history.ts';
import type { Read, SwitchState } from './core/inputs.ts';
import type { Inspection } from './core/inspection.ts';
import type { Evidence, Incident, Ledger, Page } from './core/ledger.ts';
import type { Observation } from './core/merge.ts';
import type { Message } from './core/messages.ts';
import type { ReasonCode } from './core/reasons.ts';

export interface Clock {
  /** ms since 1970. */
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Times of one probe; absent where that phase was not reached. */
export interface Timings {
  dnsMs?: number;
  connectMs?: number;
  tlsMs?: number;
  firstByteMs?: number;
  totalMs: number;
}

/** What one look at one check gave: never throws, every failure is a vote with a reason. */
export interface ProbeResult {
  vote: CastVote['vote'];
  reason: ReasonCode;
  detail?: string;
  timings: Timings;
  facts?: CastVote['facts'];
  /** Only where it was asked for. */
  explained?: Explained;
}

/** What people are shown of one look beside its vote. */
export interface Explained {
  /** Every expectation that was judged, with what was seen; `up` where it is met. */
  expectations: { vote: CastVote['vote']; detail: string }[];
  /** What the server sent, whether it holds or not: its own first. Times in ms since 1970. */
  certificates: { name: string; issuer: string; hosts: string; validFrom: number; expiresAt: number }[];
}

/** Looks at one check once, within `check.timeoutMs`; the signal ends it early as `abstain: unfinished`. */
export type Probe = (check: Check, signal: AbortSignal) => Promise<ProbeResult>;

/** Looks at many checks at once; what is not done at `deadline` (ms since 1970) is `abstain: unfinished`. */
export type Look = (checks: readonly Check[], deadline: number) => Promise<ReadonlyMap<string, Observation>>;

/** What an arbiter reads at once, strongly consistent. */
export interface Snapshot {
  ballots: Record<string, Read<Ballot>>;
  acts: Read<Acts>;
  ledger: Read<Ledger>;
}

export type Written = 'written' | 'conflict';

/** The voting table, one cell of it. Every method throws when the table cannot be reached. */
export interface Store {
  /** Strong read. `serverTime`: the table's clock (its `Date` header), ms since 1970, second resolution. */
  readBallot(vantage: string): Promise<{ ballot: Read<Ballot>; serverTime?: number }>;
  /** Compare-and-set: writes if the stored version is `ballot.version - 1` (1: if there is none). */
  writeBallot(ballot: Ballot): Promise<Written>;
  /** One batch read of every ballot, the acts and the ledger. Keys that stay unprocessed are `unreadable`, never `missing`. */
  readSnapshot(vantages: readonly string[]): Promise<Snapshot>;
  readLedger(): Promise<Read<Ledger>>;
  /** Compare-and-set on epoch: writes if the stored epoch is `ledger.epoch - 1` (1: if there is none). */
  writeLedger(ledger: Ledger): Promise<Written>;
  readActs(): Promise<Read<Acts>>;
  /** Appends an act with the next `seq`; what was accepted is returned. */
  appendAct(act: NewAct): Promise<Act>;
  /** Creates or updates an incident's item; evidence adds to what is there. Doing it twice changes nothing. */
  writeIncident(incident: Incident, evidence: readonly Evidence[], replay?: { epoch: number; json: string }): Promise<void>;
  /** Newest first. */
  listIncidents(limit: number): Promise<StoredIncident[]>;
  readIncident(id: string): Promise<StoredIncident | undefined>;
}

/** The heartbeats of a cell. Both throw when the table cannot be reached. */
export interface Beats {
  /** Strong, all at once; by check. */
  read(checks: readonly string[]): Promise<Record<string, Read<Beat>>>;
  /** Keeps a signal; an earlier one that comes later changes nothing. */
  record(check: string, kind: BeatKind, signal: Signal): Promise<void>;
}

/** How long looks took, for people: nothing is decided by it. Both throw when its table cannot be reached. */
export interface History {
  /** Keeps a round for `HISTORY_KEPT_MS`. */
  write(round: RoundTimes): Promise<void>;
  /**
   * The rounds of a vantage that began at `from` (ms since 1970) or later, newest first, as far as `maxPages` of 1 MB hold them.
   * `unreadable`: how many more there are that are malformed or of a newer release.
   */
  read(vantage: string, from: number, maxPages: number): Promise<{ rounds: RoundTimes[]; unreadable: number }>;
}

export interface StoredIncident extends Incident {
  evidence: Evidence[];
}

/**
 * A queue with SQS's rules: delay up to 900 s in whole seconds (a message may come up to a second early: who needs the exact
 * time waits for it), at least once, in no order. Throws only when nothing can be sent at all.
 */
export interface Queue<M> {
  /** The messages that were not accepted, to be tried again. Any number: the adapter batches by ten. */
  send(messages: readonly { body: M; delayMs: number }[]): Promise<{ failed: readonly { body: M; delayMs: number }[] }>;
}

/** To a prober: look now (round), look at some (opinion), or enqueue the rounds of a minute (plan). */
export type VantageMessage =
  | { kind: 'plan'; scheduledAt: number }
  | { kind: 'round'; due: number }
  /** Look at what a fire drill fails by, not before `lookAfter`. */
  | { kind: 'drill'; drill: string; node?: string; lookAfter: number }
  /** `lookAfter`: a look that began since then already answers it. */
  | { kind: 'opinion'; checks: string[]; askedBy: string; lookAfter: number };

/** To an arbiter: a vote changed, or a minute went by. */
export interface WakeMessage {
  kind: 'wake' | 'tick';
  /** Who woke it: a vantage, `web`, or the scheduler. */
  from: string;
}

/** The switches of a cell's members. Every method throws when Route 53's control plane does not answer. */
export interface Switches {
  list(): Promise<SwitchState[]>;
  read(record: string, node: string): Promise<SwitchState>;
  /** Throws nothing on a version that is not the current one: that is an answer. */
  update(state: SwitchState): Promise<{ result: 'updated'; version: number } | { result: 'version-mismatch' }>;
  /**
   * Says by the second way, which needs no control plane, where members belong as of `at` (ms since 1970). The ledger's word is
   * repeated, so an older word never overrules a later one. Throws when nobody heard it. Absent where there is no second way.
   */
  signal?(members: readonly Omit<SwitchState, 'version'>[], at: number): Promise<void>;
}

export interface Pager {
  /** Publishes to the page's tier; throws when nobody took it. */
  publish(page: Page, message: Message): Promise<void>;
}

export interface Hooks {
  /** HTTP status of the answer; throws when there was none. `key`: the same when the same call is made again. */
  call(hook: string, body: Record<string, unknown>, key: string): Promise<number>;
}

/** The ways by which people are reached, and the alarms that watch this monitor. */
export interface Outlets {
  /** What is wrong with them in every paging region; a region that does not answer is a finding, never an error. */
  inspect(): Promise<Inspection>;
}

/** Asks an address that stands in the configuration, or is our own, whether it answers; throws when it does not, or not with 2xx. */
export type Knock = () => Promise<void>;

/** One value of a metric: that is its name with all its dimensions (CloudWatch user guide, "CloudWatch concepts"). */
export interface Metric {
  name: string;
  value: number;
  dimensions: Record<string, string>;
}

export interface Metrics {
  /** Publishes values of this moment. */
  put(metrics: readonly Metric[]): Promise<void>;
}

export type Emit = (event: QuorumEvent) => void;
