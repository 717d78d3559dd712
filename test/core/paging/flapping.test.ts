/** What comes and goes is told once, with how often. */
import { describe, expect, it } from 'vitest';
import { cellOf } from '../invariants/world.ts';
import { type Story, storyOf } from '../story.ts';

const lonely = cellOf({ records: {} });
const pages = (story: Story) => story.told().filter((line) => line.includes('tier'));

/** Down for two rounds, well for two, as fast as a quorum can follow. */
function flap(story: Story, minutes: number): Story {
  for (let round = 0; round < minutes * 6; round += 4) story.rounds(2, { eu: 'ddd' }).rounds(2);
  return story;
}

describe('a node that flaps for an hour', () => {
  it('is three pages a tier at most: down, up, flapping with the count', () => {
    const story = flap(storyOf(lonely, { texts: true }).rounds(1), 60);
    expect(pages(story)).toEqual(
      [
        '0:20 tier 1: eu DOWN 01:00Z, 3/3 regions: api HTTP 500',
        '0:40 tier 1: eu UP 01:00Z, recovered after 20 s, nobody acknowledged',
        '1:00 tier 1: eu FLAPPING, down 2 times since 01:00Z, 3/3 regions: api HTTP 500',
        '6:00 tier 2: eu FLAPPING, down 9 times since 01:00Z',
      ].map((line) => expect.stringMatching(new RegExp(`^${line}`))),
    );
  });

  it('is over when it has been well for a quarter of an hour, and that is told once', () => {
    const story = flap(storyOf(lonely, { texts: true }).rounds(1), 10);
    story.told();
    expect(pages(story.rounds(88))).toEqual([]);
    expect(pages(story.rounds(4))).toEqual([
      '25:00 tier 1: eu UP 01:25Z, recovered after 24 min, nobody acknowledged',
      '25:00 tier 2: eu UP 01:25Z, recovered after 24 min, nobody acknowledged',
    ]);
    const { incidents, outages } = story.rounds(100).ledger();
    expect({ incidents, outages }).toEqual({ incidents: {}, outages: {} });
  });

  it('that somebody has taken pages nobody any more', () => {
    const story = flap(storyOf(lonely).rounds(1), 2);
    story.told();
    story.order({ kind: 'acknowledge', incident: story.incident('eu') });
    expect(pages(flap(story, 60))).toEqual([]);
  });
});

it.each([
  ['just within', 89, ['down', 'recovered', 'down']],
  ['after', 90, ['down', 'recovered', 'down', 'recovered']],
])('an outage %s a quarter of an hour of being well', (_, wellRounds, told) => {
  const story = storyOf(lonely).rounds(1).rounds(2, { eu: 'ddd' }).rounds(wellRounds).rounds(2, { eu: 'ddd' }).rounds(4);
  expect(pages(story).map((line) => line.replace(/^\S+ /, ''))).toEqual(told.map((state) => `page eu ${state}, tier 1`));
});

it('what nobody sees, and what turns out to be down, is one outage', () => {
  const story = flap(storyOf(lonely).rounds(1), 2).rounds(4, { eu: 'aaa' });
  const { outages } = story.ledger();
  expect(outages?.eu).toMatchObject({ count: 4 });
  story.rounds(2, { eu: 'ddd' });
  expect(story.told().at(-1)).toMatch('eu unknown → down');
  expect(story.ledger().outages).toEqual(outages);
});

it('what has been well while nobody was heard for a quarter of an hour is over with the next look', () => {
  const story = flap(storyOf(lonely).rounds(1), 2);
  story.order({ kind: 'acknowledge', incident: story.incident('eu') }).rounds(1);
  story.told();
  expect(story.after(900, { eu: '--u' }).told()).toEqual([]);
  expect(pages(story.after(10))).toEqual(['17:20 page eu recovered, tier 1']);
});

it('a node that nobody sees, now and then, is told the same way', () => {
  const story = storyOf(lonely).rounds(1);
  for (let times = 0; times < 40; times++) story.rounds(4, { eu: 'aaa' }).rounds(2);
  expect(pages(story)).toHaveLength(4);
});

it('every round: what no quorum sees for downFor is not even an outage', () => {
  const story = storyOf(lonely).rounds(1);
  for (let times = 0; times < 180; times++) story.rounds(1, { eu: 'ddd' }).rounds(1);
  expect(pages(story)).toEqual([]);
});
