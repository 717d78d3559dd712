import { describe, expect, it } from 'vitest';
import type { Ballot, CastVote } from '../../lib/core/ballot.ts';
import type { Cell } from '../../lib/core/cell.ts';
import { decide } from '../../lib/core/decide.ts';
import { type Finding, isInspectionDue } from '../../lib/core/inspection.ts';
import type { Ledger } from '../../lib/core/ledger.ts';
import { ballotOf, castOf, cellOf, checkOf, ledgerOf, START_MS } from './invariants/world.ts';
import { storyOf } from './story.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const hookless = (of: Cell): Cell => ({ ...of, hooks: [] });
const cell = hookless(cellOf());
const VANISHED: Finding = { what: 'vanished', region: 'r1', subject: 'tier 2: email all@example.org' };

/** Inspections one after the other, at these hours, and what each has people told. */
function inspections(...each: [hours: number, findings: Finding[], heardTiers?: number[]][]): string[][] {
  let ledger: Ledger = ledgerOf(cell);
  return each.map(([hours, findings, heardTiers = [1, 2]]) => {
    const inputs = { ballots: {}, acts: 'missing' as const, inspection: { findings, heardTiers } };
    const decided = decide(cell, inputs, ledger, START_MS + hours * HOUR, { arbiter: 'a0', nonce: 'n' });
    const known = ledger.intents.length;
    ledger = decided.ledger ?? ledger;
    return ledger.intents
      .slice(known)
      .flatMap((intent) => (intent.kind === 'page' ? [`${intent.page.tier} ${intent.page.text}`] : []));
  });
}

/** Decisions at these minutes over these ballots, and what each has people told: `state subject: text`. */
function decisions(configured: Cell) {
  const of = hookless(configured);
  let ledger: Ledger = ledgerOf(of);
  return {
    at(minutes: number, ballots: (now: number) => Record<string, Ballot>): string[] {
      const now = START_MS + minutes * MINUTE;
      const known = new Set(ledger.intents.map(({ id }) => id));
      ledger =
        decide(of, { ballots: ballots(now), acts: 'missing' }, ledger, now, { arbiter: 'a0', nonce: 'n' }).ledger ?? ledger;
      return ledger.intents.flatMap((each) =>
        each.kind === 'page' && !known.has(each.id) ? [`${each.page.state} ${each.page.subject}: ${each.page.text ?? ''}`] : [],
      );
    },
    ledger: () => ledger,
  };
}
/** What these vantages say of checks, since so many minutes; all else is up. */
const ballotsOf = (
  of: Cell,
  now: number,
  said: Record<string, readonly CastVote['vote'][]>,
  sinceMs = 0,
): Record<string, Ballot> =>
  Object.fromEntries(
    of.vantages.map((vantage, index) => {
      const votes = Object.entries(said).flatMap(([key, all]) => {
        const vote = all[index];
        return vote ? [[key, castOf(checkOf(of, key), vote, now, now - sinceMs)] as const] : [];
      });
      return [vantage, ballotOf(of, vantage, now, Object.fromEntries(votes))];
    }),
  );
const GONE = '1 r1, tier 2: email all@example.org is not subscribed any more: deploy again';

it('what is seen only once is no news; what is seen again is told, and daily while it lasts', () => {
  const told = inspections(
    [0, [VANISHED]],
    [1, []],
    [2, [VANISHED]],
    [3, [VANISHED]],
    [4, [VANISHED]],
    [26, [VANISHED]],
    [27, [VANISHED]],
  );
  expect(told).toEqual([[], [], [], [GONE], [], [], [GONE]]);
});

it('a region that cannot be inspected forgets nothing of what was told', () => {
  const silent: Finding = { what: 'uninspected', region: 'r1', subject: 'subscriptions', detail: 'AccessDenied' };
  const told = inspections([0, [VANISHED]], [1, [VANISHED]], [2, [silent]], [3, [silent]], [4, [VANISHED]], [5, [VANISHED]]);
  expect(told).toEqual([[], [GONE], [], ['1 r1, subscriptions cannot be inspected (AccessDenied)'], [], []]);
});

it('a region that answers forgets what it finds no more, whatever else it finds and whoever else is silent', () => {
  const spend: Finding = { what: 'spend', region: 'r1', subject: 'text messages' };
  const elsewhere: Finding = { what: 'uninspected', region: 'r2', subject: 'subscriptions' };
  for (const other of [spend, elsewhere]) {
    const told = inspections([0, [VANISHED]], [1, [VANISHED]], [2, [other]], [3, [VANISHED]], [4, [VANISHED]]);
    expect(told).toEqual([[], [GONE], [], [], [GONE]]);
  }
});

