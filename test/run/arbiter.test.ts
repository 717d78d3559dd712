import { describe, expect, it } from 'vitest';
import type { NewAct } from '../../lib/core/acts.ts';
import type { Ballot, Vote } from '../../lib/core/ballot.ts';
import { type Cell, memberKey } from '../../lib/core/cell.ts';
import type { QuorumEvent } from '../../lib/core/events.ts';
import type { SwitchState } from '../../lib/core/inputs.ts';
import type { Ledger } from '../../lib/core/ledger.ts';
import { mergeRun } from '../../lib/core/merge.ts';
import type { Clock, Hooks, Metrics, Pager, Store, Switches, WakeMessage } from '../../lib/ports.ts';
import { createArbiter } from '../../lib/run/arbiter.ts';
import { createManualClock, type ManualClock } from '../clock.ts';
import { cellOf, ledgerOf, START_MS } from '../core/invariants/world.ts';
import { createMemoryStore } from '../store/memory.ts';

const usual = cellOf();
const NOON = START_MS + 12 * 3_600_000;
const LEASE_MS = 20_000;
const WAKE: WakeMessage = { kind: 'wake', from: 'v0' };
const never = (): Promise<never> => new Promise(() => {});
/** Something that a test opens when it is time. */
const gate = () => Promise.withResolvers<void>();

/** Switches with versions, as Route 53 has them, and every call that was made. */
function createFakeSwitches(of: Cell) {
  const states = new Map<string, SwitchState>();
  for (const { id: record, members } of of.records)
    for (const { node } of members) states.set(memberKey(record, node), { record, node, inService: true, version: 1 });
  const calls: string[] = [];
  const at = (record: string, node: string) => states.get(memberKey(record, node)) as SwitchState;
  const switches: Switches = {
    async list() {
      calls.push('list');
      return [...states.values()].map((each) => ({ ...each }));
    },
    async read(record, node) {
      calls.push(`read ${node}`);
      return { ...at(record, node) };
    },
    async update({ record, node, inService, version }) {
      if (version !== at(record, node).version) {
        calls.push(`refused ${node} ${inService ? 'in' : 'out'} v${version}`);
        return { result: 'version-mismatch' };
      }
      calls.push(`${node} ${inService ? 'in' : 'out'} v${version}`);
      states.set(memberKey(record, node), { record, node, inService, version: version + 1 });
      return { result: 'updated', version: version + 1 };
    },
  };
  return {
    switches,
    calls,
    isIn: (node: string) => at('api', node).inService,
    /** Changes that Route 53 took. */
    taken: () => calls.filter((call) => / v\d+$/.test(call) && !call.startsWith('refused')),
    /** Somebody else changes a switch. */
    hand(node: string, inService: boolean) {
      const { version } = at('api', node);
      states.set(memberKey('api', node), { record: 'api', node, inService, version: version + 1 });
    },
  };
}

/** What an arbiter may be given instead of the usual. */
interface Changed {
  clock?: Clock;
  store?: Store;
  switches?: Switches;
  pager?: Pager;
  hooks?: Hooks;
  metrics?: Metrics;
}

function world(ledger: Ledger | 'missing' | 'unreadable' = ledgerOf(usual), cell: Cell = usual) {
  const clock = createManualClock(NOON);
  const store = createMemoryStore();
  const route53 = createFakeSwitches(cell);
  const events: QuorumEvent[] = [];
  const pages: string[] = [];
  const hooked: string[] = [];
  const metrics: string[] = [];
  let ids = 0;
  store.items.ledger = ledger;
  const pager: Pager = {
    async publish({ subject, state, tier, attempt }) {
      pages.push(`${subject} ${state} ${tier}.${attempt}`);
    },
  };
  const arbiter = (region: string, changed: Changed = {}) =>
    createArbiter({
      cell,
      region,
      clock,
      store,
      switches: route53.switches,
      pager,
      hooks: {
        async call(hook) {
          hooked.push(hook);
          return 200;
        },
      },
      metrics: {
        async put(name, value) {
          metrics.push(`${name} ${value}`);
        },
      },
      linkOf: (incident) => `https://status.example.org/i/${incident}`,
      randomId: () => `id${ids++}`,
      emit: (event) => void events.push(event),
      ...changed,
    });

  return {
    clock,
    store,
    route53,
    events,
    pages,
    hooked,
    metrics,
    pager,
    arbiter,
    ledger: () => store.items.ledger as Ledger,
    told: (kind: QuorumEvent['event']) => events.filter(({ event }) => event === kind),
    /** Every vantage looks now, and 10 s ago it saw the same. */
    see(votes: Record<string, Vote> = {}) {
      for (const vantage of cell.vantages) {
        for (const startedAt of [clock.now() - 10_000, clock.now()]) {
          const seen = new Map(
            cell.checks.map(({ key, node }) => {
              const vote = votes[node] ?? 'up';
              return [key, { vote, reason: vote === 'up' ? 'ok' : 'status', observedAt: startedAt } as const];
            }),
          );
          const run = { kind: 'round', startedAt, intervalsMs: [cell.intervalMs], seen } as const;
          store.items.ballots[vantage] = mergeRun(cell, vantage, store.items.ballots[vantage] as Ballot | undefined, run).ballot;
        }
      }
    },
    order: (act: NewAct) => store.appendAct(act),
  };
}

/** Lets time pass until this is done; a look every 10 s keeps the votes fresh. */
async function passing<T>(clock: ManualClock, work: Promise<T>, ms: number): Promise<T> {
  await Promise.all([work.catch(() => {}), clock.advance(ms)]);
  return work;
}

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
    expect(ledger().leases).toEqual({});
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

