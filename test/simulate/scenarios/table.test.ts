/** What happens to decisions while the table loses, keeps or forgets what it was told. */
import { describe, expect, it } from 'vitest';
import { begin as beginLife } from './life.ts';

const begin = (): ReturnType<typeof beginLife> => beginLife();

describe.each([
  ['simulated whole', false],
  ['behind the store of production', true],
])('the table, %s,', (_, isStored) => {
  const begin = (): ReturnType<typeof beginLife> => beginLife({ isStored });

  it('is restored from a copy of before the outage: nothing comes back by mistake, and the outage is found anew', async () => {
    const life = begin();
    await life.till('5:00');
    life.down('n0');
    await life.till('6:00');
    expect(life.out()).toEqual(['n0']);
    life.world.table.restore();
    await life.till('9:00');
    expect([life.verdict('n0/api'), life.out()]).toEqual(['down', ['n0']]);
  });

  it('is emptied and restored in turns: no flip says otherwise than the votes', async () => {
    const life = begin();
    await life.till('5:00');
    const over = life.down('n0');
    for (const minute of [6, 8, 10]) {
      await life.till(`${minute}:00`);
      if (minute === 8) life.world.table.restore();
      else life.world.table.wipe();
    }
    over();
    await life.till('16:00');
    expect([life.verdict('n0/api'), life.out()]).toEqual(['up', []]);
  });

  it('holds a ledger that nobody can read: nothing is decided, an alarm rings, and all goes on when it can be read', async () => {
    const life = begin();
    await life.till('5:00');
    const readable = life.world.table.garble('ledger');
    life.down('n0');
    await life.till('12:00');
    expect([life.out(), life.alarms()]).toEqual([[], expect.arrayContaining(['blind'])]);
    readable();
    await life.till('13:00');
    expect(life.out()).toEqual(['n0']);
  });

  it('holds a ballot that nobody can read: its vantage is not heard, the others are enough', async () => {
    const life = begin();
    await life.till('5:00');
    life.world.table.garble('ballot/v0');
    await life.till('6:00');
    life.down('n0');
    await life.till('7:00');
    expect(life.out()).toEqual(['n0']);
  });

  it('leaves keys unprocessed at every fifth read: silence is no vote, and the outage is seen all the same', async () => {
    const life = begin();
    life.often('table key unprocessed', 0.2);
    await life.till('5:00');
    expect(life.out()).toEqual([]);
    life.down('n0');
    await life.till('8:00');
    expect(life.out()).toEqual(['n0']);
  });

  it('throttles half of all calls: late, but the same', async () => {
    const life = begin();
    await life.till('5:00');
    life.often('table throttled', 0.5);
    life.down('n0');
    await life.till('12:00');
    expect([life.verdict('n0/api'), life.out()]).toEqual(['down', ['n0']]);
  });

  it('loses the answers of half of all writes that it took: what was done is not taken for undone', async () => {
    const life = begin();
    await life.till('5:00');
    const over = life.often('table timeout after commit', 0.5);
    life.down('n0');
    await life.till('9:00');
    over();
    await life.till('10:00');
    expect([life.verdict('n0/api'), life.out()]).toEqual(['down', ['n0']]);
  });

  it('lets every retry meet its own write: a success is not taken for a conflict', async () => {
    const life = begin();
    await life.till('5:00');
    life.often('table retry met its own write', 1);
    life.down('n0');
    await life.till('6:30');
    expect([life.out(), life.pages()]).toEqual([['n0'], ['n0 down']]);
  });
});

describe('a run that was frozen over a table that was emptied meanwhile', () => {
  it('and is a prober writes no old votes over the new ballot, though the version is the same again', async () => {
    const life = begin();
    await life.till('0:50');
    life.trap('prober writeBallot: before', 45);
    await life.till('1:00');
    life.world.table.wipe();
    await life.till('3:00');
    expect([life.vantage('v0'), life.vantage('v1'), life.vantage('v2')]).toEqual(['up', 'up', 'up']);
  });

  it('and is an arbiter commits nothing of what it knew', async () => {
    const life = begin();
    await life.till('5:00');
    life.trap('arbiter writeLedger: before', 60);
    life.down('n0');
    await life.till('5:20');
    life.world.table.wipe();
    const { incarnation } = await reborn(life);
    await life.till('8:00');
    expect(life.world.table.ledger()?.incarnation).toBe(incarnation);
  });
});

async function reborn(life: ReturnType<typeof begin>): Promise<{ incarnation: string }> {
  await life.till('6:10');
  const ledger = life.world.table.ledger();
  if (!ledger) throw new Error('no ledger was born');
  return ledger;
}
