import { describe, expect, it } from 'vitest';
import {
  type Alarm,
  type AlarmStatus,
  alarmsOf,
  type Datapoint,
  evaluate,
  isQuiet,
  judge,
  statisticOf,
} from '../../lib/core/alarms.ts';
import type { Cell } from '../../lib/core/cell.ts';

const vantages = ['a', 'b', 'c'];
const cell = {
  intervalMs: 30_000,
  vantages,
  arbiters: ['r1', 'r2'],
  quorum: 2,
  checks: [{ intervalMs: 30_000, timeoutMs: 4_000, attempts: 2, vantages }],
} as unknown as Cell;
const alarms = () => alarmsOf(cell, { periodMs: 60_000 });
const named = (id: string): Alarm => {
  const alarm = alarms().find((each) => each.id === id);
  if (!alarm) throw new Error(`no alarm ${id}`);
  return alarm;
};

describe('the alarms of a cell', () => {
  it('are one for blindness, one for the table, one for each vantage, one for each arbiter and for the web part beside it', () => {
    const ids = ['blind', 'table', 'silent/a', 'silent/b', 'silent/c', 'tick/r1', 'tick/r2', 'web/r1', 'web/r2'];
    expect(alarms().map(({ id }) => id)).toEqual(ids);
    expect(alarmsOf(cell, { periodMs: 1, webs: ['r2'] }).map(({ id }) => id)).toEqual(ids.toSpliced(7, 1));
    expect(named('web/r2')).toMatchObject({ metric: 'Web', dimensions: { region: 'r2' }, suppressor: 'tick/r2' });
    expect(named('blind')).toMatchObject({ metric: 'Heard', dimensions: {}, comparison: 'LessThanThreshold', threshold: 2 });
    expect(named('silent/b')).toMatchObject({ statistic: 'Minimum', comparison: 'GreaterThanThreshold' });
    // 2 × 30 s + 2 × 4 s + 2 s: as long as votes are fresh
    expect(named('silent/b')).toMatchObject({
      metric: 'BallotAge',
      dimensions: { vantage: 'b' },
      threshold: 70,
      suppressor: 'blind',
    });
    expect(named('tick/r2')).toMatchObject({ metric: 'Tick', dimensions: { region: 'r2' }, statistic: 'Sum', threshold: 1 });
    expect(named('table')).toMatchObject({ metric: 'Readable', dimensions: {}, threshold: 1, suppressor: 'blind' });
    for (const alarm of alarms())
      expect(alarm).toMatchObject({ evaluationPeriods: alarm.id === 'table' ? 10 : 3, datapointsToAlarm: 3, periodMs: 60_000 });
  });

  it('say what is wrong, when it is over, and what a person should do', () => {
    const words = ['blind', 'table', 'silent/b', 'tick/r1', 'web/r2']
      .map(named)
      .map(({ title, recovered, todo }) => [title, recovered, todo]);
    expect(words).toEqual([
      [
        'fewer than 2 of 3 vantages are heard: nothing is decided, paged or flipped',
        '2 or more of 3 vantages are heard again',
        'Look at the voting table first, then at the log of a prober and of an arbiter.',
      ],
      [
        'the voting table comes and goes: decisions and pages come late',
        'the voting table is there all the time',
        'Look at the log of an arbiter, then at the metrics of the voting table: throttling, system errors.',
      ],
      [
        'vantage b has cast no ballot for 70 s',
        'vantage b casts ballots again',
        'Look at the log of the prober in b, then at its schedule and queue.',
      ],
      [
        'the arbiter in r1 does not look',
        'the arbiter in r1 looks again',
        'Look at the log of the arbiter in r1, then at its schedule and queue. The other arbiters go on.',
      ],
      [
        'the web part in r2 does not answer: nobody can acknowledge there, and heartbeats are lost',
        'the web part in r2 answers again',
        'Look at the log of the web function in r2.',
      ],
    ]);
  });
});

