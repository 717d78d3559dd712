import { describe, expect, it } from 'vitest';
import type { Switches } from '../../lib/ports.ts';
import { createManualClock } from '../clock.ts';
import { type createFakeSwitches, gate, LEASE_MS, NOON, never, WAKE, world } from './arbiter-world.ts';

describe('two arbiters', () => {
  it('woken at once make one commit, one flip and one page', async () => {
    const { see, arbiter, store, ledger, route53, pages, told } = world();
    const [one, other] = [arbiter('r1'), arbiter('r2')];
    see({ eu: 'down' });
    await Promise.all([one.handle(WAKE), other.handle(WAKE)]);
    expect(told('transition')).toHaveLength(1);
    expect(route53.taken()).toEqual(['eu out v1']);
    expect(pages).toEqual(['eu down 1.1']);
    expect(told('flip')).toHaveLength(1);
    expect(store.incidents().map(({ evidence }) => evidence.length)).toEqual([1]);
    expect(ledger()).toMatchObject({ intents: [], leases: {} });
  });

  it('of which one is killed between commit and act: the other acts once the lease is over, exactly once', async () => {
    const { see, arbiter, store, clock, route53, pages } = world();
    const killed = arbiter('r1', {
      store: {
        ...store,
        async writeLedger(ledger) {
          await store.writeLedger(ledger);
          return never();
        },
      },
    });
    const other = arbiter('r2');
    see({ eu: 'down' });
    void killed.handle(WAKE);
    await clock.advance(LEASE_MS - 1);
    see({ eu: 'down' });
    await other.handle(WAKE);
    expect({ taken: route53.taken(), pages }).toEqual({ taken: [], pages: [] });
    await clock.advance(1);
    await other.handle(WAKE);
    await other.handle(WAKE);
    expect({ taken: route53.taken(), pages }).toEqual({ taken: ['eu out v1'], pages: ['eu down 1.1'] });
  });

  it('of which one is killed right after the flip: the other finds it done', async () => {
    const { see, arbiter, clock, route53, ledger } = world();
    const killed = arbiter('r1', {
      clock: { ...clock, sleep: never },
      switches: {
        ...route53.switches,
        async update(state) {
          await route53.switches.update(state);
          return never();
        },
      },
    });
    see({ eu: 'down' });
    void killed.handle(WAKE);
    await clock.advance(LEASE_MS);
    see({ eu: 'down' });
    await arbiter('r2').handle(WAKE);
    expect(route53.taken()).toEqual(['eu out v1']);
    expect(ledger().members['api/eu']?.confirmed).toMatchObject({ inService: false, version: 2 });
  });
});

describe('an arbiter that froze after its checks', () => {
  /** It stands still right before the update, its clock with it, until the gate opens. */
  function frozen(route53: ReturnType<typeof createFakeSwitches>) {
    const { promise, resolve } = gate();
    let isFirst = true;
    const switches: Switches = {
      ...route53.switches,
      async update(state) {
        if (isFirst) {
          isFirst = false;
          await promise;
        }
        return route53.switches.update(state);
      },
    };
    return { changed: { clock: createManualClock(NOON), switches }, thaw: resolve };
  }

  it('cannot flip again what another has flipped since', async () => {
    const { see, arbiter, clock, route53 } = world();
    const { changed, thaw } = frozen(route53);
    see({ eu: 'down' });
    const stuck = arbiter('r1', changed).handle(WAKE);
    await clock.advance(LEASE_MS);
    see({ eu: 'down' });
    await arbiter('r2').handle(WAKE);
    route53.hand('eu', true);
    thaw();
    await stuck;
    expect(route53.calls.slice(-1)).toEqual(['read eu']);
    expect(route53.taken()).toEqual(['eu out v1']);
    expect(route53.isIn('eu')).toBe(true);
  });

  it('cannot carry out what was taken back meanwhile, although the switch never moved (S7)', async () => {
    const { see, arbiter, clock, route53, order, ledger } = world();
    const { changed, thaw } = frozen(route53);
    see({ eu: 'down' });
    const stuck = arbiter('r1', changed).handle(WAKE);
    await clock.advance(5_000);
    await order({
      kind: 'force',
      node: 'eu',
      inService: true,
      until: NOON + 3_600_000,
      reason: 'test',
      by: 'ann',
      at: clock.now(),
    });
    await arbiter('r2').handle(WAKE);
    await clock.advance(LEASE_MS);
    see({ eu: 'down' });
    await arbiter('r2').handle(WAKE);
    expect(ledger().intents).toEqual([]);
    thaw();
    await stuck;
    expect(route53.isIn('eu')).toBe(true);
  });
});
