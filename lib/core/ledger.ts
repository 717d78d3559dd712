import type { CastVote } from './ballot.ts';

export type Verdict = 'up' | 'degraded' | 'partial' | 'down' | 'unknown';

/** The state machine's state: one item, changed only by compare-and-set on `epoch`. */
export interface Ledger {
  schema: 1;
  /** Grows by exactly 1 with each change. */
  epoch: number;
  /** Which write this was read from: set by the store, which writes over that one and no other. */
  token?: string;
  /** Random, drawn at birth: part of incident and page ids, so that a restored or wiped table repeats none. */
  incarnation: string;
  bornAt: number;
  /** When Route 53's state was adopted at birth; until then nothing is flipped. */
  adoptedAt?: number;
  adoptionPaged?: boolean;
  /** Entries that are not at rest, by check key. */
  checks: Record<string, CheckEntry>;
  /** By node. */
  nodes: Record<string, NodeEntry>;
  /** By `<record>/<node>`; `returning`: since when it belongs in service again, while its alarm may still keep it out. */
  members: Record<string, MemberEntry>;
  returning?: Record<string, number>;
  /** Open incidents by id. */
  incidents: Record<string, Incident>;
  /** In order of commitment; a lane's intents are carried out in this order. */
  intents: Intent[];
  /** Who works on a lane, and until when. */
  leases: Record<string, Lease>;
  /** The last act consumed: acts with a greater `seq` of the same incarnation are new. */
  acts?: { incarnation: string; seq: number };
  /** Manual acts in force, by node. */
  manual: Record<string, Manual>;
  pausedUntil?: number;
  /** Who paused, when, and how often people were reminded of it. */
  pause?: { by: string; at: number; reminders: number };
  /** Until when a node pages nobody, by node. */
  silences: Record<string, { until: number; by: string }>;
  /** Until when configured silences do not count, by node: somebody ended them early. */
  unsilenced?: Record<string, number>;
  /** How often each node, or chain, went down lately: it leaves the ledger when it has been well for long enough. */
  outages?: Record<string, Outages>;
  skewSince?: number;
  skewPaged?: boolean;
  /** Vantages that are heard and do not vote, since when, and whether people were told. */
  abstaining?: Record<string, { since: number; told?: boolean }>;
  /** Vantages that lately said otherwise than all others. */
  outliers?: Record<string, Outlier>;
  /** Checks that no quorum has seen well since this configuration was deployed. */
  proving?: { probeHash: string; at: number; checks: string[]; told?: boolean };
  /** By which configuration it was decided last, since when by no other, and which of its members Route 53 has not shown since. */
  configuration?: { hash: string; since: number; unseen?: string[] };
  /** The last fire drill, for an hour after its end. */
  drill?: Drill;
  /** When subscriptions, limits and alarms were looked at last, and what was found, by finding. */
  inspection?: { at: number; findings: Record<string, { since: number; toldAt?: number }> };
  /** Of failover records that hooks wait for the roles of, by record. */
  roles?: Record<string, RecordRoles>;
  /** Hooks that were given up and have not answered since, with when. */
  failedHooks?: Record<string, number>;
}

/** A fire drill, and when it made each of its hops (ms since 1970). */
export interface Drill {
  id: string;
  /** Whom it is about, if about anybody. */
  node?: string;
  tier: number;
  flip: boolean;
  hooks: boolean;
  by: string;
  askedAt: number;
  startedAt: number;
  /** Then it is given up. */
  until: number;
  endedAt?: number;
  /** How it ended: `through`, or what was missing. */
  ended?: string;
  /** Since when each vantage saw it fail. */
  seen?: Record<string, number>;
  /** Decided, vantages asked, committed as down, page sent, hook answered, member out, member back in, end paged. */
  hops: Partial<Record<'begun' | 'asked' | 'down' | 'paged' | 'hooked' | 'out' | 'in' | 'over', number>>;
}

export type HookRole = 'MASTER' | 'BACKUP' | 'FAULT';

