/** What people are told of the monitor's own work: what it cannot carry out, and what somebody told it not to do. */
import { type Cell, memberKey } from './cell.ts';
import type { Draft } from './draft.ts';
import type { FlipIntent } from './ledger.ts';
import { namesOf } from './messages.ts';
import { oweNotice } from './paging.ts';
import { dateTime } from './times.ts';

/** A flip that is not carried out within this many ticks is told; seconds at least, also where ticks are shorter than an act may take. */
const STUCK_TICKS = 2;
const STUCK_MS_MIN = 5_000;
const DAY_MS = 86_400_000;

const stuckMs = (cell: Cell): number => Math.max(STUCK_MS_MIN, STUCK_TICKS * cell.tickMs);

/** L2: what is committed matches Route 53, or a page says that it cannot. What is stuck together is told together. */
export function reportStuckFlips(draft: Draft): void {
  const { ledger, now, cell } = draft;
  const stuck = ledger.intents.filter((intent): intent is FlipIntent => {
    return intent.kind === 'flip' && !intent.reported && now - intent.at >= stuckMs(cell);
  });
  const [first] = stuck;
  if (!first) return;
  for (const intent of stuck) intent.reported = true;
  const why = first.error ?? 'no arbiter could carry it out';
  const direction = first.inService ? 'back in' : 'out of';
  const members = stuck.map(({ record, node }) => memberKey(record, node));
  const subject = members.length === 1 ? memberKey(first.record, first.node) : `${members.length} members`;
  const text =
    members.length === 1
      ? `${first.node} cannot be put ${direction} service: ${why}`
      : `${namesOf({ count: members.length, nodes: members })} cannot be flipped: ${why}`;
  oweNotice(draft, 'flip-failed', subject, text, { about: members });
}

/** Until Route 53 was read whole, nothing is flipped: that must not stay unheard. */
export function reportNoSwitches(draft: Draft): void {
  const { ledger, now, cell } = draft;
  if (ledger.adoptedAt !== undefined || ledger.adoptionPaged || now - ledger.bornAt < stuckMs(cell)) return;
  ledger.adoptionPaged = true;
  const text = 'nothing is flipped yet: not every switch could be read from Route 53 since the start';
  oweNotice(draft, 'flip-failed', cell.name, text);
}

/** A pause that was forgotten is an outage in waiting: whoever reads the pages is reminded of it every day. */
export function reportPause(draft: Draft): void {
  const { ledger, now, cell } = draft;
  const { pause, pausedUntil = 0 } = ledger;
  if (!pause || now < pause.at + DAY_MS * (pause.reminders + 1)) return;
  pause.reminders = Math.floor((now - pause.at) / DAY_MS);
  const { timezone } = cell.paging;
  const since = dateTime(pause.at, timezone);
  const text = `${pause.by} paused all automatic acts at ${since}: nothing is flipped before ${dateTime(pausedUntil, timezone)}, or until somebody ends it`;
  oweNotice(draft, 'paused', cell.name, text, { isQuiet: true });
}
