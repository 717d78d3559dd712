import type { Ledger } from './ledger.ts';

/** What keeps pages from people, or this monitor from being watched. */
export const FINDINGS = {
  unconfirmed: 'has not confirmed its subscription',
  vanished: 'is not subscribed any more: deploy again',
  spend: 'are not sent any more this month: raise the spend limit',
  'spend-soon': 'will soon not be sent any more this month: raise the spend limit',
  'alarm-off': 'will tell nobody: it is missing, or its actions are off',
  uninspected: 'cannot be inspected',
} as const;

export interface Finding {
  what: keyof typeof FINDINGS;
  region: string;
  /** What it is about, with nothing secret in it: `tier 1: email ops@example.org`. */
  subject: string;
  detail?: string;
}

/** What somebody found who looked at subscriptions, limits and alarms in every paging region. */
export interface Inspection {
  findings: Finding[];
  /** Tiers, from 1, of which at least one subscription is confirmed somewhere: whom a page about the others can reach. */
  heardTiers: number[];
}

const EVERY_MS = 60 * 60_000;
/**
 * What was found once is looked at again after this: a deployment under way is no news. A first one can wait ten minutes for somebody to
 * hear before it makes the alarms.
 */
const AGAIN_MS = 20 * 60_000;

/** Is it time to look? Hourly, and soon again while something was seen only once. */
export function isInspectionDue({ inspection }: Ledger, now: number): boolean {
  if (!inspection) return true;
  const isSuspicious = Object.values(inspection.findings).some(({ toldAt }) => toldAt === undefined);
  return now - inspection.at >= (isSuspicious ? AGAIN_MS : EVERY_MS);
}

export const findingId = ({ what, region, subject }: Finding): string => `${what} ${region} ${subject}`;

/** `eu-west-1, tier 1: email ops@example.org has not confirmed its subscription` */
export const findingText = ({ what, region, subject, detail }: Finding): string =>
  `${region}, ${subject} ${FINDINGS[what]}${detail === undefined ? '' : ` (${detail})`}`;