it('since when something is found is kept, and when it was told', () => {
  const at = (hours: number, before: Ledger) => {
    const inputs = { ballots: {}, acts: 'missing' as const, inspection: { findings: [VANISHED], heardTiers: [1] } };
    return decide(cell, inputs, before, START_MS + hours * HOUR, { arbiter: 'a0', nonce: 'n' }).ledger ?? before;
  };
  const id = 'vanished r1 tier 2: email all@example.org';
  const once = at(0, ledgerOf(cell));
  expect(once.inspection).toEqual({ at: START_MS, findings: { [id]: { since: START_MS } } });
  const findings = { [id]: { since: START_MS, toldAt: START_MS + HOUR } };
  expect(at(1, once).inspection).toEqual({ at: START_MS + HOUR, findings });
});

it('alarms that are off are told beside what keeps pages from people', () => {
  const off: Finding = { what: 'alarm-off', region: 'r1', subject: 'the alarm blind' };
  const told = inspections([0, [VANISHED, off]], [1, [VANISHED, off]]);
  expect(told[1]).toEqual([GONE, '1 r1, the alarm blind will tell nobody: it is missing, or its actions are off']);
  const inputs = { ballots: {}, acts: 'missing' as const, inspection: { findings: [VANISHED, off], heardTiers: [] } };
  const first = decide(cell, inputs, ledgerOf(cell), START_MS, { arbiter: 'a0', nonce: 'n' }).ledger ?? ledgerOf(cell);
  const { ledger } = decide(cell, inputs, first, START_MS + HOUR, { arbiter: 'a0', nonce: 'n' });
  const states = ledger?.intents.map((each) => (each.kind === 'page' ? each.page.state : each.kind));
  expect(states).toEqual(['unheard', 'unwatched']);
});

it('the page goes to the first tier that somebody hears, and to the first one where nobody does', () => {
  expect(inspections([0, [VANISHED]], [1, [VANISHED], [2, 3]])[1]).toEqual([GONE.replace('1', '2')]);
  expect(inspections([0, [VANISHED]], [1, [VANISHED], []])[1]).toEqual([GONE]);
});

it('many findings share a page, which names the first three', () => {
  const many = [1, 2, 3, 4, 5].map(
    (tier): Finding => ({ what: 'unconfirmed', region: 'r1', subject: `tier ${tier}: email a@b.example` }),
  );
  const [text = ''] = inspections([0, many], [1, many])[1] ?? [];
  expect(text.match(/tier \d/g)).toEqual(['tier 1', 'tier 2', 'tier 3']);
  expect(text).toMatch(/ and 2 more$/);
  const [three = ''] = inspections([0, many.slice(0, 3)], [1, many.slice(0, 3)])[1] ?? [];
  expect(three).toBe(
    `1 ${[1, 2, 3].map((tier) => `r1, tier ${tier}: email a@b.example has not confirmed its subscription`).join('; ')}`,
  );
});

it('it is time to look every hour, and after twenty minutes while something was seen only once', () => {
  const at = START_MS;
  const due = (findings: NonNullable<Ledger['inspection']>['findings'], minutes: number) =>
    isInspectionDue({ ...ledgerOf(cell), inspection: { at, findings } }, at + minutes * 60_000);
  expect(isInspectionDue(ledgerOf(cell), at)).toBe(true);
  expect([due({}, 59), due({}, 60)]).toEqual([false, true]);
  expect([due({ a: { since: at } }, 19), due({ a: { since: at } }, 20)]).toEqual([false, true]);
  expect(due({ a: { since: at, toldAt: at } }, 59)).toBe(false);
});

it('skew is told in words', () => {
  const story = storyOf(cell, { texts: true })
    .rounds(1)
    .deploy({ ...cell, probeHash: 'probe-2' }, 'probers')
    .rounds(185);
  expect(story.told()).toEqual([
    '30:10 tier 1: CONFIGURATION SKEW: vantages have run different configurations for 30 minutes: deploy all stacks',
  ]);
});

describe('a vantage that abstains', () => {
  const abstaining = (now: number, at = now, detail?: string): Record<string, Ballot> => {
    const ballots = ballotsOf(cell, now, {});
    const { v2 } = ballots;
    if (!v2) throw new Error('there is no v2');
    return { ...ballots, v2: { ...v2, rounds: {}, abstention: { reason: 'clock', at, ...(detail && { detail }) } } };
  };

  it('of everything is told after 15 minutes, once until it votes again', () => {
    const here = decisions(cell);
    const told = [0, 14.99, 15, 16].map((minute) => here.at(minute, (now) => abstaining(now, now, '7 s ahead')));
    const TOLD = 'abstaining v2: vantage v2 has not voted for 15 minutes: clock, 7 s ahead';
    expect(told).toEqual([[], [], [TOLD], []]);
    expect(here.at(17, (now) => ballotsOf(cell, now, {}))).toEqual([]);
    expect(here.ledger()).not.toHaveProperty('abstaining');
    const again = [18, 33].map((minute) => here.at(minute, (now) => abstaining(now)));
    expect(again).toEqual([[], [TOLD.replace(', 7 s ahead', '')]]);
  });

  it('and then falls silent is left to the alarm of silent ones', () => {
    const here = decisions(cell);
    const at = START_MS;
    expect([0, 5, 15, 16].map((minute) => here.at(minute, (now) => abstaining(now, at)))).toEqual([[], [], [], []]);
  });

  it('of some checks is told of them once that has lasted', () => {
    const here = decisions(cell);
    const some = { 'eu/api': ['up', 'up', 'abstain'], 'us/api': ['up', 'up', 'abstain'] } as const;
    const at = (minute: number) => here.at(minute, (now) => ballotsOf(cell, now, some, minute * MINUTE));
    expect([0, 14.99, 15].map(at)).toEqual([
      [],
      [],
      ['abstaining v2: vantage v2 has not voted on eu/api, us/api for 15 minutes: unfinished'],
    ]);
  });
});