export interface RecordRoles {
  /** By node: what it was told last, or what it was when this ledger was born. */
  told: Record<string, HookRole>;
  /** Who was MASTER last: nobody else is told so before it is out of the way. */
  master: string;
  /** The hooks that were called, or are owed a call, to say that it no longer is. */
  asked?: string[];
  /** Since when nobody reaches it, while somebody waits for its place. */
  unreachableSince?: number;
}

export interface CheckEntry {
  state: Verdict;
  /** Time of the last transition: older observations justify nothing. */
  at: number;
  /** Since when too few vantages are heard for a verdict. */
  unknownSince?: number;
  /** Consecutive healthy quorums since `down`; only votes observed after `at` make the next. */
  recovery?: { count: number; at: number };
}

export interface NodeEntry {
  state: Verdict;
  at: number;
  incident?: string;
}

export interface MemberEntry {
  inService: boolean;
  /** Time of the flip's commitment. */
  at: number;
  /** Why it is where it is: a reason for people. */
  why: string;
  /** Nothing automatic changes it before. */
  holdUntil: number;
  /** Automatic take-outs within the last hour: each doubles the hold. */
  flaps: number[];
  /** The switch's last state that Route 53 confirmed. */
  confirmed?: { inService: boolean; version: number; at: number };
  /** The rule that currently keeps a wanted flip from happening, already reported. */
  held?: string;
  /** Someone flipped it by hand; only `restore` clears this. */
  foreign?: boolean;
  /** People hear of that once a quorum is heard again. */
  untold?: boolean;
  /** `restore` was asked for: it returns as soon as it is fit, whatever hold and failback say. */
  restored?: boolean;
}

export interface Outlier {
  /** How often, as of `at`: it wears off from then on. */
  count: number;
  at: number;
  /** The check that it was of last. */
  check: string;
  /** It is an outlier by now, and people were told. */
  reported?: boolean;
}

export interface Outages {
  count: number;
  /** When the first of them began. */
  since: number;
  /** Since when it is well; absent while it is not. */
  upAt?: number;
}

export type Manual =
  | { kind: 'drain'; by: string; at: number; until?: number }
  | { kind: 'force'; inService: boolean; until: number; by: string; reason: string; at: number };

export interface TimelineEntry {
  at: number;
  epoch: number;
  what: string;
  detail?: string;
}

/** The votes that justified a check's transition. */
export interface Evidence {
  epoch: number;
  at: number;
  check: string;
  from: Verdict;
  to: Verdict;
  quorum: number;
  /** By vantage: every configured one, silent ones as `abstain`. */
  votes: Record<string, CastVote>;
}

export interface Incident {
  id: string;
  node: string;
  state: 'down' | 'unknown' | 'closed';
  openedAt: number;
  closedAt?: number;
  /** `removed`: its node is no longer configured. */
  closedAs?: 'recovered' | 'removed';
  ackedBy?: string;
  ackedAt?: number;
  timeline: TimelineEntry[];
  paging: Escalation;
  /** A page said that a guard holds its take-out. */
  heldPaged?: boolean;
  /** It is about a chain that stands still: `node` is the chain's name; these checks said so first, in these words. */
  halt?: { checks: string[]; text: string };
  /** It speaks for these incidents (id and node), which opened together: `node` says how many. Acknowledging it acknowledges them. */
  together?: { at: number; incidents: Record<string, string> };
  /** The incident that speaks for this one. */
  digest?: string;
  /** The node that it depends on and that is down: it is not paged meanwhile. */
  behind?: string;
  /** Until when it pages nobody. */
  silencedUntil?: number;
  /** It went down again a short while after it came back: it stays open until it has been well for a while. */
  flapping?: boolean;
}

/** Which list of the configuration people are paged by; `nobody`: its failing checks are only worth a look. */
export type PagingList = 'tiers' | 'quiet' | 'nobody';

