/** What happens while runs are killed, frozen, doubled, late or lost. */
import { describe, expect, it } from 'vitest';
import { begin } from './life.ts';

/** Every call of an arbiter that an outage leads to. */
const ARBITER_CALLS = ['readSnapshot', 'writeLedger', 'readLedger', 'list', 'read', 'update', 'publish', 'writeIncident'];
const PROBER_CALLS = ['readBallot', 'look', 'writeBallot', 'send to prober', 'send to arbiter'];
const POINTS = [
  ...ARBITER_CALLS.flatMap((call) => [`arbiter ${call}: before`, `arbiter ${call}: after`]),
  ...PROBER_CALLS.flatMap((call) => [`prober ${call}: before`, `prober ${call}: after`]),
];

describe('a run that is killed', () => {
  it.each(POINTS)('at "%s" leaves nothing undone: another one does it', async (point) => {
    const life = begin();
    await life.till('4:55');
    life.trap(point, 'killed');
    life.down('n0');
    await life.till('7:30');
    expect(life.out()).toEqual(['n0']);
    expect(new Set(life.pages())).toEqual(new Set(['n0 down']));
  });

  it('right after publishing may page once more, and no oftener', async () => {
    const life = begin();
    await life.till('4:55');
    life.trap('arbiter publish: after', 'killed');
    life.down('n0');
    await life.till('9:00');
    expect(life.pages()).toEqual(['n0 down', 'n0 down']);
  });
});

describe('a run that is frozen', () => {
  it('with the decision to take a node out flips nothing when it thaws after the node is back', async () => {
    const life = begin();
    await life.till('4:55');
    life.trap('arbiter update: before', 240);
    const over = life.down('n0');
    await life.till('6:00');
    over();
    await life.till('12:00');
    expect([life.verdict('n0/api'), life.out()]).toEqual(['up', []]);
  });

  it('between reading the ledger and writing it commits nothing: others have decided meanwhile', async () => {
    const life = begin();
    await life.till('4:55');
    life.trap('arbiter readSnapshot: after', 120);
    life.down('n0');
    await life.till('8:00');
    expect([life.out(), life.pages()]).toEqual([['n0'], ['n0 down']]);
  });
});

describe('messages', () => {
  it('that all come twice, at once or later, page once and flip once', async () => {
    const life = begin();
    life.often('message delivered twice', 1);
    life.often('message delivered twice at once', 1);
    await life.till('5:00');
    life.down('n0');
    await life.till('8:00');
    expect([life.out(), life.pages()]).toEqual([['n0'], ['n0 down']]);
  });

  it('that wander about for minutes bring no old news: who was down and is back stays in', async () => {
    const life = begin();
    await life.till('5:00');
    const over = life.down('n0');
    const late = life.often('message late', 0.5);
    await life.till('7:00');
    over();
    late();
    await life.till('16:00');
    expect([life.verdict('n0/api'), life.out()]).toEqual(['up', []]);
  });

  it('that come in any order count by what was seen when', async () => {
    const life = begin();
    life.often('messages reordered', 0.8);
    await life.till('5:00');
    life.down('n0');
    await life.till('8:00');
    expect([life.verdict('n0/api'), life.out()]).toEqual(['down', ['n0']]);
  });

  it('that are lost, every third of them, delay what happens and change nothing', async () => {
    const life = begin();
    life.often('message lost', 0.33);
    await life.till('5:00');
    expect([life.out(), life.pages()]).toEqual([[], []]);
    life.down('n0');
    await life.till('9:00');
    expect(life.out()).toEqual(['n0']);
  });

  it('of the scheduler that do not come leave the cell blind, and an alarm says so', async () => {
    const life = begin();
    await life.till('5:00');
    life.often('schedule lost', 1);
    await life.till('15:00');
    expect([life.out(), life.alarms().length > 0]).toEqual([[], true]);
  });
});
