import type { Draft } from './draft.ts';

/** What goes down again this soon after it came back comes and goes; when it has been well for so long, that is over. */
export const CALM_MS = 15 * 60_000;

/** Counts that a node, or a chain, went down, once until it is well again; true if it comes and goes. */
export function noteOutage({ ledger, now }: Draft, subject: string): boolean {
  const last = ledger.outages?.[subject];
  if (last && last.upAt === undefined) return last.count > 1;
  const isAgain = last?.upAt !== undefined && now - last.upAt < CALM_MS;
  const { count, since } = isAgain ? last : { count: 0, since: now };
  ledger.outages = { ...ledger.outages, [subject]: { count: count + 1, since } };
  return isAgain;
}

/** It is well, from the first time that this is said on. */
export function noteWell({ ledger, now }: Draft, subject: string): void {
  const last = ledger.outages?.[subject];
  if (last) last.upAt ??= now;
}

/** Has it been well for so long that it does not come and go any more? */
export function isCalm({ ledger, now }: Draft, subject: string): boolean {
  const last = ledger.outages?.[subject];
  return !last || (last.upAt !== undefined && now - last.upAt >= CALM_MS);
}

/** What has been well for long enough leaves the ledger. */
export function forgetOutages(draft: Draft): void {
  const { outages } = draft.ledger;
  for (const subject of Object.keys(outages ?? {})) if (isCalm(draft, subject)) delete outages?.[subject];
}
