/**
 * Vantages that often say otherwise than all others. Nothing waits for this: such a vantage is outvoted anyway, so nobody is paged.
 * But its way to the nodes may be broken, or theirs to it, and while it is wrong the others have one fewer to spare.
 */
import type { CastVote } from './ballot.ts';
import type { Check } from './cell.ts';
import type { Draft } from './draft.ts';
import type { Outlier } from './ledger.ts';
import { tally } from './tally.ts';

/** A dissent counts once in so long, however many checks it is of and whether it lasts or comes again: few writes of the ledger. */
const SPAN_MS = 5 * 60_000;
/** One is forgotten in so long without another. */
const FORGOTTEN_MS = 3 * SPAN_MS;
/** From so many on it is reported, and until so few are left: half an hour of dissent, or six in as many hours. */
const REPORTED = 6;
const NO_MORE = 3;
/** More would only be remembered for longer. */
const MOST = 12;

/** Counts who dissents alone, tells of a vantage once it has often, and forgets. */
export function decideOutliers(draft: Draft): void {
  const { ledger, cell, now } = draft;
  const dissents = dissentsOf(draft);
  const next = cell.vantages.flatMap((vantage): [string, Outlier][] => {
    const outlier = counted(ledger.outliers?.[vantage], dissents.get(vantage), now);
    return outlier ? [[vantage, outlier]] : [];
  });
  for (const [vantage, { reported, check }] of next) {
    const was = ledger.outliers?.[vantage]?.reported ?? false;
    if (reported && !was) note(draft, `${vantage} often says otherwise than all other vantages, last of ${check}`);
  }
  if (next.length > 0) ledger.outliers = Object.fromEntries(next);
  else delete ledger.outliers;
}

const note = ({ events }: Draft, text: string): void => void events.push({ event: 'note', text });

/** What is left of a count now, with a dissent of now if its turn has come; undefined once nothing is. */
function counted(before: Outlier | undefined, check: string | undefined, now: number): Outlier | undefined {
  const left = Math.max(0, (before?.count ?? 0) - Math.floor((now - (before?.at ?? now)) / FORGOTTEN_MS));
  const isDue = before === undefined || now - before.at >= SPAN_MS;
  if (check !== undefined && isDue) {
    const count = Math.min(MOST, left + 1);
    return { count, at: now, check, ...(isReported(before, count) && { reported: true }) };
  }
  if (!before || left === 0) return undefined;
  // Only what people are told changes meanwhile; the count is left as it was written, with its time.
  const { reported: _, ...rest } = before;
  return { ...rest, ...(isReported(before, left) && { reported: true }) };
}

const isReported = (before: Outlier | undefined, count: number): boolean =>
  count >= REPORTED || (before?.reported === true && count >= NO_MORE);

/** Who says alone that a check is down, or alone that it is not; with the first such check. */
function dissentsOf(draft: Draft): Map<string, string> {
  const dissents = new Map<string, string>();
  for (const check of draft.cell.checks) {
    const votes = draft.votes.get(check.key) ?? {};
    const { up, degraded, down } = tally(votes);
    if (down !== 1 && up + degraded !== 1) continue;
    const cast = Object.entries(votes).filter(([, { vote }]) => vote !== 'abstain');
    const isAlone = ({ vote }: CastVote): boolean => (vote === 'down') === (down === 1);
    const others = cast.filter(([, vote]) => !isAlone(vote));
    const dissenter = cast.find(([, vote]) => isAlone(vote));
    if (!dissenter || dissents.has(dissenter[0])) continue;
    const [vantage, { since }] = dissenter;
    // Whoever saw something first is no outlier: the others must have looked after it. Nor is who has not looked since they changed.
    const agreed = others.filter(([other, { observedAt }]) => observedAt > since && isSettled(draft, check, other));
    if (agreed.length >= check.quorum) dissents.set(vantage, check.key);
  }
  return dissents;
}

/** Has this vantage said the same for a round? What its ballot does not list, it has. */
function isSettled({ inputs, now }: Draft, { key, intervalMs }: Check, vantage: string): boolean {
  const ballot = inputs.ballots[vantage];
  const listed = typeof ballot === 'object' ? ballot.votes[key] : undefined;
  return listed === undefined || now - listed.since >= intervalMs;
}
