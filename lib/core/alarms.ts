import type { Cell } from './cell.ts';
import { heardMs } from './schedule.ts';

/**
 * What watches the watcher: alarms over the metrics that arbiters publish, paged without any arbiter, quorum or table.
 * On AWS they are CloudWatch alarms that notify SNS; here are their definitions and the rules they are judged by.
 */
export interface Alarm {
  /** `blind`, `table`, `silent/<vantage>`, `tick/<arbiter>`, `web/<arbiter>` */
  id: string;
  /** What is wrong while it is in ALARM. */
  title: string;
  /** What is so when it no longer is. */
  recovered: string;
  /** What a person should do. */
  todo: string;
  metric: string;
  dimensions: Record<string, string>;
  statistic: 'Minimum' | 'Maximum' | 'Sum';
  periodMs: number;
  comparison: 'GreaterThanThreshold' | 'LessThanThreshold';
  threshold: number;
  /** N of "M out of N". */
  evaluationPeriods: number;
  /** M of "M out of N". */
  datapointsToAlarm: number;
  /** Silence is no breach: another alarm hears it. Without it missing datapoints count as breaching. */
  ignoresSilence?: true;
  /** While that alarm is in ALARM, this one says the same and notifies nobody. */
  suppressor?: string;
  /** For how many periods after its suppressor is over it waits before it notifies. */
  extensionPeriods: number;
}

const PERIODS = 3;
/** How many more periods than it evaluates an alarm looks back: CloudWatch's example retrieves 5 for 3 (see `evaluate`). */
const LOOK_BACK_PERIODS = 2;
/**
 * For how many periods a suppressed alarm waits for its suppressor to fire, and by default after its suppressor is over, before it notifies
 * (CloudWatch user guide, "Suppressing composite alarm actions": WaitPeriod, ExtensionPeriod).
 */
export const SUPPRESSION_PERIODS = 2;
/** What comes and goes is seen in so many periods, if it is bad in `PERIODS` of them. */
const UNSTEADY_PERIODS = 10;
const BLIND = 'blind';

type Common = Pick<Alarm, 'periodMs' | 'evaluationPeriods' | 'datapointsToAlarm' | 'extensionPeriods'>;

export interface AlarmOptions {
  /** As long as a round; whole minutes on AWS, whose metrics have no finer resolution. */
  periodMs: number;
  /** Arbiters that knock on a web part. @default all */
  webs?: readonly string[];
}

/** The alarms of a cell, `blind` first; a suppressor stands before what it suppresses. */
export function alarmsOf(cell: Cell, { periodMs, webs = cell.arbiters }: AlarmOptions): Alarm[] {
  const common = { periodMs, evaluationPeriods: PERIODS, datapointsToAlarm: PERIODS, extensionPeriods: SUPPRESSION_PERIODS };
  return [
    blindAlarm(cell, common),
    tableAlarm(common),
    ...cell.vantages.map((vantage) => silentAlarm(cell, vantage, common)),
    ...cell.arbiters.map((region) => tickAlarm(region, common)),
    ...webs.map((region) => webAlarm(region, common)),
  ];
}

function blindAlarm({ quorum, vantages }: Cell, common: Common): Alarm {
  return {
    ...common,
    id: BLIND,
    title: `fewer than ${quorum} of ${vantages.length} vantages are heard: nothing is decided, paged or flipped`,
    recovered: `${quorum} or more of ${vantages.length} vantages are heard again`,
    todo: 'Look at the voting table first, then at the log of a prober and of an arbiter.',
    metric: 'Heard',
    dimensions: {},
    statistic: 'Maximum', // one arbiter that hears a quorum is enough to decide
    comparison: 'LessThanThreshold',
    threshold: quorum,
  };
}

