import { alarmPeriodMs } from '../aws/names.ts';
import { MEMORY_MB } from '../aws/sizes.ts';
import { alarmsOf } from '../core/alarms.ts';
import type { Cell } from '../core/cell.ts';
import { count } from '../web/pages/format.ts';
import { countOf, type PlannedStack } from './inventory.ts';
import { PRICES, type PriceId } from './prices.ts';

/** One line of the estimate: how many, how that comes about, what it costs. */
export interface Line {
  price: PriceId;
  count: number;
  /** The arithmetic, in words and numbers. */
  how: string;
  /** Of all of them, as if nothing were free. */
  usd: number;
  /** Of those that are not free, as if the account had nothing else in it. */
  usdBeyondFree: number;
}

/** AWS's own calculator counts 730 hours a month. */
const MONTH_S = 730 * 3_600;
const MINUTES = MONTH_S / 60;
/**
 * An idle queue is asked by five pollers, each of which waits 20 s (Lambda developer guide, "Using Lambda with Amazon SQS"; SQS
 * developer guide, "Amazon SQS short and long polling"): the largest part of the bill of a monitor that has nothing to do.
 */
const POLLS_A_MINUTE = 15;
const QUEUE_BATCH = 10;
/** Assumptions: a round is as long as its slowest answer; the rest was measured in AWS's runtime client. */
const ROUND_S = 1;
const PLAN_S = 0.2;
const LOOK_S = 0.5;
/** DynamoDB developer guide, "Read and write operations": a write is of up to 1 KB. */
const WRITE_B = 1_024;
/** Keys, and what names the list of checks. */
const HISTORY_KEYS_B = 100;
/** What Lambda logs of an invocation, and one metric in the log. */
const LOGGED_KB = 0.7;
const METRIC_KB = 0.25;
/** What leaves with one look: a handshake and a request. */
const SENT_KB = 2;
const SECRET_READS_AN_HOUR = 12;
const KB_PER_GB = 1_000_000;

/** What a cell costs in a month in which nothing happens, line by line. */
export function estimateOf(cell: Cell, stacks: readonly PlannedStack[]): Line[] {
  return [
    ...requestLines(cell),
    ...measuringLines(cell),
    ...standingLines(cell, stacks),
    secretReads(cell),
    traffic(cell),
  ].filter(({ count }) => count > 0);
}

function line(id: PriceId, amount: number, how: string): Line {
  const { usd, per, free } = PRICES[id];
  const costOf = (number: number): number => (Math.max(0, number) * usd) / per;
  return { price: id, count: amount, how, usd: costOf(amount), usdBeyondFree: costOf(amount - free) };
}

const numberText = (number: number): string => Math.round(number).toLocaleString('en-US');
const roundsOf = ({ intervalMs }: Cell): number => (MONTH_S * 1_000) / intervalMs;

/** A round's history is a byte a check, in a table of one region. */
const historyWrites = ({ checks }: Cell): number => Math.ceil((checks.length + HISTORY_KEYS_B) / WRITE_B);

