import { describe, expect, it } from 'vitest';
import { decide } from '../../lib/core/decide.ts';
import { createDraft } from '../../lib/core/draft.ts';
import { HOLD_RULES, isFlipPending, isInService, isTakeOutHeld, isWell } from '../../lib/core/guard.ts';
import type { Intent, Ledger, MemberEntry } from '../../lib/core/ledger.ts';
import { at, guarded, three, two } from './decide-cells.ts';
import { cellOf, inputsOf, ledgerOf, memberOf, START_MS } from './invariants/world.ts';
import { type Story, storyOf } from './story.ts';

const both = cellOf({ records: { api: { members: ['eu', 'us'] }, web: { members: ['eu', 'us'] } } });
const flips = (story: Story) => story.told().filter((line) => /: \w+ (in|out|held)/.test(line));
const NOW = START_MS + 3_600_000;

describe('the guard', () => {
  it('never takes the last one out: every member down is a page, and no flip', () => {
    const story = storyOf(two).rounds(1).rounds(20, { eu: 'ddd', us: 'ddd' });
    expect(story.told()).toEqual([
      '0:20 eu up → down',
      '0:20 us up → down',
      '0:20 api: eu held (minInService)',
      '0:20 api: us held (minInService)',
      '0:20 page 2 nodes down, tier 1',
    ]);
  });

  it('counts on nobody whose votes say down, even before that is proven', () => {
    const story = storyOf(two).rounds(1).rounds(1, { eu: 'ddd' }).rounds(1, { eu: 'ddd', us: 'ddd' });
    expect(story.told()).toContain('0:20 api: eu held (minInService)');
  });

  it('takes out no more than maxOut', () => {
    const story = storyOf(three({ maxOut: 1 }))
      .rounds(1)
      .rounds(2, { eu: 'ddd' })
      .rounds(2, { eu: 'ddd', us: 'ddd' });
    expect(story.told().filter((line) => line.includes('api:'))).toEqual(['0:20 api: eu out', '0:40 api: us held (maxOut)']);
  });

  it('keeps more than one where minInService says so', () => {
    const story = storyOf(three({ minInService: 2 }))
      .rounds(1)
      .rounds(2, { eu: 'ddd' })
      .rounds(2, { eu: 'ddd', us: 'ddd' });
    expect(story.told().filter((line) => line.includes('api:'))).toEqual([
      '0:20 api: eu out',
      '0:40 api: us held (minInService)',
    ]);
  });

  const twenty = Array.from({ length: 20 }, (_, index) => `n${index}`);
  const down = (count: number) => Object.fromEntries(twenty.slice(0, count).map((node) => [node, 'ddd']));

  it('believes in a fault of the checks when 55 % of more than three members look down', () => {
    const cell = guarded({ maxOut: 19 }, twenty);
    const held = storyOf(cell).rounds(1).rounds(3, down(11)).told();
    expect(held.filter((line) => line.includes('out'))).toEqual([]);
    expect(held.filter((line) => line.includes('(massFailure)'))).toHaveLength(11);
    const acted = storyOf(cell).rounds(1).rounds(3, down(10)).told();
    expect(acted.filter((line) => line.includes('out'))).toHaveLength(10);
  });

  it('takes no share of three members', () => {
    const story = storyOf(three()).rounds(1).rounds(2, { eu: 'ddd', us: 'ddd' });
    expect(story.told()).toEqual(expect.arrayContaining(['0:20 api: eu out', '0:20 api: us out']));
  });

  it('in report mode shows what it would do, and does nothing', () => {
    const story = storyOf(guarded({ mode: 'report' }))
      .rounds(1)
      .rounds(4, { eu: 'ddd' });
    expect(story.told()).toEqual(['0:20 eu up → down', '0:20 api: eu held (report)', '0:20 page eu down, tier 1']);
  });

  it('says once in a page that a take-out came to be held after the first page', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' }).rounds(8);
    story.told();
    story.rounds(2, { eu: 'ddd' }).rounds(9, { eu: 'ddd', us: 'ddd' });
    expect(story.told().slice(1)).toEqual([
      '2:00 api: eu held (hold)',
      '2:00 page eu down, tier 1',
      '2:10 api: eu held (minInService)',
      '2:10 page eu held, tier 1',
      '2:20 us up → down',
      '2:20 api: us held (minInService)',
      '2:20 page us down, tier 1',
    ]);
  });
});

