/** What happens at the edges of what counts as down. */
import { describe, expect, it } from 'vitest';
import { begin } from './life.ts';

const seconds = (badSeconds: number, wellSeconds: number, since: number) => ({
  rhythm: { badMs: badSeconds * 1_000, wellMs: wellSeconds * 1_000, since },
});

describe('a node that comes and goes', () => {
  it('for a little less than downFor each time is never down', async () => {
    const life = begin();
    await life.till('5:00');
    life.down('n0', seconds(4, 16, life.world.timeline.now()));
    await life.till('12:00');
    expect([life.verdict('n0/api') === 'down', life.out(), life.pages()]).toEqual([false, [], []]);
  });

  it('for minutes stays out longer each time', async () => {
    const life = begin();
    await life.till('5:00');
    life.down('n0', seconds(60, 180, life.world.timeline.now()));
    await life.till('6:00');
    const first = life.holdSeconds('api/n0');
    await life.till('10:30');
    expect([first, life.holdSeconds('api/n0')]).toEqual([60, 120]);
  });

  it('for one look in twenty is not down: no quorum sees it at once for long enough', async () => {
    const life = begin();
    await life.till('5:00');
    life.down('n0', { share: 0.05 });
    await life.till('10:00');
    expect(life.out()).toEqual([]);
  });
});

describe('a node that is well but for one region', () => {
  it('after another is never down: they do not see it at the same time', async () => {
    const life = begin();
    await life.till('5:00');
    for (const vantage of ['v0', 'v1', 'v2']) {
      const over = life.down('n0', { vantages: new Set([vantage]) });
      await life.till(`${6 + Number(vantage.slice(1)) * 2}:30`);
      over();
      await life.till(`${7 + Number(vantage.slice(1)) * 2}:30`);
    }
    expect([life.verdict('n0/api'), life.out(), life.pages()]).toEqual(['up', [], []]);
  });
});

describe('a false failure that all vantages share', () => {
  it('takes nobody out of two records of two, and is over without a flip', async () => {
    const life = begin({ nodes: 4, records: { one: { members: ['n0', 'n1'] }, other: { members: ['n2', 'n3'] } } });
    await life.till('5:00');
    const overs = ['n0', 'n1', 'n2', 'n3'].map((node) => life.down(node));
    await life.till('8:00');
    expect(life.out()).toEqual([]);
    for (const over of overs) over();
    await life.till('10:00');
    expect([life.verdict('n0/api'), life.out()]).toEqual(['up', []]);
  });

  it('of one node after another leaves the last one in service', async () => {
    const life = begin({ nodes: 2 });
    await life.till('5:00');
    life.down('n0');
    await life.till('6:00');
    expect(life.out()).toEqual(['n0']);
    life.down('n1');
    await life.till('8:00');
    expect([life.out(), life.held('api/n1')]).toEqual([['n0'], 'minInService']);
  });

  it('lets the first that is well again back at once, hold or not, when all the others are down', async () => {
    const life = begin({ nodes: 2, records: { api: { members: ['n0', 'n1'], guard: { holdMs: 3_600_000 } } } });
    await life.till('5:00');
    const over = life.down('n0');
    await life.till('6:00');
    expect(life.out()).toEqual(['n0']);
    over();
    await life.till('7:30');
    expect(life.out()).toEqual(['n0']);
    life.down('n1');
    // Until n0's alarm is over, too, there would be nobody.
    await life.till('9:00');
    expect([life.out(), life.held('api/n1')]).toEqual([[], 'minInService']);
    await life.till('11:30');
    expect(life.out()).toEqual(['n1']);
  });
});
