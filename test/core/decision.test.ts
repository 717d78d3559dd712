/** What every decision does, whatever it decides. */
import { describe, expect, it } from 'vitest';
import { decide } from '../../lib/core/decide.ts';
import type { Inputs } from '../../lib/core/inputs.ts';
import type { Ledger } from '../../lib/core/ledger.ts';
import { MINUTE, two } from './decide-cells.ts';
import { cellOf, inputsOf, ledgerOf, START_MS } from './invariants/world.ts';
import { storyOf } from './story.ts';

const me = { arbiter: 'a0', nonce: 'life' };
const NOTHING: Inputs = { ballots: {}, acts: 'missing' };
const HOUR_MS = 60 * MINUTE;
const now = START_MS + HOUR_MS;
const eu = inputsOf(two, now, { 'eu/api': ['down', 'down', 'down'] });
const next = { ...two, probeHash: 'probe-2' };

describe('nothing is committed', () => {
  it('and nothing told where the ledger cannot be read, whatever votes say', () => {
    expect(decide(two, eu, 'unreadable', now, me)).toEqual({ events: [] });
  });

  it('where nothing changes', () => {
    const { ledger } = storyOf(two).rounds(3);
    expect(decide(two, inputsOf(two, now), ledger(), now, me)).toEqual({ events: [] });
  });
});

describe('a birth', () => {
  it('is committed although nothing was read', () => {
    expect(decide(two, NOTHING, 'missing', now, me).ledger).toMatchObject({ epoch: 1, incarnation: 'life', bornAt: now });
  });

  it('that cannot read the switches is told, once', () => {
    const { ledger: born } = decide(two, NOTHING, 'missing', now, me);
    const after = (ms: number, ledger = born as Ledger) => decide(two, NOTHING, ledger, now + ms, me).ledger;
    expect(after(2 * two.tickMs - 1)).toBeUndefined();
    const told = after(2 * two.tickMs);
    const pages = told?.intents.flatMap((intent) =>
      intent.kind === 'page' ? [`${intent.page.state}: ${intent.page.text}`] : [],
    );
    expect(pages).toEqual(['flip-failed: nothing is flipped yet: not every switch could be read from Route 53 since the start']);
    expect(after(3 * two.tickMs, { ...(told as Ledger), intents: [], leases: {} })).toBeUndefined();
  });
});

describe('a quorum', () => {
  it('is enough: all others may be silent', () => {
    expect(storyOf(two).rounds(4, { eu: 'uu-' }).rounds(3, { eu: 'dd-' }).told()[0]).toBe('0:50 eu up → down');
  });
});

describe('what led to a decision', () => {
  const recordsOf = (ledger: Ledger | undefined) =>
    (ledger?.intents ?? []).flatMap((each) => (each.kind === 'record' ? [each] : []));
  const replayOf = (ledger: Ledger | undefined) => JSON.parse(recordsOf(ledger).at(-1)?.replay ?? '{}');
  const asStored = (value: unknown) => JSON.parse(JSON.stringify(value));

  it('rides with its evidence, whole: replaying it decides the same', () => {
    const before = ledgerOf(two);
    const decided = decide(two, eu, before, now, me);
    const replay = replayOf(decided.ledger);
    expect(replay).toEqual(asStored({ inputs: eu, ledger: before, now, me }));
    const [first] = recordsOf(decide(two, replay.inputs, replay.ledger, replay.now, replay.me).ledger);
    expect(first).toEqual(recordsOf(decided.ledger)[0]);
  });

  it('is kept at a birth, too', () => {
    expect(replayOf(decide(two, eu, 'missing', now, me).ledger).ledger).toBe('missing');
  });

  it('holds no earlier one, and all other intents as they were', () => {
    const first = decide(two, eu, ledgerOf(two), now, me).ledger as Ledger;
    const both = inputsOf(two, now + 10_000, { 'eu/api': ['down', 'down', 'down'], 'us/api': ['down', 'down', 'down'] });
    const second = decide(two, both, first, now + 10_000, me).ledger;
    expect(recordsOf(first)[0]?.replay).toBeDefined();
    expect(recordsOf(second).filter(({ replay }) => replay !== undefined)).toHaveLength(2);
    expect(replayOf(second).ledger).toEqual(
      asStored({ ...first, intents: first.intents.map((intent) => ({ ...intent, replay: undefined })) }),
    );
  });

  it('rides with evidence, not with an incident that closes in the same moment without any', () => {
    const story = storyOf(two).failing({ records: true }).rounds(1).rounds(2, { eu: 'ddd' }).rounds(1, { eu: 'ddd', us: 'ddd' });
    const known = recordsOf(story.ledger()).length;
    story.deploy({ ...cellOf({ nodes: { us: ['api'] } }), probeHash: 'probe-2' }).rounds(1, { us: 'ddd' });
    const added = recordsOf(story.ledger()).slice(known);
    expect(added.map(({ evidence, replay }) => [evidence.length, replay !== undefined])).toEqual([
      [0, false],
      [1, true],
    ]);
  });
});