describe('the guard counts', () => {
  it('on a member that has not each of the required checks', () => {
    const cell = cellOf({ nodes: { eu: ['api', 'p2p'], us: ['api'] } });
    expect(flips(storyOf(cell).rounds(1).rounds(2, { eu: 'ddd' }))).toEqual(['0:20 api: eu out']);
  });

  it('on no member that has none of them', () => {
    const cell = cellOf({ nodes: { eu: ['api'], us: ['p2p'] }, records: { api: { members: ['eu', 'us'], requires: ['api'] } } });
    expect(flips(storyOf(cell).rounds(1).rounds(2, { eu: 'ddd' }))).toEqual(['0:20 api: eu held (minInService)']);
  });

  it('on no member of which Route 53 confirmed last that it is out, nor on one that was put out', () => {
    const isIn = (change: Partial<MemberEntry>) => {
      const ledger = ledgerOf(two, { members: { 'api/eu': memberOf(change) } });
      const draft = createDraft(two, inputsOf(two, NOW), ledger, NOW);
      return two.records.map((record) => isInService(draft, record, 'eu'));
    };
    expect(isIn({})).toEqual([true]);
    expect(isIn({ confirmed: { inService: false, version: 2, at: NOW } })).toEqual([false]);
    expect(isIn({ inService: false })).toEqual([false]);
  });

  it('on who is at rest', () => {
    const draft = createDraft(two, inputsOf(two, NOW), ledgerOf(two), NOW);
    expect(two.records.map((record) => isWell(draft, record, 'eu'))).toEqual([true]);
  });

  it('on no member whose return is not done yet', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' }).rounds(5).failing({ flips: true }).rounds(2);
    expect(story.ledger().members['api/eu']).toMatchObject({ inService: true, confirmed: { inService: false } });
    story.told();
    expect(flips(story.rounds(2, { us: 'ddd' }))).toEqual(['1:50 api: us held (minInService)']);
  });

  it('what people took out not as taken out by itself', () => {
    const cell = three({ maxOut: 1 });
    const drained = storyOf(cell).rounds(1).order({ kind: 'drain', node: 'ap' }).rounds(2, { eu: 'ddd' });
    expect(flips(drained)).toEqual(['0:10 api: ap out', '0:20 api: eu out']);
    const byHand = storyOf(cell).rounds(1).hand('api', 'ap', false).rounds(2, { eu: 'ddd' });
    expect(flips(byHand)).toEqual(['0:10 api: ap held (foreign)', '0:20 api: eu out']);
  });

  it('a flip for the one member that it is of', () => {
    const life = { id: 'i0', epoch: 41, at: NOW, tries: 0, notBefore: NOW };
    const intents: Intent[] = [
      { ...life, kind: 'flip', lane: 'flip/api', record: 'api', node: 'eu', inService: false },
      { ...life, kind: 'flip', lane: 'flip/web', record: 'web', node: 'us', inService: false },
      { ...life, kind: 'hook', lane: 'hook/chat/us', hook: 'chat', node: 'us', event: 'page', body: {} },
    ];
    const draft = createDraft(both, inputsOf(both, NOW), ledgerOf(both, { intents }), NOW);
    const pending = both.records.map((record) => record.members.map(({ node }) => isFlipPending(draft, record, node)));
    expect(pending).toEqual([
      [true, false],
      [false, true],
    ]);
  });
});

