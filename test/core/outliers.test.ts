import { describe, expect, it } from 'vitest';
import type { Ballot, Vote } from '../../lib/core/ballot.ts';
import { createDraft } from '../../lib/core/draft.ts';
import type { Ledger } from '../../lib/core/ledger.ts';
import { mergeRun } from '../../lib/core/merge.ts';
import { decideOutliers } from '../../lib/core/outliers.ts';
import { statusOf } from '../../lib/core/status.ts';
import { cellOf, INTERVAL_MS, ledgerOf, START_MS } from './invariants/world.ts';

const cell = cellOf({ vantages: 5, nodes: { eu: ['api', 'p2p'] }, records: {} });
const MINUTE_MS = 60_000;
const VOTES: Record<string, Vote> = { u: 'up', g: 'degraded', d: 'down', a: 'abstain' };

/** Rounds in which vantages look one after the other, with who sees `eu/api` down; a decision follows each look. */
function world() {
  let now = START_MS;
  let ledger: Ledger = ledgerOf(cell);
  const ballots: Record<string, Ballot> = {};
  const notes: string[] = [];
  let writes = 0;

  function look(vantage: string, letter = 'u'): void {
    const seen = cell.checks.map(({ key, id }) => {
      const vote: Vote = id === 'api' || letter === 'D' ? (VOTES[letter.toLowerCase()] ?? 'up') : 'up';
      return [key, { vote, reason: vote === 'up' ? ('ok' as const) : ('status' as const), observedAt: now }] as const;
    });
    const run = { kind: 'round', startedAt: now, intervalsMs: [INTERVAL_MS], seen: new Map(seen) } as const;
    ballots[vantage] = mergeRun(cell, vantage, ballots[vantage], run).ballot;
    const draft = createDraft(cell, { ballots, acts: 'missing' }, ledger, now);
    decideOutliers(draft);
    notes.push(...draft.events.map((event) => (event.event === 'note' ? event.text : event.event)));
    if (JSON.stringify(draft.ledger.outliers) !== JSON.stringify(ledger.outliers)) writes += 1;
    ledger = draft.ledger;
  }

  const here = {
    /** For so many minutes; a letter for each vantage: `d`own (`D`: of both checks), `g` degraded, `u`p, `a`bstains, `-` silent. */
    minutes(count: number, sight: string) {
      for (const end = now + count * MINUTE_MS; now < end; )
        for (const [at, vantage] of cell.vantages.entries()) {
          if (sight[at] !== '-') look(vantage, sight[at]);
          now += INTERVAL_MS / cell.vantages.length;
        }
      return here;
    },
    notes: () => notes.splice(0),
    writes: () => writes,
    ledger: () => ledger,
    shown: () => {
      const { vantages } = statusOf(cell, { ballots, acts: 'missing', ledger }, undefined, now);
      return vantages.flatMap(({ id, outlier }) => (outlier === undefined ? [] : [`${id}: ${outlier}`]));
    },
  };
  return here;
}

const NOTE = 'v1 often says otherwise than all other vantages, last of eu/api';

describe('a vantage that says otherwise than all others', () => {
  it('is told of once, after half an hour of it, and shown', () => {
    const here = world().minutes(20, 'uduuu');
    expect([here.notes(), here.shown()]).toEqual([[], []]);
    here.minutes(60, 'uduuu');
    expect([here.notes(), here.shown()]).toEqual([[NOTE], ['v1: eu/api']]);
  });

  it('is one too where it alone is not down', () => {
    expect(world().minutes(60, 'duddd').notes()).toEqual([NOTE]);
  });

  it('is one too where all others find it degraded, or it alone does not see it down', () => {
    expect(world().minutes(60, 'gdgug').notes()).toEqual([NOTE]);
    expect(world().minutes(60, 'dgddd').notes()).toEqual([NOTE]);
  });

  it('is named with the first check that it says otherwise of', () => {
    expect(world().minutes(60, 'uDuuu').notes()).toEqual([NOTE]);
  });

  it('is one beside another one', () => {
    const here = world().minutes(60, 'uduuu').minutes(60, 'uuuud');
    expect(here.notes()).toEqual([NOTE, NOTE.replace('v1', 'v4')]);
  });

  it('counts from when a quorum of others has said the same for a round', () => {
    // Looks are 2 s apart: the fourth of the others, v4, first looks 8 s after the start.
    expect(world().minutes(1, 'duddd').ledger().outliers).toEqual({ v1: { count: 1, at: START_MS + 18_000, check: 'eu/api' } });
  });

  it('costs a write of the ledger in five minutes', () => {
    expect(world().minutes(60, 'uduuu').writes()).toBeLessThanOrEqual(12);
  });

  it('is forgotten once it has agreed for long enough, and told of anew', () => {
    const here = world().minutes(60, 'uduuu').minutes(60, 'uuuuu');
    expect(here.shown()).toEqual(['v1: eu/api']);
    here.minutes(80, 'uuuuu');
    expect(here.shown()).toEqual(['v1: eu/api']);
    // Few are left: it is none any more, but remembered for a while.
    here.minutes(20, 'uuuuu');
    expect([here.shown(), here.ledger().outliers]).toEqual([[], { v1: expect.objectContaining({ count: 12 }) }]);
    here.minutes(20, 'uuuuu');
    expect([here.shown(), here.ledger().outliers]).toEqual([[], undefined]);
    expect(here.minutes(60, 'uduuu').notes()).toEqual([NOTE, NOTE]);
  });

  it('is forgotten as soon, however long it lasted', () => {
    const here = world().minutes(300, 'uduuu').minutes(185, 'uuuuu');
    expect(here.ledger().outliers).toBeUndefined();
  });

  it('is one although it comes and goes', () => {
    const here = world();
    for (let time = 0; time < 10; time++) here.minutes(1, 'uduuu').minutes(9, 'uuuuu');
    expect(here.notes()).toEqual([NOTE]);
  });
});

describe('nobody is an outlier', () => {
  it.each([
    ['of two that say the same', 'udduu'],
    ['of a quorum and its minority', 'ddudu'],
    ['while fewer than a quorum of others vote', 'ud--u'],
    ['while most others abstain', 'udaau'],
  ])('%s', (_, sight) => {
    const here = world().minutes(60, sight);
    expect([here.notes(), here.ledger().outliers]).toEqual([[], undefined]);
  });

  it('who is the first to see what all others see next', () => {
    const here = world();
    for (let time = 0; time < 10; time++) here.minutes(5, 'ddddd').minutes(5, 'uuuuu');
    expect([here.notes(), here.ledger().outliers]).toEqual([[], undefined]);
  });
});