/** A table that comes and goes is never away for as long as blindness takes: votes are lost, pages come late, and nobody would hear. */
function tableAlarm(common: Common): Alarm {
  return {
    ...common,
    evaluationPeriods: UNSTEADY_PERIODS,
    id: 'table',
    title: 'the voting table comes and goes: decisions and pages come late',
    recovered: 'the voting table is there all the time',
    todo: 'Look at the log of an arbiter, then at the metrics of the voting table: throttling, system errors.',
    metric: 'Readable',
    dimensions: {},
    statistic: 'Minimum', // a minute in which it failed once is a bad one
    comparison: 'LessThanThreshold',
    threshold: 1,
    ignoresSilence: true,
    suppressor: BLIND,
    // What blindness has told of is no news while it is still among the periods.
    extensionPeriods: UNSTEADY_PERIODS,
  };
}

function silentAlarm(cell: Cell, vantage: string, common: Common): Alarm {
  const limitS = heardMs(cell) / 1_000;
  return {
    ...common,
    id: `silent/${vantage}`,
    title: `vantage ${vantage} has cast no ballot for ${limitS} s`,
    recovered: `vantage ${vantage} casts ballots again`,
    todo: `Look at the log of the prober in ${vantage}, then at its schedule and queue.`,
    metric: 'BallotAge',
    dimensions: { vantage },
    statistic: 'Minimum', // in seconds, as the arbiter sees it that read last
    comparison: 'GreaterThanThreshold',
    threshold: limitS,
    suppressor: BLIND,
  };
}

const tickId = (region: string): string => `tick/${region}`;

function tickAlarm(region: string, common: Common): Alarm {
  return {
    ...common,
    id: tickId(region),
    title: `the arbiter in ${region} does not look`,
    recovered: `the arbiter in ${region} looks again`,
    todo: `Look at the log of the arbiter in ${region}, then at its schedule and queue. The other arbiters go on.`,
    metric: 'Tick',
    dimensions: { region },
    statistic: 'Sum',
    comparison: 'LessThanThreshold',
    threshold: 1,
    suppressor: BLIND,
  };
}

/** Its arbiter knocks on it: without an arbiter nobody knows. */
function webAlarm(region: string, common: Common): Alarm {
  return {
    ...common,
    id: `web/${region}`,
    title: `the web part in ${region} does not answer: nobody can acknowledge there, and heartbeats are lost`,
    recovered: `the web part in ${region} answers again`,
    todo: `Look at the log of the web function in ${region}.`,
    metric: 'Web',
    dimensions: { region },
    statistic: 'Sum',
    comparison: 'LessThanThreshold',
    threshold: 1,
    suppressor: tickId(region),
  };
}

/** A period's statistic, or nothing where nothing was published in it. */
export type Datapoint = number | undefined;

/** How many periods an alarm must be shown: its evaluation range. */
export const evaluationRange = (alarm: Alarm): number => alarm.evaluationPeriods + LOOK_BACK_PERIODS;

/** The statistic of what was published within one period. */
export function statisticOf(alarm: Alarm, values: readonly number[]): Datapoint {
  if (values.length === 0) return undefined;
  if (alarm.statistic === 'Sum') return values.reduce((sum, value) => sum + value, 0);
  return alarm.statistic === 'Maximum' ? Math.max(...values) : Math.min(...values);
}

/**
 * Is it breached, by the datapoints of its evaluation range, oldest first? The most recent that exist are evaluated; only if they
 * are fewer than the evaluation periods are missing ones, as few as possible, taken to be breaching, or not (CloudWatch user guide,
 * "Configuring how CloudWatch alarms treat missing data").
 */
export function evaluate(alarm: Alarm, datapoints: readonly Datapoint[]): 'OK' | 'ALARM' {
  const existing = datapoints.filter((value) => value !== undefined).slice(-alarm.evaluationPeriods);
  const breaching = existing.filter((value) => isBreaching(alarm, value));
  const filled = alarm.ignoresSilence ? 0 : alarm.evaluationPeriods - existing.length;
  return breaching.length + filled >= alarm.datapointsToAlarm ? 'ALARM' : 'OK';
}

/** Would it be OK if it were made now: does it find datapoints, and is the latest one good? One is enough: see `evaluate`. */
export function isQuiet(alarm: Alarm, datapoints: readonly Datapoint[]): boolean {
  const latest = datapoints.findLast((value) => value !== undefined);
  return latest === undefined ? alarm.ignoresSilence === true : !isBreaching(alarm, latest);
}

