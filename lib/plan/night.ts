import type { Cell } from '../core/cell.ts';
import { SMS_LIMIT_USD } from './prices.ts';

/** An incident in a night in which nobody takes it. */
export interface Night {
  hours: number;
  /** How often somebody is paged: tier after tier, then the last one again and again. */
  pages: number;
  textMessages: number;
  smsUsd: number;
  usd: number;
  /** What a new account may spend on text messages in a month, in each region. */
  limitUsd: number;
}

const HOURS = 8;

/** The worst case: an incident of the first list of tiers, from the first page on. */
export function nightOf({ paging }: Pick<Cell, 'paging'>, smsUsd: number): Night {
  const untilMs = HOURS * 3_600_000;
  const last = paging.tiers.at(-1);
  const repeats = last === undefined ? 0 : Math.max(0, Math.ceil((untilMs - last.afterMs) / paging.repeatMs) - 1);
  const climbed = paging.tiers.filter(({ afterMs }) => afterMs < untilMs);
  const pages = [...climbed, ...Array.from({ length: repeats }, () => last ?? { sms: [] })];
  const textMessages = paging.configured ? pages.reduce((sum, { sms }) => sum + sms.length, 0) : 0;
  return {
    hours: HOURS,
    pages: paging.configured ? pages.length : 0,
    textMessages,
    smsUsd,
    usd: textMessages * smsUsd,
    limitUsd: SMS_LIMIT_USD,
  };
}