describe('an arbiter of the smaller side of a roll-out', () => {
  it('removes nothing that only the others know', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' });
    const id = story.incident('eu');
    story.deploy({ ...cellOf({ nodes: { us: ['api'] } }), probeHash: 'probe-2' }, 'arbiters').rounds(3, { eu: 'ddd' });
    expect(story.ledger().incidents[id]).toMatchObject({ state: 'down' });
    expect(Object.keys(story.ledger().members)).toEqual(['api/eu']);
  });

  it('does not begin to prove its own checks', () => {
    const story = storyOf(two).rounds(1);
    expect(story.ledger().proving?.probeHash).toBe(two.probeHash);
    expect(story.deploy(next, 'arbiters').rounds(1).ledger().proving?.probeHash).toBe(two.probeHash);
    expect(story.deploy(next).rounds(1).ledger().proving?.probeHash).toBe(next.probeHash);
  });

  it('forgets no outlier, for it cannot count', () => {
    const story = storyOf(two).rounds(1).rounds(12, { eu: 'uud' });
    const { outliers } = story.ledger();
    expect(outliers).toHaveProperty('v2');
    expect(story.deploy(next, 'arbiters').rounds(180).ledger().outliers).toEqual(outliers);
    expect(story.deploy(next).rounds(1).ledger().outliers).toBeUndefined();
  });
});

describe('people are told', () => {
  const pages = (story: ReturnType<typeof storyOf>) => story.told().filter((line) => line.includes('page'));

  it('of a vantage that often says otherwise than all others, in a note', () => {
    const story = storyOf(two).rounds(1).rounds(200, { eu: 'uud' });
    expect(story.told()).toContain('25:20 note: v2 often says otherwise than all other vantages, last of eu/api');
  });

  it('of a vantage that abstains for a quarter of an hour', () => {
    expect(pages(storyOf(two).rounds(1).rounds(95, { eu: 'uua' }))).toEqual(['15:10 page v2 abstaining, tier 1']);
  });

  it('of a check that never passed', () => {
    expect(pages(storyOf(two).rounds(95, { eu: 'uda' }))).toEqual([
      '15:00 page test never-passed, tier 1',
      '15:00 page v2 abstaining, tier 1',
    ]);
  });
});

describe('what is over leaves the ledger', () => {
  it('a node with its outage, when it has been well for a quarter of an hour', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' }).rounds(91);
    expect(story.ledger().outages).toHaveProperty('eu');
    const { outages, nodes, checks, incidents } = story.rounds(1).ledger();
    expect({ outages, nodes, checks, incidents }).toEqual({ outages: {}, nodes: {}, checks: {}, incidents: {} });
  });
});

it('a drill that the configuration asks for begins at its time', () => {
  const at = (drillDueAt: number) => decide(two, { ...inputsOf(two, now), drillDueAt }, ledgerOf(two), now, me).ledger?.drill;
  expect(at(now - MINUTE)).toMatchObject({
    by: 'schedule',
    askedAt: now - MINUTE,
    startedAt: now,
    tier: 1,
    flip: false,
    hooks: false,
  });
  expect(at(now - HOUR_MS)).toBeUndefined();
});
