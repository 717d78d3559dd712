import { expect, it } from 'vitest';
import { decide } from '../../lib/core/decide.ts';
import { type Finding, isInspectionDue } from '../../lib/core/inspection.ts';
import type { Ledger } from '../../lib/core/ledger.ts';
import { cellOf, ledgerOf, START_MS } from './invariants/world.ts';

const HOUR = 3_600_000;
const cell = cellOf();
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
  const told = inspections([0, [VANISHED]], [1, [VANISHED]], [2, [silent]], [3, [silent]], [4, [VANISHED]]);
  expect(told).toEqual([[], [GONE], [], ['1 r1, subscriptions cannot be inspected (AccessDenied)'], []]);
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
