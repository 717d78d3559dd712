import { describe, expect, it } from 'vitest';
import { heardMs } from '../../lib/core/schedule.ts';
import { cellOf, ledgerOf } from '../core/invariants/world.ts';
import { NOON, WAKE, world } from './arbiter-world.ts';

describe('what cannot be read', () => {
  it('an unreadable ledger: nothing is written, flipped or paged', async () => {
    const { see, arbiter, store, route53, pages } = world('unreadable');
    see({ eu: 'down' });
    await arbiter('r1').handle(WAKE);
    expect(store.calls()).toEqual({ readSnapshot: 1 });
    expect({ taken: route53.taken(), pages }).toEqual({ taken: [], pages: [] });
  });

  it('unreadable acts: nothing is flipped, for somebody may have said so', async () => {
    const { see, arbiter, store, route53, clock } = world();
    store.items.acts = 'unreadable';
    see({ eu: 'down' });
    await arbiter('r1').handle(WAKE);
    expect(route53.taken()).toEqual([]);
    store.items.acts = 'missing';
    await clock.advance(1_000);
    await arbiter('r1').handle(WAKE);
    expect(route53.taken()).toEqual(['eu out v1']);
  });

  it('no table: it fails, after saying that nobody is heard', async () => {
    const { arbiter, store, metrics, route53 } = world();
    store.intercept(async () => {
      throw new Error('the table is gone');
    });
    await expect(arbiter('r1').handle(WAKE)).rejects.toThrow('the table is gone');
    expect(metrics).toEqual(['Tick 1', 'Readable 0', 'Heard 0']);
    expect(route53.calls).toEqual([]);
  });

  it('a missing ledger is born with what Route 53 says, once', async () => {
    const { see, arbiter, route53, ledger, pages } = world('missing');
    route53.hand('eu', false);
    see({ us: 'down' });
    await Promise.all([arbiter('r1').handle(WAKE), arbiter('r2').handle(WAKE)]);
    expect(ledger()).toMatchObject({ bornAt: NOON, adoptedAt: NOON });
    expect(ledger().members['api/eu']).toMatchObject({ inService: false, confirmed: { inService: false, version: 2 } });
    expect(route53.taken()).toEqual([]);
    expect(pages).toEqual(['us down 1.1']);
  });

  it('a birth without an answer of Route 53 waits for one', async () => {
    const { see, arbiter, route53, ledger, clock } = world('missing');
    const list = async () => {
      throw new Error('Route 53 is gone');
    };
    see();
    await arbiter('r1', { switches: { ...route53.switches, list } }).handle(WAKE);
    expect(ledger().adoptedAt).toBeUndefined();
    await clock.advance(1_000);
    await arbiter('r1').handle(WAKE);
    expect(ledger().adoptedAt).toBe(NOON + 1_000);
  });
});

describe('after a roll-out', () => {
  const failing = async () => {
    throw new Error('Rate exceeded');
  };

  it('no member is relied on before Route 53 has shown it', async () => {
    const { cell, see, order, arbiter, clock, route53, ledger } = world();
    see();
    await arbiter('r1').handle(WAKE);
    await order({ kind: 'drain', node: 'eu', by: 'ann', at: clock.now() });
    const next = { ...cell, configHash: 'config-2' };
    await arbiter('r1', { cell: next, switches: { ...route53.switches, list: failing } }).handle(WAKE);
    expect([route53.taken(), ledger().members['api/eu']?.held]).toEqual([[], 'minInService']);
    await arbiter('r1', { cell: next }).handle(WAKE);
    expect(route53.taken()).toEqual(['eu out v1']);
  });

  it('Route 53 is asked in every round until it has shown every member, and not more often', async () => {
    const { cell, see, arbiter, clock, route53, ledger } = world();
    see();
    await arbiter('r1').handle(WAKE);
    let asked = 0;
    let isAnswered = false;
    const list = async () => {
      asked++;
      const all = await route53.switches.list();
      return isAnswered ? all : all.filter(({ node }) => node !== 'us');
    };
    const one = arbiter('r1', { cell: { ...cell, configHash: 'config-2' }, switches: { ...route53.switches, list } });
    for (let wake = 0; wake < 6; wake++) {
      see();
      await one.handle(WAKE);
      await clock.advance(cell.intervalMs / 2);
    }
    expect([asked, ledger().configuration?.unseen]).toEqual([3, ['api/us']]);
    isAnswered = true;
    see();
    await one.handle(WAKE);
    await clock.advance(cell.intervalMs);
    see();
    await one.handle(WAKE);
    expect([asked, ledger().configuration]).toEqual([4, { hash: 'config-2', since: expect.any(Number) }]);
  });
});

