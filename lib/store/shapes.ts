/** The shapes of schema 1, checked when an item is read: a handler of another release may have written it. */

import type { Act, Acts } from '../core/acts.ts';
import type { Ballot, CastVote, Head, Round } from '../core/ballot.ts';
import type {
  CheckEntry,
  Drill,
  DrillIntent,
  Escalation,
  Evidence,
  FlipIntent,
  HookIntent,
  Incident,
  Intent,
  Lease,
  Ledger,
  Manual,
  MemberEntry,
  NodeEntry,
  Outages,
  Outlier,
  Page,
  PageIntent,
  PageVote,
  RecordIntent,
  RecordRoles,
  TimelineEntry,
} from '../core/ledger.ts';
import {
  boolean,
  dictionary,
  either,
  type Fields,
  fields,
  type Guard,
  list,
  literal,
  number,
  optional,
  string,
} from './guards.ts';

type Of<Union extends { kind: string }, Kind extends Union['kind']> = Extract<Union, { kind: Kind }>;

// Reason codes stay plain strings: a newer release may give more of them, and its votes count all the same.
const vote = fields<CastVote>({
  vote: literal('up', 'degraded', 'down', 'abstain'),
  reason: string,
  detail: optional(string),
  tookMs: optional(number),
  observedAt: number,
  since: number,
  checkHash: string,
  facts: optional(dictionary(either(number, string))),
});

export const isBallot = fields<Ballot>({
  schema: literal(1),
  vantage: string,
  version: number,
  token: optional(string),
  probeHash: string,
  rounds: dictionary(fields<Round>({ startedAt: number, asked: number })),
  abstention: optional(fields<NonNullable<Ballot['abstention']>>({ reason: string, detail: optional(string), at: number })),
  votes: dictionary(vote),
  heads: optional(dictionary(list(fields<Head>({ node: string, height: number, headAt: number, seenAt: number })))),
}) as (value: unknown) => value is Ballot;

const act = { seq: number, at: number, by: string };

export const isActs = fields<Acts>({
  schema: literal(1),
  incarnation: string,
  version: number,
  token: optional(string),
  acts: list(
    either(
      fields<Of<Act, 'acknowledge'>>({ ...act, kind: literal('acknowledge'), incident: string }),
      fields<Of<Act, 'unacknowledge'>>({ ...act, kind: literal('unacknowledge'), incident: string }),
      fields<Of<Act, 'drain'>>({ ...act, kind: literal('drain'), node: string, until: optional(number) }),
      fields<Of<Act, 'restore'>>({ ...act, kind: literal('restore'), node: string }),
      fields<Of<Act, 'force'>>({
        ...act,
        kind: literal('force'),
        node: string,
        inService: boolean,
        until: number,
        reason: string,
      }),
      fields<Of<Act, 'silence'>>({ ...act, kind: literal('silence'), node: string, until: number }),
      fields<Of<Act, 'unsilence'>>({ ...act, kind: literal('unsilence'), node: string }),
      fields<Of<Act, 'pause'>>({ ...act, kind: literal('pause'), until: number }),
      fields<Of<Act, 'drill'>>({
        ...act,
        kind: literal('drill'),
        node: optional(string),
        tier: number,
        flip: boolean,
        hooks: boolean,
      }),
      fields<Of<Act, 'resume'>>({ ...act, kind: literal('resume') }),
    ),
  ),
}) as (value: unknown) => value is Acts;

const verdict = literal('up', 'degraded', 'partial', 'down', 'unknown');

export const isEvidence = fields<Evidence>({
  epoch: number,
  at: number,
  check: string,
  from: verdict,
  to: verdict,
  quorum: number,
  votes: dictionary(vote),
}) as (value: unknown) => value is Evidence;

export const isIncident = fields<Incident>({
  id: string,
  node: string,
  state: literal('down', 'unknown', 'closed'),
  openedAt: number,
  closedAt: optional(number),
  closedAs: optional(literal('recovered', 'removed')),
  ackedBy: optional(string),
  ackedAt: optional(number),
  timeline: list(fields<TimelineEntry>({ at: number, epoch: number, what: string, detail: optional(string) })),
  paging: fields<Escalation>({
    list: optional(literal('tiers', 'quiet', 'nobody')),
    tier: number,
    attempt: number,
    nextAt: number,
    before: optional(number),
    told: optional(fields<NonNullable<Escalation['told']>>({ tiers: number, quiet: number })),
  }),
  heldPaged: optional(boolean),
  halt: optional(fields<NonNullable<Incident['halt']>>({ checks: list(string), text: string })),
  together: optional(fields<NonNullable<Incident['together']>>({ at: number, incidents: dictionary(string) })),
  digest: optional(string),
  behind: optional(string),
  silencedUntil: optional(number),
  flapping: optional(boolean),
}) as (value: unknown) => value is Incident;

const few = optional(fields<NonNullable<Page['together']>>({ count: number, nodes: list(string) }));