/** Rounds, plans and looks, and what they ask of table and queues. */
function requestLines(cell: Cell): Line[] {
  const [vantages, arbiters, rounds] = [cell.vantages.length, cell.arbiters.length, roundsOf(cell)];
  const [v, a, r, m] = [
    count(vantages, 'vantage'),
    count(arbiters, 'arbiter'),
    `${numberText(rounds)} rounds`,
    `${numberText(MINUTES)} minutes`,
  ];
  const beats = cell.checks.filter(({ probe }) => probe.kind === 'heartbeat').length;
  const batches = Math.ceil(rounds / MINUTES / QUEUE_BATCH);
  const invocations = vantages * (rounds + MINUTES) + arbiters * MINUTES;
  const gb = { prober: MEMORY_MB.prober / 1_024, arbiter: MEMORY_MB.arbiter / 1_024 };
  const probing = vantages * (rounds * ROUND_S + MINUTES * PLAN_S) * gb.prober;
  const deciding = arbiters * MINUTES * LOOK_S * gb.arbiter;
  const polls = (vantages + arbiters) * MINUTES * POLLS_A_MINUTE;
  const messages = vantages * (MINUTES * (2 + batches) + rounds) + arbiters * MINUTES * 2;
  return [
    line(
      'tableWrites',
      vantages * rounds * (arbiters + historyWrites(cell)),
      `${v} × ${r} × (${count(arbiters, 'replica')} + ${historyWrites(cell)} for history)`,
    ),
    line(
      'tableReads',
      vantages * rounds * (1 + beats) + arbiters * MINUTES * (vantages + 2),
      `${v} × ${r} × ${1 + beats} + ${a} × ${m} × ${vantages + 2} items`,
    ),
    line('invocations', invocations, `${v} × (${r} + ${m}) + ${a} × ${m}`),
    line(
      'computing',
      probing + deciding,
      `${v} × (${r} × ${ROUND_S} s + ${m} × ${PLAN_S} s) × ${gb.prober} GB + ${a} × ${m} × ${LOOK_S} s × ${gb.arbiter} GB`,
    ),
    line(
      'queueRequests',
      polls + messages,
      `${vantages + arbiters} queues × ${m} × ${POLLS_A_MINUTE} polls + ${numberText(messages)} for messages`,
    ),
    line('schedules', (vantages + arbiters) * MINUTES, `${vantages + arbiters} schedules × ${m}`),
    line(
      'logs',
      (invocations * LOGGED_KB + arbiters * MINUTES * (vantages + 3) * METRIC_KB) / KB_PER_GB,
      `${numberText(invocations)} invocations × ${LOGGED_KB} KB + ${a} × ${m} × ${vantages + 3} metrics × ${METRIC_KB} KB`,
    ),
  ];
}

/**
 * An arbiter publishes what it sees in its own region and in those of the alarms, which watch all of it: a metric of each is one that
 * is paid for.
 */
function measuringLines(cell: Cell): Line[] {
  const { vantages, arbiters, paging } = cell;
  const others = arbiters.filter((region) => !paging.regions.includes(region)).length;
  const watched = alarmsOf(cell, { periodMs: alarmPeriodMs }).length;
  // Heard, Readable, Tick and Web, and the age of each ballot.
  const own = 4 + vantages.length;
  const abroad = arbiters.reduce((sum, region) => sum + paging.regions.filter((each) => each !== region).length, 0);
  return [
    line(
      'metrics',
      paging.regions.length * watched + others * own,
      `${count(paging.regions.length, 'region')} with alarms × ${watched} + ${count(others, 'other')} × ${own}`,
    ),
    line(
      'metricRequests',
      abroad * MINUTES,
      `${count(abroad, 'way')} from an arbiter to another region's alarms × ${numberText(MINUTES)} minutes`,
    ),
  ];
}

/** What is paid for because it is there. */
const standingLines = (cell: Cell, stacks: readonly PlannedStack[]): Line[] => [
  ...(
    [
      ['alarms', 'alarm'],
      ['compositeAlarms', 'composite alarm'],
      ['dashboards', 'dashboard'],
      ['switches', 'switch'],
    ] as const
  ).map(([price, kind]) => line(price, countOf(stacks, kind), `${countOf(stacks, kind)} in all stacks`)),
  secrets(cell, stacks),
];

/** The replica of a secret is paid for as one more (Secrets Manager pricing): each of ours is in every region of the table. */
function secrets({ arbiters }: Cell, stacks: readonly PlannedStack[]): Line {
  const made = countOf(stacks, 'secret');
  return line('secrets', made * arbiters.length, `${made} in all stacks × ${count(arbiters.length, 'region')}`);
}

function secretReads({ arbiters }: Cell): Line {
  const reads = SECRET_READS_AN_HOUR * 730;
  return line('secretReads', arbiters.length * reads, `${count(arbiters.length, 'arbiter')} × ${numberText(reads)}`);
}

/** Each check by its own interval; references and canaries in every round. */
function traffic(cell: Cell): Line {
  const own = cell.checks
    .filter(({ probe }) => probe.kind !== 'heartbeat')
    .reduce((sum, { vantages, intervalMs }) => sum + (vantages.length * MONTH_S * 1_000) / intervalMs, 0);
  const beside = ((cell.references?.length ?? 0) + (cell.canaries?.length ?? 0)) * cell.vantages.length * roundsOf(cell);
  const looks = own + beside;
  return line('traffic', (looks * SENT_KB) / KB_PER_GB, `${numberText(looks)} looks × ${SENT_KB} KB`);
}
