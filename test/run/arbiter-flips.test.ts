import { describe, expect, it } from 'vitest';
import type { Pager, Store, Switches } from '../../lib/ports.ts';
import { LEASE_MS, never, passing, WAKE, world } from './arbiter-world.ts';

describe('lanes', () => {
  it('do not wait for one another: Route 53 does not answer, and the page is out', async () => {
    const { see, arbiter, clock, route53, pages, ledger } = world();
    const one = arbiter('r1', { switches: { ...route53.switches, read: never } });
    see({ eu: 'down' });
    const handled = one.handle(WAKE);
    await clock.advance(0);
    expect(pages).toEqual(['eu down 1.1']);
    await passing(clock, handled, 10_000);
    expect(ledger().intents).toMatchObject([{ kind: 'flip', tries: 1, error: 'no answer within 10 s' }]);
    expect(ledger().leases).toEqual({ 'flip/api': { by: 'r1/id0', until: clock.now() } });
  });

  it('SNS does not answer, and the flip is done', async () => {
    const { see, arbiter, clock, route53, ledger } = world();
    see({ eu: 'down' });
    const handled = arbiter('r1', { pager: { publish: never } }).handle(WAKE);
    await clock.advance(0);
    expect(route53.taken()).toEqual(['eu out v1']);
    await passing(clock, handled, 10_000);
    expect(ledger().intents).toMatchObject([{ kind: 'page', tries: 1 }]);
  });

  it('no answer to a comparison keeps no page from going out', async () => {
    const { see, arbiter, clock, route53, pages, told } = world();
    see({ eu: 'down' });
    const handled = arbiter('r1', { switches: { ...route53.switches, list: never } }).handle(WAKE);
    await passing(clock, handled, 10_000);
    expect(pages).toEqual(['eu down 1.1']);
    expect(told('note')).toMatchObject([{ text: expect.stringContaining('Route 53 cannot be compared') }]);
  });

  it('no metric keeps a page from going out', async () => {
    const failing = world();
    failing.see({ eu: 'down' });
    const put = async () => {
      throw new Error('CloudWatch is gone');
    };
    await failing.arbiter('r1', { metrics: { put } }).handle(WAKE);
    expect(failing.pages).toEqual(['eu down 1.1']);

    const hanging = world();
    hanging.see({ eu: 'down' });
    void hanging.arbiter('r1', { metrics: { put: never } }).handle(WAKE);
    await hanging.clock.advance(20_000);
    expect(hanging.pages).toEqual(['eu down 1.1']);
  });

  it('that cannot be settled keep no other from being worked off to its end', async () => {
    const { see, arbiter, store, clock, pages } = world();
    see({ eu: 'down' });
    let refusals = 0;
    const flaky: Store = {
      ...store,
      async writeLedger(ledger) {
        const isFlipDone = ledger.epoch > 42 && !ledger.intents.some(({ kind }) => kind === 'flip');
        if (isFlipDone && refusals++ < 8) return 'conflict';
        return store.writeLedger(ledger);
      },
    };
    const slow: Pager = {
      async publish({ subject, state, tier, attempt }) {
        await clock.sleep(5_000);
        pages.push(`${subject} ${state} ${tier}.${attempt}`);
      },
    };
    let pagesThen: string[] = [];
    const handled = arbiter('r1', { store: flaky, pager: slow })
      .handle(WAKE)
      .finally(() => {
        pagesThen = [...pages];
      });
    await expect(passing(clock, handled, 9_000)).rejects.toThrow('will be done again');
    expect(pagesThen).toEqual(['eu down 1.1']);
  });
});

describe('a flip', () => {
  it('whose version is not the current one any more is read and tried again', async () => {
    const { see, arbiter, route53 } = world();
    let isFirst = true;
    const switches: Switches = {
      ...route53.switches,
      async read(record, node) {
        const state = await route53.switches.read(record, node);
        if (isFirst) route53.hand(node, true);
        isFirst = false;
        return state;
      },
    };
    see({ eu: 'down' });
    await arbiter('r1', { switches }).handle(WAKE);
    expect(route53.calls.filter((call) => call.includes('eu'))).toEqual(['read eu', 'refused eu out v1', 'read eu', 'eu out v2']);
  });

  it('is not taken for done by a read that is older than the ledger', async () => {
    const { see, arbiter, route53, ledger, clock, order } = world();
    see({ eu: 'down' });
    await arbiter('r1').handle(WAKE);
    let reads = 0;
    const switches: Switches = {
      ...route53.switches,
      async read(record, node) {
        const state = await route53.switches.read(record, node);
        return reads++ === 0 ? { ...state, inService: true, version: 1 } : state;
      },
    };
    await clock.advance(1_000);
    await order({
      kind: 'force',
      node: 'eu',
      inService: true,
      until: clock.now() + 600_000,
      reason: 'because',
      by: 'ann',
      at: clock.now(),
    });
    await arbiter('r1', { switches }).handle(WAKE);
    expect(route53.calls.filter((call) => call.includes('eu')).slice(2)).toEqual([
      'read eu',
      'refused eu in v1',
      'read eu',
      'eu in v2',
    ]);
    expect(ledger().members['api/eu']?.confirmed).toMatchObject({ inService: true, version: 3 });
  });

  it('that others change without end is a failure, and tried again later', async () => {
    const { see, arbiter, route53, ledger, clock } = world();
    const update: Switches['update'] = async () => ({ result: 'version-mismatch' });
    see({ eu: 'down' });
    await arbiter('r1', { switches: { ...route53.switches, update } }).handle(WAKE);
    expect(ledger().intents).toMatchObject([
      { kind: 'flip', tries: 1, error: expect.stringContaining('changed by somebody else') },
    ]);
    await clock.advance(1_000);
    await arbiter('r2').handle(WAKE);
    expect(route53.taken()).toEqual(['eu out v1']);
  });

  it('that was applied although nobody answered is found done, and not flipped twice', async () => {
    const { see, arbiter, clock, route53, ledger, told } = world();
    const switches: Switches = {
      ...route53.switches,
      async update(state) {
        await route53.switches.update(state);
        return never();
      },
    };
    see({ eu: 'down' });
    await passing(clock, arbiter('r1', { switches }).handle(WAKE), 10_000);
    expect(told('flip')).toEqual([]);
    await clock.advance(1_000);
    see({ eu: 'down' });
    await arbiter('r2').handle(WAKE);
    expect(route53.taken()).toEqual(['eu out v1']);
    expect(told('flip')).toHaveLength(1);
    expect(ledger().members['api/eu']?.confirmed).toMatchObject({ inService: false, version: 2 });
  });

  it('is not begun with a lease that could end before it does', async () => {
    const { see, arbiter, clock, store, route53, pages } = world();
    const slow: Store = {
      ...store,
      async writeLedger(ledger) {
        const written = await store.writeLedger(ledger);
        if (ledger.epoch === 42) await clock.sleep(LEASE_MS - 1_000);
        return written;
      },
    };
    see({ eu: 'down' });
    await passing(clock, arbiter('r1', { store: slow }).handle(WAKE), LEASE_MS - 500);
    expect({ taken: route53.taken(), pages }).toEqual({ taken: [], pages: [] });
    await clock.advance(500);
    see({ eu: 'down' });
    await arbiter('r2').handle(WAKE);
    expect({ taken: route53.taken(), pages }).toEqual({ taken: ['eu out v1'], pages: ['eu down 1.1'] });
  });
});
