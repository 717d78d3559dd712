import { describe, expect, it } from 'vitest';
import { type Alarm, type AlarmStatus, alarmsOf, type Datapoint, evaluate, judge, statisticOf } from '../../lib/core/alarms.ts';
import type { Cell } from '../../lib/core/cell.ts';

const vantages = ['a', 'b', 'c'];
const cell = {
  intervalMs: 30_000,
  vantages,
  arbiters: ['r1', 'r2'],
  quorum: 2,
  checks: [{ intervalMs: 30_000, timeoutMs: 4_000, attempts: 2, vantages }],
} as unknown as Cell;
const alarms = alarmsOf(cell, { periodMs: 60_000 });
const named = (id: string): Alarm => {
  const alarm = alarms.find((each) => each.id === id);
  if (!alarm) throw new Error(`no alarm ${id}`);
  return alarm;
};

describe('the alarms of a cell', () => {
  it('are one for blindness, one for each vantage, one for each arbiter and for the web part beside it', () => {
    const ids = ['blind', 'silent/a', 'silent/b', 'silent/c', 'tick/r1', 'tick/r2', 'web/r1', 'web/r2'];
    expect(alarms.map(({ id }) => id)).toEqual(ids);
    expect(alarmsOf(cell, { periodMs: 1, webs: ['r2'] }).map(({ id }) => id)).toEqual(ids.toSpliced(6, 1));
    expect(named('web/r2')).toMatchObject({ metric: 'Web', dimensions: { region: 'r2' }, suppressor: 'tick/r2' });
    expect(named('blind')).toMatchObject({ metric: 'Heard', dimensions: {}, comparison: 'LessThanThreshold', threshold: 2 });
    // 2 × 30 s + 2 × 4 s + 2 s: as long as votes are fresh
    expect(named('silent/b')).toMatchObject({ metric: 'BallotAge', dimensions: { vantage: 'b' }, threshold: 70 });
    expect(named('tick/r2')).toMatchObject({ metric: 'Tick', dimensions: { region: 'r2' }, statistic: 'Sum', threshold: 1 });
    for (const alarm of alarms) expect(alarm).toMatchObject({ evaluationPeriods: 3, datapointsToAlarm: 3, periodMs: 60_000 });
  });

  it('say what a person should do', () => {
    for (const alarm of alarms) expect(alarm.todo).toMatch(/^Look at /);
  });
});

describe('a period has', () => {
  it('the statistic of its values, and no datapoint without values', () => {
    expect(statisticOf(named('blind'), [1, 3, 2])).toBe(3);
    expect(statisticOf(named('silent/a'), [40, 12, 90])).toBe(12);
    expect(statisticOf(named('tick/r1'), [1, 1])).toBe(2);
    for (const alarm of alarms) expect(statisticOf(alarm, [])).toBeUndefined();
  });
});

describe('evaluation', () => {
  const GOOD = 2;
  const BAD = 1;
  const range = (drawn: string) => drawn.split(' ').map((sign) => ({ 0: GOOD, X: BAD })[sign]);

  // The tables of the CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data", column "breaching".
  it.each([
    ['0 - X - X', 'OK'],
    ['0 - - - -', 'OK'],
    ['- - - - -', 'ALARM'],
    ['0 X X - X', 'ALARM'],
    ['- - - - X', 'ALARM'],
    ['X - - - -', 'ALARM'],
    ['0 0 0 X X', 'OK'],
    ['X X X X 0', 'OK'],
  ])('3 of 3: %s is %s', (drawn, state) => {
    expect(evaluate(named('blind'), range(drawn))).toBe(state);
  });

  it.each([
    ['0 - X - X', 'ALARM'],
    ['0 0 X 0 X', 'ALARM'],
    ['0 - X - -', 'ALARM'],
    ['- - - - 0', 'ALARM'],
    ['- - - - X', 'ALARM'],
    ['X X 0 0 X', 'OK'],
  ])('2 of 3: %s is %s', (drawn, state) => {
    expect(evaluate({ ...named('blind'), datapointsToAlarm: 2 }, range(drawn))).toBe(state);
  });

  it('takes the threshold itself as good, on both sides', () => {
    expect(evaluate(named('silent/a'), [70, 70, 70])).toBe('OK');
    expect(evaluate(named('silent/a'), [70.1, 70.1, 70.1])).toBe('ALARM');
    expect(evaluate(named('tick/r1'), [1, 1, 1])).toBe('OK');
    expect(evaluate(named('tick/r1'), [0, 0, 0])).toBe('ALARM');
  });
});