describe('steady state', () => {
  it('is one read a wake and no write; Route 53 is compared every second tick', async () => {
    const { see, arbiter, store, clock, route53, events } = world();
    const one = arbiter('r1');
    see();
    await one.handle(WAKE);
    store.calls();
    route53.calls.length = 0;
    for (let tick = 0; tick < 10; tick++) {
      await clock.advance(60_000);
      see();
      await one.handle({ kind: 'tick', from: 'scheduler' });
    }
    expect(store.calls()).toEqual({ readSnapshot: 10 });
    expect(route53.calls).toEqual(Array.from({ length: 5 }, () => 'list'));
    expect(events).toEqual([]);
  });

  it('ends when many nodes fail at once, and then costs reads and writes by the round, not by the node', async () => {
    const nodes = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`n${index}`, ['api']]));
    const many = cellOf({ nodes, records: {} });
    const { see, arbiter, store, pages } = world(ledgerOf(many), many);
    see(Object.fromEntries(Object.keys(nodes).map((node) => [node, 'down'])));
    store.calls();
    await arbiter('r1').handle(WAKE);
    const { readLedger = 0, writeLedger = 0 } = store.calls();
    expect(pages).toEqual(['50 nodes down 1.1']);
    expect({ reads: readLedger < 15, writes: writeLedger < 6 }).toEqual({ reads: true, writes: true });
  });

  it('is measured: a tick, how many vantages are heard, and how old each ballot is', async () => {
    const { see, arbiter, metrics, clock } = world();
    see();
    await clock.advance(3_000);
    await arbiter('r1').handle(WAKE);
    expect(metrics).toEqual(['Tick 1', 'Readable 1', 'Heard 3', 'BallotAge 3', 'BallotAge 3', 'BallotAge 3']);
  });
});

describe('a ledger that was just born', () => {
  it('takes nobody for silent who had no time to speak yet, and no longer than that', async () => {
    const { arbiter, metrics, clock, cell } = world('missing');
    const heard = async (): Promise<string | undefined> => {
      metrics.length = 0;
      await arbiter('r1').handle(WAKE);
      return metrics.find((line) => line.startsWith('Heard'));
    };
    expect(await heard()).toBe('Heard 3');
    await clock.advance(heardMs(cell));
    expect(await heard()).toBe('Heard 3');
    await clock.advance(1);
    expect(await heard()).toBe('Heard 0');
  });
});

describe("a stranger's hand", () => {
  it('is noticed although another arbiter committed first', async () => {
    const { see, arbiter, store, route53, ledger, pages } = world();
    see();
    route53.hand('eu', false);
    let isFirst = true;
    store.intercept(async (method, _argument, proceed) => {
      if (method !== 'writeLedger' || !isFirst) return proceed();
      isFirst = false;
      return 'conflict';
    });
    await arbiter('r1').handle({ kind: 'tick', from: 'scheduler' });
    expect(ledger().members['api/eu']).toMatchObject({ inService: false, foreign: true });
    expect(pages).toEqual(['api/eu foreign-hand 1.1']);
  });
});