const page = fields<Page>({
  incident: string,
  state: literal(
    'down',
    'unknown',
    'recovered',
    'held',
    'flip-failed',
    'hook-failed',
    'foreign-hand',
    'skew',
    'paused',
    'abstaining',
    'never-passed',
    'unheard',
    'unwatched',
    'drill-failed',
    'blind',
    'silent',
  ),
  tier: number,
  quiet: optional(boolean),
  attempt: number,
  at: number,
  subject: string,
  seenBy: optional(fields<NonNullable<Page['seenBy']>>({ down: number, of: number })),
  failing: list(
    fields<Page['failing'][number]>({
      check: string,
      detail: string,
      votes: optional(
        list(
          fields<PageVote>({
            vantage: string,
            vote: literal('up', 'degraded', 'down', 'abstain'),
            reason: string,
            detail: optional(string),
            tookMs: optional(number),
          }),
        ),
      ),
    }),
  ),
  records: list(
    fields<Page['records'][number]>({
      name: string,
      out: boolean,
      serves: list(string),
      held: optional(string),
      why: optional(string),
    }),
  ),
  together: few,
  behind: few,
  flapping: optional(fields<NonNullable<Page['flapping']>>({ count: number, since: number })),
  openedAt: optional(number),
  ackedBy: optional(string),
  ackedAt: optional(number),
  text: optional(string),
});

const intent = {
  id: string,
  lane: string,
  epoch: number,
  at: number,
  tries: number,
  notBefore: number,
  error: optional(string),
  reported: optional(boolean),
} satisfies Fields<Omit<Intent, 'kind'>>;

const anyIntent = either(
  fields<FlipIntent>({
    ...intent,
    kind: literal('flip'),
    record: string,
    node: string,
    inService: boolean,
    supersedes: optional(boolean),
  }),
  fields<PageIntent>({ ...intent, kind: literal('page'), page }),
  fields<HookIntent>({
    ...intent,
    kind: literal('hook'),
    hook: string,
    node: string,
    event: string,
    body: dictionary(() => true),
  }),
  fields<DrillIntent>({ ...intent, kind: literal('drill'), drill: string, node: optional(string) }),
  fields<RecordIntent>({
    ...intent,
    kind: literal('record'),
    incident: string,
    evidence: list(isEvidence),
    replay: optional(string),
  }),
);

const member = fields<MemberEntry>({
  inService: boolean,
  at: number,
  why: string,
  holdUntil: number,
  flaps: list(number),
  confirmed: optional(fields<NonNullable<MemberEntry['confirmed']>>({ inService: boolean, version: number, at: number })),
  held: optional(string),
  foreign: optional(boolean),
  untold: optional(boolean),
  restored: optional(boolean),
});

const manual: Guard = either(
  fields<Of<Manual, 'drain'>>({ kind: literal('drain'), by: string, at: number, until: optional(number) }),
  fields<Of<Manual, 'force'>>({
    kind: literal('force'),
    inService: boolean,
    until: number,
    by: string,
    reason: string,
    at: number,
  }),
);

const drill = fields<Drill>({
  id: string,
  node: optional(string),
  tier: number,
  flip: boolean,
  hooks: boolean,
  by: string,
  askedAt: number,
  startedAt: number,
  until: number,
  endedAt: optional(number),
  ended: optional(string),
  seen: optional(dictionary(number)),
  hops: dictionary(number),
});

export const isLedger = fields<Ledger>({
  schema: literal(1),
  epoch: number,
  token: optional(string),
  incarnation: string,
  bornAt: number,
  adoptedAt: optional(number),
  adoptionPaged: optional(boolean),
  checks: dictionary(
    fields<CheckEntry>({
      state: verdict,
      at: number,
      unknownSince: optional(number),
      recovery: optional(fields<NonNullable<CheckEntry['recovery']>>({ count: number, at: number })),
    }),
  ),
  nodes: dictionary(fields<NodeEntry>({ state: verdict, at: number, incident: optional(string) })),
  members: dictionary(member),
  returning: optional(dictionary(number)),
  incidents: dictionary(isIncident),
  intents: list(anyIntent),
  leases: dictionary(fields<Lease>({ by: string, until: number })),
  acts: optional(fields<NonNullable<Ledger['acts']>>({ incarnation: string, seq: number })),
  manual: dictionary(manual),
  pausedUntil: optional(number),
  pause: optional(fields<NonNullable<Ledger['pause']>>({ by: string, at: number, reminders: number })),
  silences: dictionary(fields<Ledger['silences'][string]>({ until: number, by: string })),
  unsilenced: optional(dictionary(number)),
  outages: optional(dictionary(fields<Outages>({ count: number, since: number, upAt: optional(number) }))),
  skewSince: optional(number),
  skewPaged: optional(boolean),
  abstaining: optional(dictionary(fields<NonNullable<Ledger['abstaining']>[string]>({ since: number, told: optional(boolean) }))),
  outliers: optional(dictionary(fields<Outlier>({ count: number, at: number, check: string, reported: optional(boolean) }))),
  proving: optional(
    fields<NonNullable<Ledger['proving']>>({ probeHash: string, at: number, checks: list(string), told: optional(boolean) }),
  ),
  drill: optional(drill),
  inspection: optional(
    fields<NonNullable<Ledger['inspection']>>({
      at: number,
      findings: dictionary(
        fields<NonNullable<Ledger['inspection']>['findings'][string]>({ since: number, toldAt: optional(number) }),
      ),
    }),
  ),
  configuration: optional(
    fields<NonNullable<Ledger['configuration']>>({ hash: string, since: number, unseen: optional(list(string)) }),
  ),
  roles: optional(
    dictionary(
      fields<RecordRoles>({
        told: dictionary(literal('MASTER', 'BACKUP', 'FAULT')),
        master: string,
        asked: optional(list(string)),
        unreachableSince: optional(number),
      }),
    ),
  ),
  failedHooks: optional(dictionary(number)),
}) as (value: unknown) => value is Ledger;
