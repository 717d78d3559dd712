import { describe, expect, it } from 'vitest';
import type { Cell } from '../../lib/core/cell.ts';
import { decide } from '../../lib/core/decide.ts';
import { failover, hooksOf, started } from './hook-cells.ts';
import { inputsOf, ledgerOf, START_MS } from './invariants/world.ts';
import type { Story } from './story.ts';

describe('hooks are told', () => {
  const chat = { id: 'talk', events: ['page', 'acknowledged', 'recovered', 'flip', 'held'] };

  it('what they wait for, in words', () => {
    const story = started(failover([chat])).rounds(3, { eu: 'ddd' });
    story.order({ kind: 'acknowledge', incident: story.incident('eu') }).rounds(6);
    expect(hooksOf(story)).toEqual([
      '0:20 hook talk: eu is put out of api.example.org: api down',
      '0:20 hook talk: eu DOWN 01:00Z, 3/3 regions: api HTTP 500. Out of api.example.org; us serves.',
      '0:40 hook talk: eu: acknowledged by ann',
      '0:50 hook talk: eu is put back into api.example.org: recovered',
      '0:50 hook talk: eu UP 01:00Z, recovered after 30 s, acknowledged by ann after 10 s',
    ]);
  });

  it('of a digest and that it is taken, if it speaks for one of their nodes', () => {
    const both = { eu: 'ddd', us: 'ddd' };
    const story = started(failover([{ id: 'mine', events: ['page', 'acknowledged'], nodes: ['us'] }])).rounds(3, both);
    const digest = Object.values(story.ledger().incidents).find(({ together }) => together)?.id ?? '';
    expect(hooksOf(story.order({ kind: 'acknowledge', incident: digest }).rounds(1, both))).toEqual([
      expect.stringContaining('0:20 hook mine: 2 nodes DOWN'),
      '0:40 hook mine: 2 nodes: acknowledged by ann',
    ]);
  });

  it('whom it is about: a node by its id, also where a page says which record it is in; a digest by how many', () => {
    const cell = failover([{ id: 'talk', events: ['page'] }]);
    const about = (story: Story) => story.ledger().intents.flatMap((each) => (each.kind === 'hook' ? [each.body.node] : []));
    const byHand = started(cell)
      .failing({ hooks: ['eu'] })
      .hand('api', 'eu', false)
      .rounds(1);
    expect(about(byHand)).toEqual(['eu']);
    const digest = started(cell)
      .failing({ hooks: ['2 nodes'] })
      .rounds(2, { eu: 'ddd', us: 'ddd' });
    expect(about(digest)).toEqual(['2 nodes']);
  });

  it('of the end of a digest, as of its begin, if it spoke for one of their nodes', () => {
    const hooks = ['us', 'ap'].map((node) => ({ id: `of-${node}`, events: ['page', 'recovered'], nodes: [node] }));
    const story = started(failover(hooks, { nodes: ['eu', 'us', 'ap'] }))
      .rounds(3, { eu: 'ddd', us: 'ddd' })
      .rounds(4);
    expect(hooksOf(story).map((line) => line.replace(/ (DOWN|UP) .*/, ' $1'))).toEqual([
      '0:20 hook of-us: 2 nodes DOWN',
      '0:50 hook of-us: 2 nodes UP',
    ]);
  });

  it('the pages of a quiet tier that names them', () => {
    const cell = failover([{ id: 'late', events: ['role'] }]);
    const quiet = [60_000, 120_000].map((afterMs, at) => ({
      afterMs,
      sms: [],
      email: [],
      https: [],
      hooks: at === 1 ? ['late'] : [],
    }));
    const story = started({ ...cell, paging: { ...cell.paging, quiet } })
      .rounds(18, { eu: 'ddd' })
      .rounds(3);
    const told = hooksOf(story).map((line) => line.replace(/ (DOWN|UP) .*/, ' $1'));
    expect(told.filter((line) => !line.includes(' of '))).toEqual(['2:20 hook late: eu DOWN', '3:20 hook late: eu UP']);
  });

  it('what is held, and by which rule', () => {
    const cell = failover([{ id: 'talk', events: ['held'] }]);
    const story = started(cell).rounds(3, { eu: 'ddd', us: 'ddd' });
    expect(hooksOf(story)).toEqual([
      '0:20 hook talk: eu stays where it is in api.example.org: too few other members are in service and sound',
      '0:20 hook talk: us stays where it is in api.example.org: too few other members are in service and sound',
    ]);
  });

  it('nothing of other nodes', () => {
    const story = started(failover([{ ...chat, nodes: ['us'] }])).rounds(3, { eu: 'ddd' });
    expect(hooksOf(story)).toEqual([]);
  });

  it('the pages of the tiers that name them, and their end; without a tier all pages, and the end once', () => {
    const cell = failover([
      { id: 'late', events: ['role'] },
      { id: 'all', events: ['page', 'recovered'] },
    ]);
    const [first, second] = cell.paging.tiers;
    const tiers = [
      { ...first, hooks: [] },
      { ...second, hooks: ['late'] },
    ] as Cell['paging']['tiers'];
    const story = started({ ...cell, paging: { ...cell.paging, tiers } });
    const told = hooksOf(story.rounds(33, { eu: 'ddd' }).rounds(3)).map((line) => line.replace(/ (DOWN|UP) .*/, ' $1'));
    expect(told.filter((line) => !line.includes(' of '))).toEqual([
      '0:20 hook all: eu DOWN',
      '5:20 hook late: eu DOWN',
      '5:20 hook all: eu DOWN',
      '5:50 hook all: eu UP',
      '5:50 hook late: eu UP',
    ]);
  });

  it('the end by the tiers that are still there', () => {
    const cell = failover([{ id: 'first', events: [] }]);
    const [first, second] = cell.paging.tiers;
    const tiers = [{ ...first, hooks: ['first'] }, second] as Cell['paging']['tiers'];
    const story = started({ ...cell, paging: { ...cell.paging, tiers } }).rounds(33, { eu: 'ddd' });
    expect(story.told()).toContain('5:20 page eu down, tier 2');
    story.deploy({ ...cell, paging: { ...cell.paging, tiers: tiers.slice(0, 1) } }).rounds(3);
    expect(story.told().filter((line) => line.includes('UP') || line.includes('recovered'))).toEqual([
      '5:50 page eu recovered, tier 1',
      '5:50 page eu recovered, tier 2',
      '5:50 hook first: eu UP 01:05Z, recovered after 6 min, nobody acknowledged',
    ]);
  });

  it('pages of nodes that have the name of a hook, like those of any other', () => {
    const story = started(failover([{ id: 'eu', events: ['page'] }])).rounds(3, { eu: 'ddd' });
    expect(hooksOf(story)).toEqual([expect.stringContaining('0:20 hook eu: eu DOWN')]);
  });

  it('again and again while they fail, until they are given up with one page, until they answer again', () => {
    const story = started(failover([{ id: 'talk', events: ['flip'] }])).failing({ hooks: ['eu'] });
    story.rounds(3, { eu: 'ddd' }).rounds(2);
    expect(story.ledger().intents).toMatchObject([{ kind: 'hook', error: 'connection refused' }, { kind: 'hook' }]);
    story.told();
    story.rounds(100);
    expect(story.told().filter((line) => line.includes('hook'))).toEqual(['15:20 page talk hook-failed, tier 1']);
    expect(story.ledger().intents).toEqual([]);
    story.rounds(3, { eu: 'ddd' }).rounds(100);
    expect(story.told().filter((line) => line.includes('hook'))).toEqual([]);
    story.failing({}).rounds(3, { eu: 'ddd' }).rounds(3);
    expect(story.ledger().failedHooks).toEqual({});
  });

  it('that another hook failed, and not that they do themselves', () => {
    const cell = failover([
      { id: 'all', events: ['page'] },
      { id: 'talk', events: ['page'] },
    ]);
    const story = started(cell).failing({ hooks: ['eu'] });
    story.rounds(100, { eu: 'ddd' });
    expect(hooksOf(story)).toEqual([
      '15:20 hook talk: HOOK FAILED: hook all failed for 15 min, page of eu was not told: connection refused',
      '15:20 hook all: HOOK FAILED: hook talk failed for 15 min, page of eu was not told: connection refused',
    ]);
  });

  it('what came later, when the first are given up', () => {
    const cell = failover([{ id: 'talk', events: ['flip'] }]);
    const owed = (epoch: number, at: number) => {
      const life = { id: `life-${epoch}-0`, epoch, at, tries: 1, notBefore: at };
      return { ...life, kind: 'hook', lane: 'hook/talk/eu', hook: 'talk', node: 'eu', event: 'flip', body: {} } as const;
    };
    const now = START_MS + 15 * 60_000;
    const intents = [owed(30, START_MS), owed(31, START_MS + 1)];
    const { ledger } = decide(cell, inputsOf(cell, now), ledgerOf(cell, { intents }), now, { arbiter: 'a0', nonce: 'n' });
    expect(ledger?.intents.filter(({ kind }) => kind === 'hook').map(({ epoch }) => epoch)).toEqual([31]);
  });

  it('nothing of what else is owed: that is owed until it is done', () => {
    const story = started(failover([])).failing({ records: true });
    story.rounds(3, { eu: 'ddd' }).rounds(100, { eu: 'ddd' });
    expect(story.ledger().intents).toMatchObject([{ kind: 'record', error: 'the table is down' }]);
  });

  it('that nobody called them, where no arbiter came to it', () => {
    const cell = failover([{ id: 'talk', events: ['flip'] }]);
    const life = { id: 'life-40-0', epoch: 40, at: START_MS, tries: 0, notBefore: START_MS };
    const owed = { ...life, kind: 'hook', lane: 'hook/talk/eu', hook: 'talk', node: 'eu', event: 'flip', body: {} } as const;
    const now = START_MS + 15 * 60_000;
    const { ledger } = decide(cell, inputsOf(cell, now), ledgerOf(cell, { intents: [owed] }), now, { arbiter: 'a0', nonce: 'n' });
    expect(ledger?.intents).toMatchObject([
      { page: { text: 'hook talk failed for 15 min, flip of eu was not told: no arbiter could call it' } },
    ]);
  });

  it('nothing once they are no longer configured: nobody hears that they failed', () => {
    const [talk, other] = [
      { id: 'talk', events: ['flip'] },
      { id: 'other', events: ['held'] },
    ];
    const story = started(failover([talk, other]))
      .failing({ hooks: ['eu'] })
      .rounds(3, { eu: 'ddd' });
    story.deploy(failover([other])).told();
    story.rounds(100);
    expect(story.told().filter((line) => line.includes('hook'))).toEqual([]);
    expect(story.ledger().intents).toEqual([]);
  });
});
