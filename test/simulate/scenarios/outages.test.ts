/** What happens to a node that is down, or only looks so. */
import { describe, expect, it } from 'vitest';
import { begin } from './life.ts';

describe('a node', () => {
  it('that is down for everybody is out and paged within a minute, and back when it is well and its hold is over', async () => {
    const life = begin();
    await life.till('5:00');
    const over = life.down('n0');
    await life.till('5:40');
    expect([life.verdict('n0/api'), life.out(), life.pages()]).toEqual(['down', ['n0'], ['n0 down']]);
    await life.till('6:00');
    over();
    await life.till('8:00');
    expect([life.verdict('n0/api'), life.out(), life.pages()]).toEqual(['up', [], ['n0 down', 'n0 recovered']]);
  });

  it('that reloads for three seconds pages nobody', async () => {
    const life = begin();
    await life.till('5:00');
    const over = life.down('n0');
    await life.till('5:03');
    over();
    await life.till('8:00');
    expect([life.out(), life.pages()]).toEqual([[], []]);
  });

  it('that one region cannot reach stays in service, and nobody is woken', async () => {
    const life = begin();
    await life.till('5:00');
    life.down('n0', { vantages: new Set(['v1']) });
    await life.till('8:00');
    expect([life.verdict('n0/api'), life.out(), life.pages()]).toEqual(['partial', [], []]);
  });

  it('that nobody acknowledges is paged again, tier after tier', async () => {
    const life = begin();
    await life.till('5:00');
    life.down('n0');
    await life.till('12:00');
    expect(life.pages()).toEqual(['n0 down', 'n0 down']);
  });
});

describe('all nodes', () => {
  it('that are down stay in service, for there is nobody to serve instead of them', async () => {
    const life = begin({ nodes: 2 });
    await life.till('5:00');
    life.down('n0');
    await life.till('5:01');
    life.down('n1');
    await life.till('8:00');
    expect([life.out(), life.held('api/n0'), life.pages()]).toEqual([[], 'minInService', ['2 nodes down']]);
  });

  it('of more than three, most of which look down, are left alone: the checks are the likelier fault', async () => {
    const life = begin({ nodes: 5 });
    await life.till('5:00');
    for (const node of ['n0', 'n1', 'n2']) life.down(node);
    await life.till('8:00');
    expect([life.out(), life.held('api/n0')]).toEqual([[], 'massFailure']);
  });
});

describe('two of three vantages', () => {
  it('that are dead leave the third blind: nothing is decided, and an alarm says so', async () => {
    const life = begin();
    await life.till('5:00');
    for (const vantage of ['v0', 'v1']) life.world.weather.dead.add(vantage);
    await life.till('6:00');
    life.down('n0');
    await life.till('12:00');
    expect([life.verdict('n0/api'), life.out(), life.world.monitor.firing()]).toEqual([
      'up',
      [],
      expect.arrayContaining(['blind']),
    ]);
  });

  it('are enough: the third is cut from the table for ever', async () => {
    const life = begin();
    life.world.weather.cuts.set('v2>table', 'both');
    await life.till('5:00');
    life.down('n0');
    await life.till('5:40');
    expect([life.verdict('n0/api'), life.out()]).toEqual(['down', ['n0']]);
  });

  it('whose own link is down abstain: their silence is no vote', async () => {
    const life = begin();
    await life.till('5:00');
    for (const vantage of ['v0', 'v1']) life.world.weather.cuts.set(`${vantage}>targets`, 'both');
    await life.till('8:00');
    expect([life.verdict('n0/api') === 'down', life.out()]).toEqual([false, []]);
  });

  it('with clocks that are a minute off do not vote', async () => {
    const life = begin();
    await life.till('5:00');
    for (const vantage of ['v0', 'v1']) life.world.weather.skewMs.set(vantage, 60_000);
    life.down('n0');
    await life.till('8:00');
    expect([life.verdict('n0/api'), life.out()]).toEqual(['up', []]);
  });
});