describe('the guard lets back', () => {
  it('at once only where everybody in service is down', () => {
    const story = storyOf(three({ maxOut: 1 }))
      .rounds(1)
      .rounds(2, { eu: 'ddd' })
      .rounds(2, { eu: 'ddd', us: 'ddd' });
    story.told();
    expect(flips(story.rounds(2, { us: 'ddd' }))).toEqual(['1:00 api: eu held (hold)']);
  });

  it('whoever was found outside once each of its checks has proven itself', () => {
    const cell = cellOf({ nodes: { eu: ['api', 'p2p'], us: ['api', 'p2p'] }, checks: { 'eu/p2p': { recover: 6 } } });
    const story = storyOf(cell, { born: false }).hand('api', 'eu', false).rounds(6);
    expect(flips(story)).toEqual([]);
    expect(flips(story.rounds(2))).toEqual(['1:00 api: eu in']);
  });
});

it('people hear of a take-out that is held by what will not let go by itself', () => {
  const [record] = two.records;
  const isTold = (held: string) => {
    const ledger = ledgerOf(two, { members: { 'api/eu': memberOf({ held }) } });
    return record && isTakeOutHeld(createDraft(two, inputsOf(two, NOW), ledger, NOW), record, 'eu');
  };
  expect(Object.keys(HOLD_RULES).filter(isTold)).toEqual(['minInService', 'maxOut', 'massFailure', 'report', 'orders']);
});

describe('what is held', () => {
  it('is let go when nothing is wanted any more, and told again when it is held again', () => {
    const story = storyOf(two).rounds(1);
    story.rounds(2, { eu: 'ddd', us: 'ddd' });
    expect(story.ledger().members['api/eu']).toEqual({
      inService: true,
      at: NOW + 20_000,
      why: 'in service',
      holdUntil: 0,
      flaps: [],
      held: 'minInService',
    });
    expect(story.rounds(3).ledger().members).toEqual({});
    story.told();
    story.rounds(2, { eu: 'ddd', us: 'ddd' });
    expect(flips(story)).toEqual(['1:10 api: eu held (minInService)', '1:10 api: us held (minInService)']);
  });

  it('is written into the incident, and so is what is done', () => {
    const linesOf = (story: Story, node: string) =>
      story
        .ledger()
        .incidents[story.incident(node)]?.timeline.filter(({ what }) => /held|service/.test(what))
        .map(({ what, detail }) => `${what}, ${detail}`);
    const held = storyOf(two).rounds(1).rounds(2, { eu: 'ddd', us: 'ddd' });
    expect(linesOf(held, 'eu')).toEqual(['held: minInService, api.example.org']);
    const out = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' });
    out
      .order({ kind: 'force', node: 'eu', inService: true, until: at(out, 60), reason: 'I know better' })
      .rounds(1, { eu: 'ddd' });
    expect(linesOf(out, 'eu')).toEqual([
      'out of service, api.example.org: api down',
      'back in service, api.example.org: forced in by ann: I know better',
    ]);
  });

  it.each([
    ['flip', { eu: 'ddd' }],
    ['held', { eu: 'ddd', us: 'ddd' }],
  ])('and done is told to hooks with the incident, where there is one: %s', (event, sight) => {
    const hooks = [{ id: 'all', events: [event], nodes: ['eu'], url: 'https://hook.example' }];
    const bodies = (story: Story) =>
      story.ledger().intents.flatMap((each) => (each.kind === 'hook' ? [Object.entries(each.body)] : []));
    const started = () =>
      storyOf({ ...two, hooks })
        .failing({ hooks: ['eu'] })
        .rounds(1);
    const down = started().rounds(2, sight as Record<string, string>);
    expect(bodies(down)).toEqual([expect.arrayContaining([['incident', down.incident('eu')]])]);
    const well = started().order({ kind: 'drain', node: event === 'flip' ? 'eu' : 'us' });
    well.rounds(1).order({ kind: 'drain', node: 'eu' }).rounds(1);
    expect(bodies(well).map((body) => body.map(([key]) => key).includes('incident'))).toEqual([false]);
  });

  it.each([
    ['birth', (ledger: Ledger) => delete ledger.adoptedAt, 'missing'],
    ['orders', () => {}, 'unreadable'],
  ] as const)('by %s is held whatever else says', (rule, change, acts) => {
    const ledger = ledgerOf(two);
    change(ledger);
    const inputs = { ...inputsOf(two, NOW, { 'eu/api': ['down', 'down', 'down'] }), acts };
    const decision = decide(two, inputs, ledger, NOW, { arbiter: 'a0', nonce: 'n' });
    expect(decision.events).toContainEqual(expect.objectContaining({ event: 'hold', node: 'eu', rule }));
    expect(decision.ledger?.members['api/eu']).toMatchObject({ inService: true, held: rule });
  });
});