/** How far an incident's pages have climbed. */
export interface Escalation {
  /** Absent until it is decided. */
  list?: PagingList;
  /** The last tier of the list that was paged, from 1; 0: none yet. */
  tier: number;
  /** How often this tier was paged. */
  attempt: number;
  /** When the next page is due unless somebody acknowledges. */
  nextAt: number;
  /** Attempts that were made by `quiet` before it climbed to `tiers`: no page is sent twice under one number. */
  before?: number;
  /** The highest tier of each list that was told anything: whoever heard of it hears of its end. */
  told?: { tiers: number; quiet: number };
}

interface IntentBase {
  /** Unique: `<incarnation>-<epoch>-<n>`. */
  id: string;
  lane: string;
  epoch: number;
  /** When it was committed. */
  at: number;
  tries: number;
  /** Back-off: not before this time. */
  notBefore: number;
  error?: string;
  /** A page already said that it cannot be carried out. */
  reported?: boolean;
}

export interface FlipIntent extends IntentBase {
  kind: 'flip';
  record: string;
  node: string;
  inService: boolean;
  /**
   * It took the place of one whose call may still be under way: its own update is made even if it changes nothing, for that
   * raises the switch's version, and the older call comes to nothing (S7).
   */
  supersedes?: boolean;
}

export interface PageIntent extends IntentBase {
  kind: 'page';
  page: Page;
}

export interface HookIntent extends IntentBase {
  kind: 'hook';
  hook: string;
  node: string;
  event: string;
  body: Record<string, unknown>;
}

/** Write an incident's item as the ledger has it, with this evidence. A closed incident stays in the ledger until then. */
export interface RecordIntent extends IntentBase {
  kind: 'record';
  incident: string;
  evidence: Evidence[];
  /** Everything that `decide` was given, as JSON: replaying it gives the same decision. */
  replay?: string;
}

/** An intent before it has its place in the ledger. */
export type NewIntent = Intent extends infer Each
  ? Each extends Intent
    ? Omit<Each, Exclude<keyof IntentBase, 'lane'>>
    : never
  : never;

/** Ask every vantage to look at what a drill fails by. */
export interface DrillIntent extends IntentBase {
  kind: 'drill';
  drill: string;
  node?: string;
}

export type Intent = FlipIntent | PageIntent | HookIntent | RecordIntent | DrillIntent;

export interface Lease {
  by: string;
  until: number;
}

export type PageState =
  | 'down'
  | 'unknown'
  | 'recovered'
  | 'held'
  | 'flip-failed'
  | 'hook-failed'
  | 'foreign-hand'
  | 'skew'
  | 'paused'
  | 'abstaining'
  | 'never-passed'
  | 'unheard'
  | 'unwatched'
  | 'drill-failed'
  | 'blind'
  | 'silent';

/** What one vantage says of a failing check. */
export interface PageVote {
  vantage: string;
  vote: CastVote['vote'];
  reason: string;
  detail?: string;
  /** How long the look took. */
  tookMs?: number;
}

/** A page before it has words: what happened, for `lib/core/messages.ts` to say. */
export interface Page {
  incident: string;
  state: PageState;
  tier: number;
  /** The tier is one of `quiet`. */
  quiet?: boolean;
  attempt: number;
  at: number;
  /** The node, or the part of the monitor, that it is about. */
  subject: string;
  /** How many vantages voted down, of how many. */
  seenBy?: { down: number; of: number };
  /** `api HTTP 500`: failing checks with their detail, and what each vantage says. */
  failing: { check: string; detail: string; votes?: PageVote[] }[];
  /** What happens to the node's records. `why`: what was done or held, and for what reason. */
  records: { name: string; out: boolean; serves: string[]; held?: string; why?: string }[];
  /** The nodes that it speaks for, the first ones of `count`. */
  together?: { count: number; nodes: string[] };
  /** Nodes that depend on it and are down too, the first ones of `count`. */
  behind?: { count: number; nodes: string[] };
  /** It came and went: how often, since when. */
  flapping?: { count: number; since: number };
  openedAt?: number;
  ackedBy?: string;
  ackedAt?: number;
  text?: string;
}