describe('a period has', () => {
  it('the statistic of its values, and no datapoint without values', () => {
    expect(statisticOf(named('blind'), [1, 3, 2])).toBe(3);
    expect(statisticOf(named('silent/a'), [40, 12, 90])).toBe(12);
    expect(statisticOf(named('tick/r1'), [1, 1])).toBe(2);
    expect(statisticOf(named('web/r1'), [1, 0, 1])).toBe(2);
    expect(statisticOf(named('table'), [1, 0, 1])).toBe(0);
    for (const alarm of alarms()) expect(statisticOf(alarm, [])).toBeUndefined();
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

  // The same guide's "M out of N", and its column "not breaching".
  it.each([
    ['0 0 0 0 0 0 0 0 0 0 0 0', 'OK'],
    ['0 0 X X 0 0 0 0 0 0 0 0', 'OK'],
    ['0 0 0 0 X X 0 0 0 0 0 X', 'ALARM'],
    ['X X X 0 0 0 0 0 0 0 0 0', 'OK'],
    ['0 0 0 X 0 - X 0 - 0 X 0', 'ALARM'],
    ['- - - - - - - - - - X X', 'OK'],
    ['- - - - - - - - - - - -', 'OK'],
  ])('3 of 10, silence ignored: %s is %s', (drawn, state) => {
    const table = drawn.split(' ').map((sign) => ({ 0: 1, X: 0 })[sign]);
    expect(evaluate(named('table'), table)).toBe(state);
  });

  it('takes the threshold itself as good, on both sides', () => {
    expect(evaluate(named('silent/a'), [70, 70, 70])).toBe('OK');
    expect(evaluate(named('silent/a'), [70.1, 70.1, 70.1])).toBe('ALARM');
    expect(evaluate(named('tick/r1'), [1, 1, 1])).toBe('OK');
    expect(evaluate(named('tick/r1'), [0, 0, 0])).toBe('ALARM');
    expect(evaluate(named('web/r1'), [1, 1, 1])).toBe('OK');
    expect(evaluate(named('web/r1'), [0, 0, 0])).toBe('ALARM');
  });
});

/** Evaluations one after the other; each shows which alarms are breached in it, and gives the notices as `id state`. */
function timeline() {
  let statuses: Record<string, AlarmStatus> = {};
  return (...breached: string[]): string[] => {
    const pointsOf = (alarm: Alarm): Datapoint[] => {
      const bad = alarm.comparison === 'LessThanThreshold' ? alarm.threshold - 1 : alarm.threshold + 1;
      return Array(12).fill(breached.includes(alarm.id) ? bad : alarm.threshold);
    };
    const judged = judge(alarms(), statuses, pointsOf);
    statuses = judged.statuses;
    return judged.notices.map(({ alarm, state, also }) => [alarm.id, state, ...also].join(' '));
  };
}

describe('what people are told', () => {
  const all = ['blind', 'table', 'silent/a', 'silent/b', 'silent/c', 'tick/r1', 'tick/r2', 'web/r1', 'web/r2'];

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
    expect(evaluateOnce(...all)).toEqual(['blind ALARM table silent/a silent/b silent/c tick/r1 tick/r2']);
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
    expect(evaluateOnce(...all)).toEqual(['blind ALARM table silent/a silent/b silent/c tick/r1 tick/r2']);
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

  /** A table by the minute: `0` it is read, `X` it is not, and so nobody is heard. */
  function tableOf(drawn: string): string[] {
    let statuses: Record<string, AlarmStatus> = {};
    const told: string[] = [];
    const minutes = [...WELL, ...WELL, ...drawn].map((sign) => (sign === '0' ? 1 : 0));
    for (let now = 12; now <= minutes.length; now += 1) {
      const points = ({ id }: Alarm): Datapoint[] => {
        const range = minutes.slice(now - (id === 'table' ? 12 : 5), now);
        return id === 'table' ? range : range.map((each) => each * 3);
      };
      const judged = judge(alarms().slice(0, 2), statuses, points);
      statuses = judged.statuses;
      told.push(...judged.notices.map(({ alarm, state }) => `${alarm.id} ${state} at ${now - 24}`));
    }
    return told;
  }
  const WELL = '0'.repeat(12);

  it('a table that is away two minutes and back for two: within seven minutes, once, until it has stayed', () => {
    expect(tableOf(`${'XX00'.repeat(6)}${WELL}`)).toEqual(['table ALARM at 7', 'table OK at 28']);
  });

  it('a table that was away for long: blindness alone, and nothing more when it is back', () => {
    expect(tableOf(`XXXXXX${WELL}${WELL}`)).toEqual(['blind ALARM at 3', 'blind OK at 7']);
  });

  it('a hiccup: nothing', () => {
    expect(tableOf(`XX${WELL}${WELL}`)).toEqual([]);
  });

  it('the datapoints, and what was expected', () => {
    const points = (alarm: Alarm): Datapoint[] => (alarm.id === 'blind' ? [2, 2, 2, 1, undefined, 0.26, 1] : [0]);
    const { notices } = judge(alarms(), { blind: { state: 'OK', periods: 9, notified: false } }, points);
    expect(notices[0]?.reason).toBe('Heard missing, 0.3, 1 in periods of 60 s (at least 2 expected)');
    const silent = (alarm: Alarm): Datapoint[] => [alarm.id === 'silent/a' ? 71 : 2, alarm.id === 'silent/a' ? 71 : 2, 71];
    const before = {
      'silent/a': { state: 'ALARM', periods: 2, notified: false },
      blind: { state: 'OK', periods: 9, notified: false },
    };
    const later = judge(alarms(), before as Record<string, AlarmStatus>, silent).notices;
    expect(later.map(({ reason }) => reason)).toEqual(['BallotAge 71, 71, 71 in periods of 60 s (at most 70 expected)']);
  });
});

describe('an alarm that is made now is quiet', () => {
  const quiet = (id: string) => (datapoints: Datapoint[]) => isQuiet(named(id), datapoints);

  it('if the latest datapoint is good', () => {
    const ranges = [[1, 2], [2, undefined], [2, 1], [undefined], []];
    expect(ranges.map(quiet('blind'))).toEqual([true, true, false, false, false]);
  });

  it('without any, if silence is nothing to it', () => {
    expect([[1], [0], [undefined], []].map(quiet('table'))).toEqual([true, false, true, true]);
  });
});