describe('a flip', () => {
  it('says why: the checks that are down, or who asked', () => {
    const cell = cellOf({ nodes: { eu: ['api', 'p2p', 'web'], us: ['api', 'p2p', 'web'] } });
    const why = (story: Story) => story.ledger().members['api/eu']?.why;
    const story = storyOf(cell).rounds(1);
    expect(why(story.rounds(2, { 'eu/api': 'ddd', 'eu/web': 'ddd' }))).toBe('api, web down');
    const ordered = storyOf(two).rounds(1).order({ kind: 'drain', node: 'eu' }).rounds(1);
    expect(why(ordered)).toBe('drained by ann');
    ordered.order({ kind: 'force', node: 'eu', inService: true, until: at(ordered, 60), reason: 'test' }).rounds(1);
    expect(why(ordered)).toBe('forced in by ann: test');
    ordered.order({ kind: 'force', node: 'eu', inService: false, until: at(ordered, 60), reason: 'test' }).rounds(1);
    expect(why(ordered)).toBe('forced out by ann: test');
  });

  it('that was asked for happens during a pause too, and is no flap', () => {
    const story = storyOf(two).rounds(1);
    story
      .order({ kind: 'pause', until: at(story, 60) })
      .order({ kind: 'drain', node: 'eu' })
      .rounds(1);
    expect(flips(story)).toEqual(['0:10 api: eu out']);
    expect(story.ledger().members['api/eu']?.flaps).toEqual([]);
    const until = at(story, 60);
    const forced = storyOf(two).rounds(1).order({ kind: 'pause', until });
    forced.order({ kind: 'force', node: 'eu', inService: false, until, reason: 'test' }).rounds(1);
    expect(flips(forced)).toEqual(['0:10 api: eu out']);
    expect(forced.ledger().members['api/eu']?.flaps).toEqual([]);
  });

  it('that was asked for is made once, also while too few vantages are heard', () => {
    const story = storyOf(two).rounds(1).order({ kind: 'drain', node: 'eu' }).rounds(1);
    expect(flips(story)).toEqual(['0:10 api: eu out']);
    expect(flips(story.after(60, { eu: '--u' }).rounds(3, { eu: '--u' }))).toEqual([]);
  });

  it('takes the place of the last one of its member, and of no other', () => {
    const story = storyOf(both).rounds(1).failing({ flips: true }).rounds(2, { eu: 'ddd' });
    const owed = () =>
      story.ledger().intents.flatMap((each) => (each.kind === 'flip' ? [[each.lane, each.inService, each.supersedes]] : []));
    expect(owed()).toEqual([
      ['flip/api', false, undefined],
      ['flip/web', false, undefined],
    ]);
    expect(story.ledger().intents.filter((each) => Object.hasOwn(each, 'supersedes'))).toEqual([]);
    story.rounds(6);
    expect(owed()).toEqual([
      ['flip/api', true, true],
      ['flip/web', true, true],
    ]);
  });

  it('keeps what Route 53 confirmed last until it is done', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' }).failing({ flips: true }).rounds(7);
    expect(story.ledger().members['api/eu']).toMatchObject({ inService: true, confirmed: { inService: false, version: 2 } });
    const first = storyOf(two).failing({ flips: true }).rounds(3, { eu: 'ddd' });
    expect(first.ledger().members['api/eu']).not.toHaveProperty('confirmed');
  });

  it('is remembered until its hold is over, though it is no flap', () => {
    const story = storyOf(guarded({ holdMs: 360_000 }))
      .rounds(1)
      .order({ kind: 'drain', node: 'eu' })
      .rounds(1);
    story.order({ kind: 'restore', node: 'eu' }).rounds(1);
    expect(story.rounds(35).ledger().members).toMatchObject({ 'api/eu': { inService: true } });
    expect(story.rounds(1).ledger().members).toEqual({});
  });
});