/** Evaluations one after the other; each shows which alarms are breached in it, and gives the notices as `id state`. */
function timeline() {
  let statuses: Record<string, AlarmStatus> = {};
  return (...breached: string[]): string[] => {
    const pointsOf = (alarm: Alarm): Datapoint[] => {
      const bad = alarm.comparison === 'LessThanThreshold' ? alarm.threshold - 1 : alarm.threshold + 1;
      return Array(5).fill(breached.includes(alarm.id) ? bad : alarm.threshold);
    };
    const judged = judge(alarms, statuses, pointsOf);
    statuses = judged.statuses;
    return judged.notices.map(({ alarm, state, also }) => [alarm.id, state, ...also].join(' '));
  };
}

describe('what people are told', () => {
  const all = alarms.map(({ id }) => id);

  it('nothing of a new system until its evaluation range has passed: then it is blind', () => {
    const evaluateOnce = timeline();
    for (let period = 1; period <= 5; period += 1) expect(evaluateOnce(...all)).toEqual([]);
    expect(evaluateOnce(...all)).toEqual(['blind ALARM silent/a silent/b silent/c tick/r1 tick/r2']);
  });

  it('a new system that was well once may be blind at once', () => {
    const evaluateOnce = timeline();
    evaluateOnce();
    expect(evaluateOnce('blind')).toEqual(['blind ALARM']);
  });

  it('blindness once, with all that says the same; its end once; and nothing of the others in between or after', () => {
    const evaluateOnce = timeline();
    evaluateOnce();
    expect(evaluateOnce(...all)).toEqual(['blind ALARM silent/a silent/b silent/c tick/r1 tick/r2']);
    for (let period = 1; period <= 10; period += 1) expect(evaluateOnce(...all)).toEqual([]);
    expect(evaluateOnce('silent/a', 'silent/b')).toEqual(['blind OK']);
    expect(evaluateOnce('silent/a')).toEqual([]);
    for (let period = 1; period <= 10; period += 1) expect(evaluateOnce()).toEqual([]);
  });

  it('one silent vantage, after waiting for blindness; its end at once', () => {
    const evaluateOnce = timeline();
    evaluateOnce();
    expect(evaluateOnce('silent/a')).toEqual([]);
    expect(evaluateOnce('silent/a')).toEqual([]);
    expect(evaluateOnce('silent/a')).toEqual(['silent/a ALARM']);
    expect(evaluateOnce('silent/a')).toEqual([]);
    expect(evaluateOnce()).toEqual(['silent/a OK']);
    expect(evaluateOnce()).toEqual([]);
  });

  it('vantages that fall silent one after the other until it is blind: one page', () => {
    const evaluateOnce = timeline();
    evaluateOnce();
    expect(evaluateOnce('silent/a')).toEqual([]);
    expect(evaluateOnce('silent/a', 'silent/b')).toEqual([]);
    expect(evaluateOnce('silent/a', 'silent/b', 'blind')).toEqual(['blind ALARM silent/a silent/b']);
  });

  it('a vantage that was paged before: blindness takes it over, and both end with one notice', () => {
    const evaluateOnce = timeline();
    evaluateOnce();
    for (let period = 1; period <= 2; period += 1) evaluateOnce('silent/a');
    expect(evaluateOnce('silent/a')).toEqual(['silent/a ALARM']);
    expect(evaluateOnce(...all)).toEqual(['blind ALARM silent/a silent/b silent/c tick/r1 tick/r2']);
    expect(evaluateOnce()).toEqual(['blind OK']);
    expect(evaluateOnce()).toEqual([]);
  });

  it('a vantage that stays silent after blindness is over: once, when it had time to come back', () => {
    const evaluateOnce = timeline();
    evaluateOnce();
    evaluateOnce(...all);
    expect(evaluateOnce('silent/c')).toEqual(['blind OK']);
    expect(evaluateOnce('silent/c')).toEqual([]);
    expect(evaluateOnce('silent/c')).toEqual(['silent/c ALARM']);
    expect(evaluateOnce('silent/c')).toEqual([]);
  });

  it('the datapoints, and what was expected', () => {
    const points = (alarm: Alarm): Datapoint[] => (alarm.id === 'blind' ? [2, 2, 1, undefined, 0.26, 1] : [0]);
    const { notices } = judge(alarms, { blind: { state: 'OK', periods: 9, notified: false } }, points);
    expect(notices[0]?.reason).toBe('Heard missing, 0.3, 1 in periods of 60 s (at least 2 expected)');
  });
});
