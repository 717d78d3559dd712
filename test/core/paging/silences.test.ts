/** What a silence hides, and what happens when it is over; pauses that are forgotten. */
import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../lib/core/cell.ts';
import type { SilenceSpec } from '../../../lib/core/telling.ts';
import { cellOf, START_MS } from '../invariants/world.ts';
import { type Story, storyOf } from '../story.ts';

const MINUTE = 60_000;
/** A story begins an hour after the start. */
const at = (minutes: number) => START_MS + (60 + minutes) * MINUTE;
const silenced = (silence: Partial<SilenceSpec>): Cell => ({
  ...cellOf({ records: {} }),
  silences: [{ id: 'sunday', nodes: [], from: at(0), until: at(5), ...silence }],
});
const pages = (story: Story) => story.told().filter((line) => line.includes('tier'));
const timeline = (story: Story, node: string) =>
  story.ledger().incidents[story.incident(node)]?.timeline.map(({ what, detail }) => (detail ? `${what} ${detail}` : what));

describe('a configured silence', () => {
  it('pages nobody while it is on; the incident is there all the same, and says why', () => {
    const story = storyOf(silenced({})).rounds(1).rounds(20, { eu: 'ddd' });
    expect(pages(story)).toEqual([]);
    expect(timeline(story, 'eu')).toEqual(['up → down eu/api', 'silenced by sunday, until 2026-01-01 01:05Z']);
    expect(pages(story.rounds(4))).toEqual([]);
  });

  it('is followed by a page of what is still wrong, with for how long it has been so', () => {
    const story = storyOf(silenced({}), { texts: true }).rounds(1).rounds(30, { eu: 'ddd' });
    expect(pages(story)).toEqual(['5:00 tier 1: eu DOWN for 5 min, since 01:00Z, 3/3 regions: api HTTP 500']);
    expect(timeline(story, 'eu')).toContain('silence over');
  });

  it('is about its nodes alone', () => {
    const story = storyOf(silenced({ nodes: ['us'] }))
      .rounds(1)
      .rounds(3, { eu: 'ddd', us: 'ddd' });
    expect(pages(story)).toEqual(['0:20 page eu down, tier 1']);
  });

  it('comes again by cron', () => {
    const hourly = silenced({ cron: '0 * * * *', forMs: 10 * MINUTE });
    const story = storyOf(hourly).rounds(1).rounds(60, { eu: 'ddd' });
    expect(pages(story)).toEqual(['10:00 page eu down, tier 1']);
  });

  it('can be ended early for one node', () => {
    const story = storyOf(silenced({})).rounds(1).rounds(6, { eu: 'ddd', us: 'ddd' });
    story.order({ kind: 'unsilence', node: 'eu' }).rounds(1, { eu: 'ddd', us: 'ddd' });
    expect(pages(story)).toEqual(['1:10 page eu down, tier 1']);
    expect(pages(story.rounds(24, { eu: 'ddd', us: 'ddd' }))).toContain('5:00 page us down, tier 1');
    expect(story.ledger().unsilenced).toEqual({});
  });

  it('over everything is one page when it ends', () => {
    const story = storyOf(silenced({})).rounds(1).rounds(6, { eu: 'ddd' }).rounds(24, { eu: 'ddd', us: 'ddd' });
    expect(pages(story)).toEqual(['5:00 page 2 nodes down, tier 1']);
  });

  it('and one that somebody asked for: the longer one counts, and is named', () => {
    for (const minutes of [2, 8]) {
      const story = storyOf(silenced({})).rounds(1);
      story.order({ kind: 'silence', node: 'eu', until: at(minutes) }).rounds(60, { eu: 'ddd' });
      const until = Math.max(5, minutes);
      expect(pages(story)[0]).toBe(`${until}:00 page eu down, tier 1`);
      const by = minutes > 5 ? 'ann' : 'sunday';
      expect(timeline(story, 'eu')?.filter((line) => line.startsWith('silenced'))).toEqual([
        `silenced by ${by}, until 2026-01-01 01:0${until}Z`,
      ]);
    }
  });

  it('over all that a digest speaks for silences the digest', () => {
    const story = storyOf(silenced({ nodes: ['eu', 'us'], from: at(1), until: at(30) }))
      .rounds(1)
      .rounds(120, { eu: 'ddd', us: 'ddd' });
    expect(pages(story)).toEqual(['0:20 page 2 nodes down, tier 1']);
  });

  it('that begins while people are on it stops the pages, not the incident', () => {
    const story = storyOf(silenced({ from: at(1), until: at(30) }))
      .rounds(1)
      .rounds(120, { eu: 'ddd' });
    expect(pages(story)).toEqual(['0:20 page eu down, tier 1']);
    expect(pages(story.rounds(4))).toEqual([]);
  });
});

describe('a pause', () => {
  it('is told every day while it is on, to quiet people if there are any', () => {
    const cell = cellOf({ records: {} });
    const quiet = [{ afterMs: 0, sms: [], email: ['ops@example.org'], https: [], hooks: [] }];
    const story = storyOf({ ...cell, paging: { ...cell.paging, quiet } }, { texts: true }).rounds(1);
    story.order({ kind: 'pause', until: at(3 * 24 * 60) });
    for (let hour = 0; hour < 73; hour++) story.after(3_600);
    const text = 'PAUSED: ann paused all automatic acts at 2026-01-01 01:00Z: nothing is flipped before 2026-01-04 01:00Z';
    expect(pages(story).map((line) => line.slice(0, line.indexOf(',')))).toEqual([
      `1440:00 quiet tier 1: ${text}`,
      `2880:00 quiet tier 1: ${text}`,
    ]);
  });

  it('that is over, or was ended, is not', () => {
    const story = storyOf(cellOf({ records: {} })).rounds(1);
    story.order({ kind: 'pause', until: at(3 * 24 * 60) }).after(3_600);
    story.order({ kind: 'resume' });
    for (let hour = 0; hour < 48; hour++) story.after(3_600);
    expect(pages(story)).toEqual([]);
  });
});
