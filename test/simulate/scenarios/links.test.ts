/** What happens while places are cut off, gone, or wrong about the time. */
import { describe, expect, it } from 'vitest';
import { begin } from './life.ts';

describe('a vantage', () => {
  it.each(['symmetric', 'send-only', 'receive-only'] as const)(
    'that is cut from the table (%s) is heard no more; the others decide, and an alarm names it',
    async (way) => {
      const life = begin();
      await life.till('5:00');
      const heal = life.cut('v1', 'table', way);
      await life.till('6:00');
      life.down('n0');
      await life.till('7:00');
      expect([life.verdict('n0/api'), life.out()]).toEqual(['down', ['n0']]);
      heal();
      await life.till('9:00');
      expect(life.vantage('v1')).toBe('up');
    },
  );

  it('whose own link is down in one direction abstains: nothing is down for it', async () => {
    const life = begin();
    await life.till('5:00');
    life.cut('v0', 'targets', 'send-only');
    life.cut('v1', 'targets', 'receive-only');
    await life.till('9:00');
    expect([life.out(), life.pages(), life.alarms()]).toEqual([[], [], expect.arrayContaining(['blind'])]);
  });

  it('that cannot ask the others for a second opinion still finds them of its mind', async () => {
    const life = begin();
    for (const vantage of ['v0', 'v1', 'v2']) life.cut(vantage, 'queues', 'receive-only');
    await life.till('1:00');
    for (const vantage of ['v0', 'v1', 'v2']) life.world.weather.cuts.delete(`${vantage}>queues`);
    await life.till('5:00');
    life.cut('v0', 'queues');
    life.down('n0');
    await life.till('5:40');
    expect(life.out()).toEqual(['n0']);
  });

  it('whose clock is an hour behind says so, and does not merely look dead', async () => {
    const life = begin();
    await life.till('5:00');
    const right = life.clock('v0', -3_600);
    await life.till('8:00');
    expect(life.vantage('v0')).toBe('abstaining');
    right();
    await life.till('11:00');
    expect(life.vantage('v0')).toBe('up');
  });

  it('that says down of everything takes nobody out, and wakes nobody', async () => {
    const life = begin();
    await life.till('5:00');
    life.lie('v0', 'down');
    await life.till('12:00');
    expect([life.verdict('n0/api'), life.out(), life.pages()]).toEqual(['partial', [], []]);
  });

  it('that says up of everything keeps nobody in, and lets nobody back', async () => {
    const life = begin();
    await life.till('5:00');
    life.lie('v0', 'up');
    const over = life.down('n0');
    await life.till('6:00');
    expect([life.verdict('n0/api'), life.out(), life.pages()]).toEqual(['down', ['n0'], ['n0 down']]);
    await life.till('12:00');
    expect(life.out()).toEqual(['n0']);
    over();
    await life.till('14:00');
    expect(life.out()).toEqual([]);
  });

  it('whose clock runs backwards while a node is down changes nothing of it', async () => {
    const life = begin();
    await life.till('5:00');
    life.down('n0');
    await life.till('5:25');
    life.clock('v0', -30);
    await life.till('6:30');
    life.clock('v0', -4);
    await life.till('8:00');
    expect([life.verdict('n0/api'), life.out(), life.pages()]).toEqual(['down', ['n0'], ['n0 down']]);
  });
});

describe('links', () => {
  it('that fail one by one until the cell is blind, and heal in another order, flip nothing on the way', async () => {
    const life = begin({ vantages: 5 });
    await life.till('5:00');
    const healings: (() => void)[] = [];
    for (const [index, vantage] of ['v3', 'v0', 'v4', 'v1'].entries()) {
      healings.push(life.cut(vantage, index % 2 === 0 ? 'table' : 'targets'));
      await life.till(`5:${15 * (index + 1) - 1}`);
    }
    life.down('n0');
    await life.till('8:00');
    expect([life.verdict('n0/api') === 'down', life.out()]).toEqual([false, []]);
    for (const index of [2, 0, 3, 1]) {
      healings[index]?.();
      await life.till(`8:${10 * (index + 1)}`);
    }
    await life.till('10:00');
    expect([life.verdict('n0/api'), life.out()]).toEqual(['down', ['n0']]);
  });
});

describe('an arbiter', () => {
  it('that is cut from Route 53 leaves the flip to the other', async () => {
    const life = begin();
    life.cut('a0', 'route53');
    await life.till('5:00');
    life.down('n0');
    await life.till('8:00');
    expect(life.out()).toEqual(['n0']);
  });

  it('that is cut from SNS leaves the page to the other', async () => {
    const life = begin();
    life.cut('a1', 'sns');
    await life.till('5:00');
    life.down('n0');
    await life.till('8:00');
    expect(life.pages()).toEqual(['n0 down']);
  });

  it('that reaches the table and not SNS keeps no page from the other', async () => {
    const life = begin({ seed: 39 });
    life.cut('a0', 'sns');
    await life.till('5:00');
    life.down('n0');
    await life.till('6:45');
    expect(life.pages()).toEqual(['n0 down']);
  });

  it('whose clock is almost five seconds ahead decides as if it were not', async () => {
    const life = begin();
    life.clock('a0', 4.9);
    life.clock('a1', -4.9);
    await life.till('5:00');
    const over = life.down('n0');
    await life.till('6:00');
    expect([life.out(), life.pages()]).toEqual([['n0'], ['n0 down']]);
    over();
    await life.till('9:00');
    expect(life.out()).toEqual([]);
  });

  it('that is one of three may be lost with its replica: the rest go on, a second slower', async () => {
    const life = begin();
    await life.till('5:00');
    life.kill('a0');
    for (const vantage of ['v0', 'v1']) life.world.weather.farFromTable.add(vantage);
    life.down('n0');
    await life.till('5:50');
    expect([life.out(), life.pages()]).toEqual([['n0'], ['n0 down']]);
  });
});