describe('what people ask for', () => {
  it('pause: nothing automatic happens, pages go on', () => {
    const story = storyOf(two).rounds(1);
    story.order({ kind: 'pause', until: at(story, 2) }).rounds(4, { eu: 'ddd' });
    expect(story.told()).toEqual(['0:20 eu up → down', '0:20 api: eu held (pause)', '0:20 page eu down, tier 1']);
    expect(story.rounds(8, { eu: 'ddd' }).told()).toEqual(['2:00 api: eu out']);
  });

  it('a pause that ends while a member is on its way back begins no take-out: only recover is still to be met', () => {
    const nodes = { eu: ['api', 'p2p'], us: ['api', 'p2p'] };
    const records = { api: { members: ['eu', 'us'], guard: {} } };
    const story = storyOf(cellOf({ nodes, records, checks: { 'eu/api': { recover: 4 } } })).rounds(1);
    story.order({ kind: 'pause', until: at(story, 1) }).rounds(4, { 'eu/api': 'ddd' });
    story.told();
    expect(story.rounds(6).told()).toEqual(['1:20 eu down → up', '1:20 page eu recovered, tier 1']);
  });

  it('drain: out at once, and back only by restore, whatever the hold', () => {
    const story = storyOf(two).rounds(1).order({ kind: 'drain', node: 'eu' }).rounds(30);
    expect(story.told()).toEqual(['0:10 api: eu out']);
    expect(story.order({ kind: 'restore', node: 'eu' }).rounds(1).told()).toEqual(['5:10 api: eu in']);
  });

  it('drain and force out are bound by minInService', () => {
    const story = storyOf(two).rounds(1).order({ kind: 'drain', node: 'eu' }).rounds(1);
    story.order({ kind: 'force', node: 'us', inService: false, until: at(story, 60), reason: 'test' }).rounds(3);
    expect(story.told()).toEqual(['0:10 api: eu out', '0:20 api: us held (minInService)']);
  });

  it('force: overrules the quorum until it ends', () => {
    const story = storyOf(two).rounds(1);
    story.order({ kind: 'force', node: 'eu', inService: true, until: at(story, 2), reason: 'test' }).rounds(11, { eu: 'ddd' });
    expect(story.told()).toEqual(['0:20 eu up → down', '0:20 page eu down, tier 1']);
    expect(story.rounds(1, { eu: 'ddd' }).told()).toEqual(['2:00 api: eu out']);
  });

  it('force in: also when too few vantages are heard for any verdict', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' }).rounds(5, { eu: '--d' });
    story.told();
    story
      .order({ kind: 'force', node: 'eu', inService: true, until: at(story, 60), reason: 'trust me' })
      .rounds(1, { eu: '--d' });
    expect(story.told()).toEqual(['1:20 api: eu in']);
  });

  it('silence: flips as ever, pages when it is over and the node still down', () => {
    const story = storyOf(two).rounds(1);
    story.order({ kind: 'silence', node: 'eu', until: at(story, 2) }).rounds(11, { eu: 'ddd' });
    expect(story.told()).toEqual(['0:20 eu up → down', '0:20 api: eu out']);
    expect(story.rounds(1, { eu: 'ddd' }).told()).toEqual(['2:00 page eu down, tier 1']);
  });

  it('silence: can be ended early', () => {
    const story = storyOf(two).rounds(1);
    story.order({ kind: 'silence', node: 'eu', until: at(story, 60) }).rounds(1);
    story.order({ kind: 'silence', node: 'eu', until: at(story, 0) }).rounds(2, { eu: 'ddd' });
    expect(story.told()).toContain('0:30 page eu down, tier 1');
  });
});

