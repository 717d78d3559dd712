import { describe, expect, it } from 'vitest';
import { at, guarded, three, two } from './decide-cells.ts';
import { cellOf } from './invariants/world.ts';
import { storyOf } from './story.ts';

describe('paging', () => {
  it('climbs to the next tier, then repeats the last, until somebody acknowledges; recovery is told to all who were paged', () => {
    const story = storyOf(two).rounds(1).rounds(130, { eu: 'ddd' });
    expect(story.told().slice(2)).toEqual([
      '0:20 page eu down, tier 1',
      '5:20 page eu down, tier 2',
      '15:20 page eu down, tier 2, attempt 2',
    ]);
    expect(story.rounds(2).told()).toEqual([
      '22:00 eu down → up',
      '22:00 api: eu in',
      '22:00 page eu recovered, tier 1',
      '22:00 page eu recovered, tier 2',
    ]);
  });

  it('stops at an acknowledgement, and goes on when that lapses', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' });
    story.told();
    story.order({ kind: 'acknowledge', incident: story.incident('eu') });
    expect(story.rounds(4 * 360 + 1, { eu: 'ddd' }).told()).toEqual(['240:20 page eu down, tier 2']);
  });

  it('tells what acknowledged it, and by whom, in the incident', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' });
    const id = story.incident('eu');
    story.order({ kind: 'acknowledge', incident: id }).order({ kind: 'acknowledge', incident: id }).rounds(1, { eu: 'ddd' });
    const incident = story.ledger().incidents[id];
    expect(incident).toMatchObject({ ackedBy: 'ann', ackedAt: at(story, 0) + 20_000 });
    expect(incident?.timeline.filter(({ what }) => what === 'acknowledged')).toHaveLength(1);
  });

  it('leaves each tier its time when an incident turns from unknown to down', () => {
    const story = storyOf(two).rounds(1).rounds(124, { eu: 'aaa' });
    expect(story.told().at(-1)).toBe('15:40 page eu unknown, tier 2, attempt 2');
    story.rounds(4, { eu: 'ddd' });
    expect(story.told().filter((line) => line.includes('page'))).toEqual(['21:00 page eu down, tier 1']);
  });

  it('never sends the same page twice: an incident that goes from down to unknown and back', () => {
    const cell = cellOf({ nodes: { eu: ['api', 'p2p'], us: ['api'] } });
    const story = storyOf(cell).rounds(1).rounds(6, { 'eu/api': 'ddd', 'eu/p2p': 'aaa' });
    story.rounds(4, { 'eu/p2p': 'aaa' }).rounds(3, { 'eu/api': 'ddd', 'eu/p2p': 'aaa' });
    const told = story.told();
    expect(told).toEqual(expect.arrayContaining(['1:20 eu down → unknown', '2:00 eu unknown → down']));
    expect(told.filter((line) => line.includes('page'))).toEqual(['0:20 page eu down, tier 1']);
  });

  it('tells recovery to everybody who was paged, whatever the state was then', () => {
    const cell = cellOf({ nodes: { eu: ['api', 'p2p'], us: ['api'] } });
    const story = storyOf(cell).rounds(1).rounds(34, { 'eu/api': 'ddd', 'eu/p2p': 'aaa' });
    expect(story.told().at(-1)).toBe('5:20 page eu down, tier 2');
    story.rounds(4, { 'eu/p2p': 'aaa' }).rounds(1);
    expect(story.told().filter((line) => line.includes('recovered'))).toEqual([
      '6:30 page eu recovered, tier 1',
      '6:30 page eu recovered, tier 2',
    ]);
  });
});

describe('silence of the vantages', () => {
  it('is unknown after three rounds, and paged, when a check has no quorum', () => {
    const story = storyOf(two).rounds(1).rounds(4, { eu: 'aau' }).rounds(1);
    expect(story.told()).toEqual([
      '0:40 eu up → unknown',
      '0:40 page eu unknown, tier 1',
      '0:50 eu unknown → up',
      '0:50 page eu recovered, tier 1',
    ]);
  });

  it('for less than three rounds is nothing', () => {
    expect(storyOf(two).rounds(1).rounds(3, { eu: 'aau' }).rounds(3).told()).toEqual([]);
  });

  it('of most vantages changes nothing: what the ledger says stays, whatever the few say', () => {
    const story = storyOf(two).rounds(1).rounds(30, { eu: '--d' });
    expect(story.told()).toEqual([]);
    const out = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' });
    out.told();
    expect(out.rounds(20, { eu: '--u' }).told()).toEqual([]);
    expect(out.rounds(2).told()[0]).toBe('4:00 eu down → up');
  });

  it('makes nobody unfit: an unknown member stays in service, and is not counted on', () => {
    const story = storyOf(two).rounds(1).rounds(5, { us: 'aaa' }).rounds(2, { us: 'aaa', eu: 'ddd' });
    expect(story.told().filter((line) => line.includes('api:'))).toEqual(['1:10 api: eu held (minInService)']);
  });
});