const isBreaching = ({ comparison, threshold }: Alarm, value: number): boolean =>
  comparison === 'LessThanThreshold' ? value < threshold : value > threshold;

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** What is remembered of one alarm between evaluations. */
export interface AlarmStatus {
  state: AlarmState;
  /** For how many evaluations it has been in this state, this one included. */
  periods: number;
  /** People were told of it and not yet that it is over. */
  notified: boolean;
}

export interface AlarmNotice {
  alarm: Alarm;
  state: 'ALARM' | 'OK';
  /** The datapoints, and what was expected of them. */
  reason: string;
  /** Ids of the alarms that say the same and are not notified of on their own. */
  also: string[];
}

/**
 * One evaluation of all alarms, made once a period: what is remembered next, and what people are told.
 * An alarm is INSUFFICIENT_DATA until its evaluation range has passed or it is OK: a system that has just started is not blind.
 */
export function judge(
  alarms: readonly Alarm[],
  before: Readonly<Record<string, AlarmStatus>>,
  datapointsOf: (alarm: Alarm) => readonly Datapoint[],
): { statuses: Record<string, AlarmStatus>; notices: AlarmNotice[] } {
  const statuses = Object.fromEntries(
    alarms.map((alarm) => [alarm.id, nextStatus(alarm, before[alarm.id], evaluate(alarm, datapointsOf(alarm)))]),
  );
  const notices: AlarmNotice[] = [];
  for (const alarm of alarms) {
    const status = statuses[alarm.id];
    const state = status && due(alarm, status, statuses);
    if (!status || !state) continue;
    status.notified = state === 'ALARM';
    const also = state === 'ALARM' ? absorb(alarm, alarms, statuses) : [];
    notices.push({ alarm, state, reason: reasonOf(alarm, datapointsOf(alarm)), also });
  }
  return { statuses, notices };
}

function nextStatus(alarm: Alarm, before: AlarmStatus | undefined, breached: 'OK' | 'ALARM'): AlarmStatus {
  const { state, periods, notified } = before ?? { state: 'INSUFFICIENT_DATA', periods: 0, notified: false };
  const tooYoung = state === 'INSUFFICIENT_DATA' && breached === 'ALARM' && periods < evaluationRange(alarm);
  const next = tooYoung ? 'INSUFFICIENT_DATA' : breached;
  return { state: next, periods: next === state ? periods + 1 : 1, notified };
}

/** What people are to be told of this alarm now, if anything. */
function due(
  alarm: Alarm,
  { state, periods, notified }: AlarmStatus,
  statuses: Record<string, AlarmStatus>,
): 'ALARM' | 'OK' | undefined {
  if (state === 'OK' && notified) return 'OK';
  if (state !== 'ALARM' || notified) return undefined;
  const suppressor = alarm.suppressor && statuses[alarm.suppressor];
  if (!suppressor) return 'ALARM';
  const waited = periods > SUPPRESSION_PERIODS;
  const extended = suppressor.periods > alarm.extensionPeriods;
  return suppressor.state !== 'ALARM' && waited && extended ? 'ALARM' : undefined;
}

/** The alarms that this one suppresses and that fire too: its notice speaks for theirs, and its end for their end. */
function absorb(alarm: Alarm, alarms: readonly Alarm[], statuses: Record<string, AlarmStatus>): string[] {
  return alarms.flatMap(({ id, suppressor }) => {
    const status = statuses[id];
    if (suppressor !== alarm.id || status?.state !== 'ALARM') return [];
    status.notified = false;
    return [id];
  });
}

function reasonOf(
  { metric, comparison, threshold, evaluationPeriods, periodMs }: Alarm,
  datapoints: readonly Datapoint[],
): string {
  const seen = datapoints
    .slice(-evaluationPeriods)
    .map((value) => (value === undefined ? 'missing' : Math.round(value * 10) / 10));
  const limit = comparison === 'LessThanThreshold' ? `at least ${threshold}` : `at most ${threshold}`;
  return `${metric} ${seen.join(', ')} in periods of ${periodMs / 1_000} s (${limit} expected)`;
}