describe("somebody else's hand", () => {
  it('is kept, and told once; restore gives it back', () => {
    const story = storyOf(two).rounds(1).hand('api', 'eu', false).rounds(20);
    expect(story.told()).toEqual([
      '0:10 note: api.example.org: eu was taken out by hand; it is left so until quorumwatch restore eu',
      '0:10 api: eu held (foreign)',
      '0:10 page api/eu foreign-hand, tier 1',
    ]);
    expect(story.order({ kind: 'restore', node: 'eu' }).rounds(1).told()).toEqual(['3:30 api: eu in']);
  });

  it('is told by a bare quorum of vantages', () => {
    const sight = { eu: 'uu-' };
    const story = storyOf(two).rounds(1).after(30, sight).hand('api', 'eu', false).after(10, sight);
    expect(story.told()).toContain('0:40 page api/eu foreign-hand, tier 1');
  });

  it('that puts a down node back in service is kept too', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' });
    story.told();
    story.hand('api', 'eu', true).rounds(20, { eu: 'ddd' });
    expect(story.told().filter((line) => !line.includes('page'))).toEqual([
      '0:30 note: api.example.org: eu was put in service by hand; it is left so until quorumwatch restore eu',
      '0:30 api: eu held (foreign)',
    ]);
  });

  it('is not seen in a flip of our own that is not settled yet', () => {
    const story = storyOf(two).rounds(1).failing({ flips: true }).rounds(3, { eu: 'ddd' });
    story.hand('api', 'eu', false).rounds(2, { eu: 'ddd' });
    expect(story.told().some((line) => line.includes('by hand'))).toBe(false);
  });
});

describe('what cannot be carried out', () => {
  it('is told after two ticks, once, while everything else goes on', () => {
    const story = storyOf(two).failing({ flips: true }).rounds(1).rounds(25, { eu: 'ddd' });
    expect(story.told()).toEqual(['0:20 eu up → down', '0:20 page eu down, tier 1', '2:20 page api/eu flip-failed, tier 1']);
    expect(story.failing({}).rounds(8, { eu: 'ddd' }).told()).toContain('5:20 page eu down, tier 2');
    expect(story.ledger().members['api/eu']?.confirmed?.inService).toBe(false);
  });

  it('a flip that is no longer wanted is not carried out any more', () => {
    const story = storyOf(two).failing({ flips: true }).rounds(1).rounds(2, { eu: 'ddd' }).rounds(7).failing({}).rounds(12);
    const flips = story.told().filter((line) => /api: eu (in|out)/.test(line));
    expect(flips).toEqual(['1:40 api: eu in']);
  });

  it('pages keep their order while SNS is down: recovered never comes before down', () => {
    const story = storyOf(two).failing({ pages: true }).rounds(1).rounds(2, { eu: 'ddd' }).rounds(3).failing({}).rounds(6);
    expect(
      story
        .told()
        .filter((line) => line.includes('page'))
        .map((line) => line.slice(5)),
    ).toEqual(['page eu down, tier 1', 'page eu recovered, tier 1']);
  });

  it('does not make the ledger grow without end', () => {
    const nodes = Array.from({ length: 12 }, (_, index) => `n${index}`);
    const cell = guarded({ maxOut: 1 }, nodes);
    const story = storyOf(cell).failing({ pages: true, flips: true, records: true }).rounds(1);
    for (let count = 1; count <= nodes.length; count++)
      story.rounds(2, Object.fromEntries(nodes.slice(0, count).map((node) => [node, 'ddd'])));
    expect(JSON.stringify(story.ledger()).length).toBeLessThan(300_000);
  });
});