describe('birth', () => {
  it('flips nothing for three rounds, and takes out what is still down then', () => {
    const story = storyOf(two, { born: false }).rounds(5, { eu: 'ddd' });
    expect(story.told()).toEqual([
      '0:10 eu up → down',
      '0:10 api: eu held (birth)',
      '0:10 page eu down, tier 1',
      '0:30 api: eu out',
    ]);
  });

  it('adopts what is out, and brings it back when it has proven itself', () => {
    const story = storyOf(two, { born: false }).hand('api', 'eu', false).rounds(1);
    expect(story.ledger().members['api/eu']).toMatchObject({ inService: false, why: 'found out of service' });
    expect(story.rounds(5).told()).toEqual(['0:20 api: eu held (birth)', '0:30 api: eu in']);
  });

  it('after the table was wiped is no recovery and no storm', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' });
    story.told();
    story.wipe().rounds(3, { eu: 'ddd' });
    expect(story.told()).toEqual(['0:40 eu up → down', '0:40 page eu down, tier 1']);
    expect(story.rounds(3).told()).toEqual(['1:10 eu down → up', '1:10 api: eu in', '1:10 page eu recovered, tier 1']);
  });
});

describe('a roll-out', () => {
  const next = { ...two, probeHash: 'probe-2' };

  it('may commit that something is down from the smaller side, and neither flips nor recovers', () => {
    const story = storyOf(two).rounds(1).deploy(next, 'probers').rounds(3, { eu: 'ddd' });
    expect(story.told()).toEqual(['0:20 eu up → down', '0:20 api: eu held (rollout)', '0:20 page eu down, tier 1']);
    expect(story.rounds(6).told()).toEqual([]);
    expect(story.deploy(next, 'arbiters').rounds(2).told()).toContain('1:50 eu down → up');
  });

  it('that takes longer than half an hour is told once', () => {
    const story = storyOf(two)
      .rounds(1)
      .deploy(next, 'probers')
      .rounds(60 * 6);
    expect(story.told()).toEqual(['30:10 page test skew, tier 1']);
    expect(story.deploy(next, 'arbiters').rounds(1).ledger().skewSince).toBeUndefined();
  });

  it('that removes a node closes its incident as removed', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' });
    const id = story.incident('eu');
    story.told();
    story.deploy({ ...cellOf({ nodes: { us: ['api'] } }), probeHash: 'probe-2' }).rounds(2);
    expect(story.told().filter((line) => !line.includes('recovered'))).toEqual([]);
    const { incidents, nodes, checks, members, intents } = story.ledger();
    expect({ incidents, nodes, checks, intents }).toEqual({ incidents: {}, nodes: {}, checks: {}, intents: [] });
    expect(Object.keys(members)).toEqual([]);
    expect(id).toContain('eu');
  });

  it('that removes the failing check closes the incident too, and forgets it', () => {
    const before = cellOf({ nodes: { eu: ['api', 'p2p'], us: ['api'] } });
    const story = storyOf(before).rounds(1).rounds(2, { 'eu/p2p': 'ddd' });
    story.deploy({ ...two, probeHash: 'probe-2' }).rounds(3);
    expect(story.ledger().incidents).toEqual({});
  });

  it('does not owe flips to members that are gone', () => {
    const story = storyOf(three()).failing({ flips: true }).rounds(1).rounds(2, { eu: 'ddd' });
    story
      .deploy({ ...guarded({}, ['ap', 'us']), probeHash: 'probe-2' })
      .failing({})
      .rounds(2);
    expect(story.told().filter((line) => line.includes('api: eu'))).toEqual([]);
    expect(story.rounds(2, { ap: 'ddd' }).told()).toContain('1:00 api: ap out');
  });
});
