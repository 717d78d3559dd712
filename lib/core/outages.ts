import type { Draft } from './draft.ts';

/** What goes down again this soon after it came back comes and goes; when it has been well for so long, that is over. */
export const CALM_MS = 15 * 60_000;

/** Counts that a node, or a chain, went down, once until it is well again; gives how often it did, lately. */
export function noteOutage({ ledger, now }: Draft, subject: string): number {
  const { outages = {} } = ledger;
  const last = outages[subject];
  if (last && last.upAt === undefined) return last.count;
  const isAgain = last?.upAt !== undefined && now - last.upAt < CALM_MS;
  const { count, since } = isAgain ? last : { count: 0, since: now };
  ledger.outages = { ...outages, [subject]: { count: count + 1, since } };
  return count + 1;
}

/** It is well, from the first time that this is said on. */
export function noteWell({ ledger: { outages = {} }, now }: Draft, subject: string): void {
  const last = outages[subject];
  if (last) last.upAt ??= now;
}

/** Has it been well for so long that it does not come and go any more? */
export function isCalm({ ledger: { outages = {} }, now }: Draft, subject: string): boolean {
  const last = outages[subject];
  return !last || now - (last.upAt ?? now) >= CALM_MS;
}

/** What has been well for long enough leaves the ledger. */
export function forgetOutages(draft: Draft): void {
  const { outages = {} } = draft.ledger;
  for (const subject of Object.keys(outages)) if (isCalm(draft, subject)) delete outages[subject];
}

/** Nobody waits any more for it to be well. */
export function forgetOutage({ ledger: { outages = {} } }: Draft, subject: string): void {
  delete outages[subject];
}
