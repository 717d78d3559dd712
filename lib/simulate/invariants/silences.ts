/** S13 for silences that stand in the configuration: read anew, without a cron library. */
import type { SilenceSpec } from '../../core/telling.ts';
import { freshActs } from './reading.ts';
import { ledgerBefore, type Step } from './step.ts';

const MINUTE_MS = 60_000;

/** Is this node silenced by the configuration, and did nobody end that? */
export function configuredSilence(step: Step, node: string): boolean {
  if (freshActs(step).some((act) => act.kind === 'unsilence' && act.node === node)) return false;
  const endedUntil = ledgerBefore(step).unsilenced?.[node] ?? 0;
  const about = step.cell.silences.filter(({ nodes }) => nodes.length === 0 || nodes.includes(node));
  return about.some((silence) => endOf(silence, step.now) > Math.max(step.now, endedUntil));
}

/** When the silence that is on ends; 0: none is. Of cron expressions it knows every so many minutes of an hour. */
export function endOf({ cron, from = 0, until = 0, forMs = 0 }: SilenceSpec, now: number): number {
  if (cron === undefined) return from <= now ? until : 0;
  const [, every] = /^\*\/(\d+) \* \* \* \*$/.exec(cron) ?? [];
  if (every === undefined || 60 % Number(every) !== 0) throw new Error(`the judge cannot read ${cron}`);
  const everyMs = Number(every) * MINUTE_MS;
  const end = Math.floor(now / everyMs) * everyMs + forMs;
  return end > now ? end : 0;
}
