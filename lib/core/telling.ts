/** Who is told of what: the part of a cell that probes and votes do not know. */
import type { Text } from './cell.ts';

export interface PagingSpec {
  /** False: nobody is configured; pages exist (status page, local inbox) but reach no one. */
  configured: boolean;
  regions: string[];
  timezone: string;
  tiers: TierSpec[];
  quiet: TierSpec[];
  repeatMs: number;
  ackLapsesMs: number;
}

/** A time in which nobody is paged about some nodes: again and again, or once. */
export interface SilenceSpec {
  id: string;
  /** Empty: all nodes. */
  nodes: string[];
  /** Begins by a cron expression of five fields in that time zone, and lasts so long. */
  cron?: string;
  timezone?: string;
  forMs?: number;
  /** Or begins and ends then, ms since 1970. */
  from?: number;
  until?: number;
}

export interface TierSpec {
  afterMs: number;
  sms: string[];
  email: string[];
  https: string[];
  hooks: string[];
}

export interface HookSpec {
  id: string;
  events: string[];
  /** Empty: all nodes. */
  nodes: string[];
  url: Text;
  secret?: Text;
  /** Absent: by the URL's host. */
  format?: HookFormat;
}

export const HOOK_FORMATS = ['json', 'slack', 'pagerduty'] as const;
export type HookFormat = (typeof HOOK_FORMATS)[number];
