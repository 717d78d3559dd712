import type { Cell, RecordSpec } from '../core/cell.ts';
import { estimateOf, type Line } from '../plan/estimate.ts';
import { inventoryOf, KINDS, type PlannedStack } from '../plan/inventory.ts';
import { type Night, nightOf } from '../plan/night.ts';
import { PRICES, PRICES_AS_OF } from '../plan/prices.ts';
import { count, listed } from '../web/pages/format.ts';
import type { Io } from './command.ts';
import { columns, strong } from './paint.ts';

/** As `--json` prints it. */
export interface Plan {
  name: string;
  vantages: string[];
  quorum: number;
  intervalMs: number;
  arbiters: string[];
  stacks: PlannedStack[];
  records: { id: string; name: string; type: string; policy: string; members: string[] }[];
  /** USD a month in which nothing happens. */
  cost: { pricesAsOf: string; usd: number; usdBeyondFree: number; lines: (Line & { unit: string; source: string })[] };
  night: Night;
}

export interface PlanCommand extends Pick<Io, 'stdout'> {
  cell: Cell;
  /** What one text message costs. */
  smsUsd: number;
  json: boolean;
}

/** `quorumwatch plan FILE`: what would be deployed where, and what that costs. Gives the exit code, 0. */
export async function planCommand({ cell, smsUsd, json, stdout }: PlanCommand): Promise<number> {
  const plan = planOf(cell, smsUsd);
  stdout.write(json ? `${JSON.stringify(plan, null, 2)}\n` : planText(plan, stdout.isTTY === true));
  return 0;
}

export function planOf(cell: Cell, smsUsd: number): Plan {
  const { name, vantages, quorum, intervalMs, arbiters, records } = cell;
  const stacks = inventoryOf(cell);
  const lines = estimateOf(cell, stacks).map((line) => ({ ...line, ...placeOf(line) }));
  const sum = (of: (line: Line) => number): number => lines.reduce((total, line) => total + of(line), 0);
  return {
    name,
    vantages,
    quorum,
    intervalMs,
    arbiters,
    stacks,
    records: records.map(recordOf),
    cost: { pricesAsOf: PRICES_AS_OF, usd: sum(({ usd }) => usd), usdBeyondFree: sum((line) => line.usdBeyondFree), lines },
    night: nightOf(cell, smsUsd),
  };
}

const placeOf = ({ price }: Line): { unit: string; source: string } => {
  const { unit, source } = PRICES[price];
  return { unit, source };
};

const recordOf = ({ id, name, type, policy, members }: RecordSpec): Plan['records'][number] => ({
  id,
  name,
  type,
  policy,
  members: members.map(({ node }) => node),
});

function planText(plan: Plan, colour: boolean): string {
  const { vantages, quorum, intervalMs, arbiters } = plan;
  const sections: [string, string[]][] = [
    ['What would exist', columns(plan.stacks.map(stackRow))],
    ['Records, a switch for each member', columns(plan.records.map(recordRow))],
    [`What a month costs in which nothing happens (USD, us-east-1, ${plan.cost.pricesAsOf})`, costLines(plan.cost)],
    ['A night in which nobody takes an incident', nightLines(plan.night)],
  ];
  const head = [
    `${strong(plan.name, colour)}: ${count(vantages.length, 'vantage')} look every ${intervalMs / 1_000} s, ${quorum} must agree.`,
    `  ${listed(vantages)} look; ${listed(arbiters)} ${arbiters.length === 1 ? 'decides' : 'decide, whoever is first'}.`,
  ];
  const parts = sections.filter(([, lines]) => lines.length > 0).map(([title, lines]) => [`${title}:`, ...lines].join('\n'));
  return `${[head.join('\n'), ...parts].join('\n\n')}\n`;
}

function stackRow({ name, region, has }: PlannedStack): string[] {
  const kinds = KINDS.flatMap((kind) => (has[kind] ? [count(has[kind], kind).replace('switchs', 'switches')] : []));
  return [region, name, kinds.join(', ')];
}

const recordRow = ({ name, type, policy, members }: Plan['records'][number]): string[] => [
  name,
  `${type}, ${policy}`,
  listed(members),
];

/** `1,314,000 writes`, `0.8 GB of log`. */
const amountText = (number: number, unit: string): string =>
  unit.startsWith('GB ')
    ? `${number.toFixed(1)} ${unit}`
    : `${Math.round(number).toLocaleString('en-US')} ${unit}${Math.round(number) === 1 ? '' : 's'}`;

const usd = (amount: number): string => amount.toFixed(2);

function costLines({ lines, usd: all, usdBeyondFree }: Plan['cost']): string[] {
  const rows = lines.map(({ usd: amount, count: number, unit, how }) => [usd(amount).padStart(8), amountText(number, unit), how]);
  return [
    ...columns(rows, ''),
    `${usd(all).padStart(8)}  in all`,
    `${usd(usdBeyondFree).padStart(8)}  of it beyond what is free each month, if nothing else in the account uses that`,
    '          not in it: pages, incidents, visitors, the hosted zones and their questions',
  ];
}

function nightLines({ hours, pages, textMessages, smsUsd, usd: amount, limitUsd }: Night): string[] {
  if (pages === 0) return ['  Nobody is configured to be paged.'];
  const said = `  ${count(pages, 'page')} in ${hours} h, ${count(textMessages, 'text message')} × ${smsUsd} USD = ${usd(amount)} USD an incident`;
  if (textMessages === 0) return [`${said}.`];
  const lasts = Math.floor(limitUsd / smsUsd);
  return [
    `${said} (a price differs by country: --sms-price).`,
    `  A new account may spend ${limitUsd} USD a month on text messages, in each region: ${lasts} of them. Beyond that SNS takes them and`,
    `  sends nothing${amount > limitUsd ? ', and this night is beyond it' : ''}: see "Text messages" in docs/operating.md.`,
  ];
}