describe('a check that no quorum ever saw well', () => {
  const many = cellOf({ nodes: { eu: ['a', 'b', 'c', 'd', 'e'] }, records: {} });
  const never = (keys: readonly string[], votes: readonly CastVote['vote'][]) =>
    Object.fromEntries(keys.map((key) => [key, votes]));
  const PARTLY = ['down', 'up', 'abstain'] as const;
  const told = (minutes: readonly number[], said: Parameters<typeof ballotsOf>[2], of = many, sinceMs = 0) => {
    const here = decisions(of);
    const known = (line: string) => !line.startsWith('down') && !line.startsWith('unknown');
    return minutes.map((minute) => here.at(minute, (now) => ballotsOf(of, now, said, sinceMs)).filter(known));
  };
  const text = (rest: string) => `never-passed test: ${rest} configured: look at the votes`;

  it('is told once, 15 minutes after it was configured, with the others', () => {
    expect(told([0, 14.99, 15, 16], never(['eu/a'], PARTLY))).toEqual([[], [], [text('eu/a never passed since it was')], []]);
    expect(told([0, 15], never(['eu/a', 'eu/b'], PARTLY))[1]).toEqual([text('eu/a, eu/b never passed since they were')]);
    const five = ['a', 'b', 'c', 'd', 'e'].map((id) => `eu/${id}`);
    expect(told([0, 15], never(five, PARTLY))[1]).toEqual([text('eu/a, eu/b, eu/c and 2 more never passed since they were')]);
  });

  it('is told later where it is looked at seldom', () => {
    const slow = cellOf({ nodes: { eu: ['a', 'b'] }, records: {}, checks: { 'eu/a': { intervalMs: 6 * MINUTE } } });
    expect(told([0, 17.99, 18], never(['eu/b'], PARTLY), slow)).toEqual([[], [], [text('eu/b never passed since it was')]]);
  });

  it('is none once a quorum finds it well or degraded, by its own quorum', () => {
    expect(told([0, 15], never(['eu/a'], ['down', 'up', 'up']))[1]).toEqual([]);
    expect(told([0, 15], never(['eu/a'], ['down', 'degraded', 'degraded']))[1]).toEqual([]);
    expect(told([0, 15], never(['eu/a'], ['down', 'degraded', 'abstain']))[1]).toEqual([text('eu/a never passed since it was')]);
    const alone = cellOf({ nodes: { eu: ['a', 'b'] }, records: {}, checks: { 'eu/a': { quorum: 1 }, 'eu/b': { quorum: 2 } } });
    expect(told([0, 15], never(['eu/a'], ['up', 'abstain', 'abstain']), alone)[1]).toEqual([]);
    const here = decisions(many);
    here.at(0, (now) => ballotsOf(many, now, {}));
    expect(here.at(15, (now) => ballotsOf(many, now, never(['eu/a'], PARTLY)))).toEqual([]);
  });

  it('that is down, or that nobody can see, is told by the pages of its node alone', () => {
    const down = told([0, 15], { ...never(['eu/a'], ['down', 'down', 'up']), ...never(['eu/b'], PARTLY) }, many, 20_000);
    expect(down).toEqual([[], [text('eu/b never passed since it was')]]);
    expect(told([0, 15], never(['eu/a'], ['down', 'down', 'down']), many, 20_000)[1]).toEqual([]);
    const here = decisions(many);
    const at = (minute: number, votes: readonly CastVote['vote'][]) =>
      here.at(minute, (now) => ballotsOf(many, now, never(['eu/a'], votes), 20_000));
    expect([at(0, PARTLY), at(1, ['down', 'down', 'abstain'])]).toEqual([[], ['down eu: ']]);
    expect(at(15, ['down', 'down', 'abstain']).filter((line) => line.startsWith('never'))).toEqual([]);
    const unseen = told([0, 1, 15], never(['eu/a'], ['up', 'abstain', 'abstain']));
    expect(unseen).toEqual([[], [], []]);
  });
});
