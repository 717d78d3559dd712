/** Fire drills as people see them, while real things happen beside them. */
import { expect, it } from 'vitest';
import { begin, type Life } from './life.ts';

const drill = (life: Life, node: string, flip = false): void => life.order({ kind: 'drill', node, tier: 1, flip, hooks: false });
const ended = ({ world }: Life): string | undefined => world.table.ledger()?.drill?.ended;

it('a drill goes down the whole path, is told, and touches nothing', async () => {
  const life = begin();
  await life.till('5:00');
  drill(life, 'n0');
  await life.till('8:00');
  expect([ended(life), life.pages(), life.out()]).toEqual(['through', ['DRILL-n0 down', 'DRILL-n0 recovered'], []]);
});

it('a drill with a flip takes its member out, and it is back long before its hold is over', async () => {
  const life = begin({ records: { api: { members: ['n0', 'n1', 'n2'], guard: { holdMs: 600_000 } } } });
  await life.till('5:00');
  const isBack = life.lose('sns'); // it would be over in seconds
  drill(life, 'n0', true);
  await life.till('5:20');
  expect(life.switchOf('n0')).toBe('out');
  isBack();
  await life.till('8:30');
  expect([life.switchOf('n0'), ended(life), life.pages()]).toEqual(['in', 'through', ['DRILL-n0 down', 'DRILL-n0 recovered']]);
});

it('a real outage during a drill is paged, taken out and told like any other', async () => {
  const life = begin();
  await life.till('5:00');
  drill(life, 'n0');
  life.down('n1');
  await life.till('8:00');
  expect(life.pages()).toEqual(expect.arrayContaining(['DRILL-n0 down', 'n1 down', 'DRILL-n0 recovered']));
  expect(life.out()).toEqual(['n1']);
});

it('a drill does not hold what another member needs: who fails while one is out for a drill ends it', async () => {
  const life = begin();
  await life.till('5:00');
  life.lose('sns');
  drill(life, 'n0', true);
  await life.till('5:20');
  expect(life.out()).toEqual(['n0']);
  life.down('n1');
  await life.till('7:00');
  expect([ended(life), life.switchOf('n0')]).toEqual(['another member is down', 'in']);
});

it('a drill is carried on by another arbiter when the one that began it is gone', async () => {
  const life = begin();
  await life.till('5:00');
  life.trap('arbiter send to prober: before', 'killed');
  drill(life, 'n0');
  await life.till('9:00');
  expect([ended(life), life.pages()]).toEqual(['through', ['DRILL-n0 down', 'DRILL-n0 recovered']]);
});

it('a drill that nobody can be paged of is over after five minutes, and says what is missing', async () => {
  const life = begin();
  await life.till('5:00');
  const isBack = life.lose('sns');
  drill(life, 'n0');
  await life.till('11:00');
  expect(ended(life)).toBe('without paged');
  isBack();
  await life.till('14:00');
  expect(life.pages()).toEqual(expect.arrayContaining(['DRILL-n0 drill-failed']));
});

it('a drill of a node that somebody drained does not begin', async () => {
  const life = begin();
  await life.till('5:00');
  life.order({ kind: 'drain', node: 'n0' });
  await life.till('6:30');
  drill(life, 'n0', true);
  await life.till('9:00');
  expect([life.world.table.ledger()?.drill, life.out(), life.pages()]).toEqual([undefined, ['n0'], []]);
});

it('a table that is wiped during a drill leaves nobody out for it', async () => {
  const life = begin();
  await life.till('5:00');
  const isBack = life.lose('sns');
  drill(life, 'n0', true);
  await life.till('5:20');
  expect(life.switchOf('n0')).toBe('out');
  life.world.table.wipe();
  isBack();
  await life.till('12:00');
  expect(life.out()).toEqual([]);
});