describe('a page', () => {
  const failing: Pager = {
    async publish() {
      throw new Error('SNS is gone');
    },
  };

  it('that is older than 15 minutes is reported, not sent', async () => {
    const { see, arbiter, clock, pages, told } = world();
    see({ eu: 'down' });
    await arbiter('r1', { pager: failing }).handle(WAKE);
    await clock.advance(15 * 60_000 + 1);
    see({ eu: 'down' });
    await arbiter('r2').handle(WAKE);
    expect(told('note')).toContainEqual({ event: 'note', text: expect.stringMatching(/^not sent, too old: eu DOWN/) });
    expect(pages).not.toContain('eu down 1.1');
  });

  it('`recovered` never comes before `down`, however long SNS fails', async () => {
    const { see, arbiter, clock, pages } = world();
    see({ eu: 'down' });
    await arbiter('r1', { pager: failing }).handle(WAKE);
    for (let round = 0; round < 4; round++) {
      await clock.advance(20_000);
      see();
      await arbiter('r1', { pager: failing }).handle(WAKE);
    }
    await clock.advance(60_000);
    see();
    await arbiter('r2').handle(WAKE);
    expect(pages).toEqual(['eu down 1.1', 'eu recovered 1.1']);
  });

  it('carries the link to its incident, and is told as an event', async () => {
    const { see, arbiter, told, ledger } = world();
    see({ eu: 'down' });
    await arbiter('r1').handle(WAKE);
    const incident = ledger().nodes.eu?.incident;
    expect(told('page')).toEqual([
      {
        event: 'page',
        incident,
        state: 'down',
        tier: 1,
        attempt: 1,
        subject: 'eu DOWN 12:00Z, 3/3 regions',
        text: `eu DOWN 12:00Z, 3/3 regions: api status. Out of api.example.org; us serves. https://status.example.org/i/${incident}`,
      },
    ]);
  });
});

describe('a hook', () => {
  const owing = (at: number): Ledger => {
    const owed = { id: 'h', lane: 'hook/chat', epoch: 41, at, tries: 0, notBefore: at } as const;
    return ledgerOf(usual, { intents: [{ ...owed, kind: 'hook', hook: 'chat', node: 'eu', event: 'page', body: {} }] });
  };

  it('that does not answer 2xx is called again', async () => {
    const { see, arbiter, hooked, ledger, clock } = world(owing(NOON));
    see();
    await arbiter('r1', { hooks: { call: async () => 503 } }).handle(WAKE);
    expect(ledger().intents).toMatchObject([{ tries: 1, error: 'hook chat answered HTTP 503' }]);
    await clock.advance(1_000);
    await arbiter('r1').handle(WAKE);
    expect(hooked).toEqual(['chat']);
    expect(ledger().intents).toEqual([]);
  });

  it('that failed for 15 minutes is given up with a page, which it is not told itself', async () => {
    const { see, arbiter, hooked, pages } = world(owing(NOON - 15 * 60_000));
    see();
    await arbiter('r1').handle(WAKE);
    expect(hooked).toEqual([]);
    expect(pages).toEqual(['chat hook-failed 1.1']);
  });

  it('is called with the intent as its key and the link of its incident', async () => {
    const owed = owing(NOON);
    const [intent] = owed.intents;
    if (intent?.kind === 'hook') intent.body = { text: 'eu is down', incident: 'i1' };
    const { see, arbiter } = world(owed);
    see();
    const calls: unknown[] = [];
    await arbiter('r1', { hooks: { call: async (...given) => calls.push(given) } }).handle(WAKE);
    expect(calls).toEqual([['chat', { text: 'eu is down', incident: 'i1', link: 'https://status.example.org/i/i1' }, 'h']]);
  });
});

describe('a stand-by', () => {
  const failover: Cell = {
    ...usual,
    records: usual.records.map((record) => ({
      ...record,
      policy: 'failover',
      members: record.members.map((member, at) => ({ ...member, role: at === 0 ? 'primary' : 'secondary' })),
      fence: { timeoutMs: 60_000 },
    })),
  };

  it('is told to take over in the same look in which the old one was confirmed paused', async () => {
    const { see, arbiter, ledger } = world(ledgerOf(failover), failover);
    const calls: string[] = [];
    const hooks: Hooks = {
      async call(_, { node, role }) {
        if (role) calls.push(`${node} ${role}`);
        return 200;
      },
    };
    see({ eu: 'down' });
    await arbiter('r1', { hooks }).handle(WAKE);
    expect(calls).toEqual(['eu FAULT', 'us MASTER']);
    expect(ledger().roles?.api).toEqual({ master: 'us', told: { eu: 'FAULT', us: 'MASTER' } });
    expect(ledger().intents).toEqual([]);
  });
});

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
    expect(metrics).toEqual(['Tick 1', 'Heard 0']);
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
    expect(pages).toHaveLength(50);
    expect({ reads: readLedger < 15, writes: writeLedger < 6 }).toEqual({ reads: true, writes: true });
  });

  it('is measured: a tick, how many vantages are heard, and how old each ballot is', async () => {
    const { see, arbiter, metrics, clock } = world();
    see();
    await clock.advance(3_000);
    await arbiter('r1').handle(WAKE);
    expect(metrics).toEqual(['Tick 1', 'Heard 3', 'BallotAge 3', 'BallotAge 3', 'BallotAge 3']);
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
