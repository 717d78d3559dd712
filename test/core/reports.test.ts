/** What people are told of the monitor's own work. */
import { describe, expect, it } from 'vitest';
import { decide } from '../../lib/core/decide.ts';
import type { Ledger } from '../../lib/core/ledger.ts';
import { ballotOf, cellOf, inputsOf, ledgerOf, START_MS } from './invariants/world.ts';
import { storyOf } from './story.ts';

const cell = cellOf();

/** A ledger that is born, and the pages of decisions that many seconds later, none of which could read Route 53. */
function bornBlindfold(of = cell) {
  let ledger: Ledger | 'missing' = 'missing';
  return (seconds: number): string[] => {
    const now = START_MS + seconds * 1_000;
    const known = ledger === 'missing' ? 0 : ledger.intents.length;
    const ballots = Object.fromEntries(of.vantages.map((vantage) => [vantage, ballotOf(of, vantage, now)]));
    ledger = decide(of, { ballots, acts: 'missing' }, ledger, now, { arbiter: 'a0', nonce: 'life' }).ledger ?? ledger;
    const { intents }: Pick<Ledger, 'intents'> = ledger === 'missing' ? { intents: [] } : ledger;
    return intents.slice(known).flatMap((each) => (each.kind === 'page' ? [`${each.page.subject}: ${each.page.text}`] : []));
  };
}
const UNREAD = 'test: nothing is flipped yet: not every switch could be read from Route 53 since the start';

describe('switches that cannot be read since birth', () => {
  it('are told once, after two ticks', () => {
    const pagesAt = bornBlindfold();
    expect([0, 119, 120, 180, 600].map(pagesAt)).toEqual([[], [], [UNREAD], [], []]);
  });

  it('are told after five seconds where ticks are short', () => {
    const pagesAt = bornBlindfold({ ...cell, tickMs: 100 });
    expect([0, 4, 5].map(pagesAt)).toEqual([[], [], [UNREAD]]);
  });
});

it('a pause is told to tiers where there are no quiet ones', () => {
  const story = storyOf(cell).rounds(1).order({ kind: 'pause', until: 8.64e15 });
  for (let hour = 0; hour < 25; hour++) story.after(3_600);
  expect(story.told().filter((line) => line.includes('page'))).toEqual(['1440:00 page test paused, tier 1']);
});

it('a flip that no arbiter came to is told as one that cannot be made', () => {
  const owed = { id: 'life-40-0', epoch: 40, at: START_MS, tries: 0, notBefore: START_MS } as const;
  const flip = { ...owed, kind: 'flip', lane: 'flip/api', record: 'api', node: 'eu', inService: false } as const;
  const now = START_MS + 3_600_000;
  const { ledger } = decide(cell, inputsOf(cell, now), ledgerOf(cell, { intents: [flip] }), now, {
    arbiter: 'a0',
    nonce: 'life',
  });
  const texts = ledger?.intents.flatMap((each) => (each.kind === 'page' ? [each.page.text] : []));
  expect(texts).toEqual(['eu cannot be put out of service: no arbiter could carry it out']);
});
