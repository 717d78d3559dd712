/** A deployed monitor in fake time: the handlers, their queues and schedules, and the alarms as they are deployed. */
import { alarmsOf } from '../../lib/core/alarms.ts';
import type { Vote } from '../../lib/core/ballot.ts';
import type { Cell } from '../../lib/core/cell.ts';
import { isDrillKey } from '../../lib/core/drill.ts';
import type { Inspection } from '../../lib/core/inspection.ts';
import type { Observation } from '../../lib/core/merge.ts';
import type { ReasonCode } from '../../lib/core/reasons.ts';
import { drillsDue } from '../../lib/heartbeats/drills.ts';
import { createMetrics } from '../../lib/local/metrics.ts';
import { createQueue, type LocalQueue } from '../../lib/local/queue.ts';
import { every, everyMinute } from '../../lib/local/scheduler.ts';
import type { Clock, Look, Store, VantageMessage, WakeMessage } from '../../lib/ports.ts';
import { createArbiter } from '../../lib/run/arbiter.ts';
import { createProber } from '../../lib/run/prober.ts';
import { sendAll } from '../../lib/run/send.ts';
import { createManualClock } from '../clock.ts';
import { cellOf } from '../config/cell.ts';
import { createMemoryStore } from '../store/memory.ts';

const MINUTE_MS = 60_000;
/** CloudWatch evaluates whole minutes. */
const ALARM_PERIOD_MS = MINUTE_MS;
const QUEUE = { maxConcurrency: 10, visibilityTimeoutMs: MINUTE_MS, maxReceiveCount: 3, retentionMs: 300_000 };

export const VANTAGES = ['v1', 'v2', 'v3'] as const;
export const ARBITERS = ['a1', 'a2', 'a3'] as const;
export type Vantage = (typeof VANTAGES)[number];
export type Region = (typeof ARBITERS)[number];

/** `more`: YAML of its top level. */
export const watchedCell = (interval = '30s', more = ''): Cell =>
  cellOf(`
name: example
vantages: [${VANTAGES.join(', ')}]
table: { replicas: [${ARBITERS.join(', ')}] }
interval: ${interval}
nodes: { eu1: { url: "http://127.0.0.1", checks: { api: { type: http }, p2p: { type: tcp, port: 9876 } } } }
paging: { regions: [v1, v2], tiers: [{ email: [ops@example.org] }, { after: 1h, email: [all@example.org] }] }
ping: https://ping.example.org/id
${more}
`);

/** What a vantage sees of a check. */
type Sight = [Vote, ReasonCode, string?];
const DRILL_SIGHT: Sight = ['down', 'connect-refused', 'nobody listens'];

export type Monitor = ReturnType<typeof startMonitor>;

/** Starts it with everything well; a test breaks one thing. */
export function startMonitor(cell = watchedCell()) {
  const clock = createManualClock();
  const store = createMemoryStore();
  const told: string[] = [];
  const pings: number[] = [];
  const inspections: number[] = [];
  const stop = new AbortController();
  const broken = {
    /** Vantages whose function fails before it does anything: a bundle or an environment that is bad. */
    functions: new Set<Vantage | Region>(),
    /** Vantages that may not read their ballot. */
    rights: new Set<Vantage>(),
    /** What the scheduler does not start any more. */
    schedules: new Set<Vantage | Region>(),
    /** How far a vantage's clock is ahead, ms. */
    clocks: new Map<Vantage, number>(),
    webs: new Set<Region>(),
    inspection: { findings: [], heardTiers: [1, 2] } as Inspection,
    /** Nobody can look at all. */
    inspects: false,
    /** The table answers nobody. */
    table: false,
  };
  /** By vantage, then by check; what is not named is up. */
  const sights = new Map<Vantage, Record<string, Sight>>();

  const note = () => {};
  const queues = Object.fromEntries(
    VANTAGES.map((id) => [id, createQueue<VantageMessage>({ ...QUEUE, name: id, clock, note })]),
  ) as Record<Vantage, LocalQueue<VantageMessage>>;
  const wakes = ARBITERS.map((id) => createQueue<WakeMessage>({ ...QUEUE, name: id, clock, note }));

  const metrics = createMetrics({
    alarms: alarmsOf(cell, { periodMs: ALARM_PERIOD_MS }),
    clock,
    periodMs: ALARM_PERIOD_MS,
    onAlarm: async ({ alarm, state }) => void told.push(`alarm ${alarm.id} ${state}`),
  });

  async function runVantage(vantage: Vantage, asked: Cell): Promise<void> {
    const mine: Clock = { ...clock, now: () => clock.now() + (broken.clocks.get(vantage) ?? 0) };
    const look: Look = async (checks) =>
      new Map(
        checks.map(({ key }): [string, Observation] => {
          const [vote, reason, detail] = sights.get(vantage)?.[key] ?? (isDrillKey(key) ? DRILL_SIGHT : ['up', 'ok']);
          return [key, { vote, reason, observedAt: mine.now(), ...(detail !== undefined && { detail }) }];
        }),
      );
    const guarded: Pick<Store, 'readBallot' | 'writeBallot'> = {
      async readBallot(id) {
        if (broken.table) throw new Error('InternalServerError');
        if (broken.rights.has(vantage)) throw new Error('AccessDeniedException');
        // The table's own clock, whatever the vantage's says.
        return { ...(await store.readBallot(id)), serverTime: clock.now() };
      },
      writeBallot: store.writeBallot,
    };
    const prober = createProber({
      cell: asked,
      vantage,
      clock: mine,
      store: guarded,
      look,
      vantages: queues,
      arbiters: wakes,
      emit: note,
    });
    queues[vantage].consume(async (message) => {
      if (broken.functions.has(vantage)) throw new Error('the function does not start');
      await prober.handle(message);
    });
  }

  for (const vantage of VANTAGES) void runVantage(vantage, cell);
  for (const [index, region] of ARBITERS.entries()) {
    let ids = 0;
    const arbiter = createArbiter({
      silencesAt: () => [],
      cell,
      region,
      clock,
      store: {
        ...store,
        async readSnapshot(vantages) {
          if (broken.table) throw new Error('InternalServerError');
          return store.readSnapshot(vantages);
        },
      },
      switches: {
        list: async () => [],
        read: () => Promise.reject(new Error('none')),
        update: () => Promise.reject(new Error('none')),
      },
      pager: {
        async publish({ state, subject, tier }, { text }) {
          told.push(`${state} ${subject}, tier ${tier}: ${text}`);
        },
      },
      hooks: { call: async () => 200 },
      metrics,
      outlets: {
        async inspect() {
          inspections.push(clock.now());
          if (broken.inspects) throw new Error('no answer');
          return structuredClone(broken.inspection);
        },
      },
      ping: async () => void pings.push(clock.now()),
      vantages: queues,
      ...drillsDue(cell),
      knockOnWeb: async () => {
        if (broken.webs.has(region)) throw new Error('HTTP 502');
      },
      linkOf: () => '',
      randomId: () => `${region}${ids++}`,
      emit: note,
    });
    wakes[index]?.consume(async (message) => {
      if (broken.functions.has(region)) throw new Error('the function does not start');
      await arbiter.handle(message);
    });
  }

  /** Scheduler: each plan and each tick is one schedule. */
  const running = [
    ...VANTAGES.map((id) =>
      everyMinute(clock, stop.signal, async (scheduledAt) => {
        if (!broken.schedules.has(id)) await sendAll(queues[id], [{ body: { kind: 'plan', scheduledAt }, delayMs: 0 }]);
      }),
    ),
    ...ARBITERS.map((id, index) =>
      every(clock, stop.signal, MINUTE_MS, index * 10_000, async () => {
        const queue = wakes[index];
        if (!broken.schedules.has(id) && queue) await sendAll(queue, [{ body: { kind: 'tick', from: 'scheduler' }, delayMs: 0 }]);
      }),
    ),
  ];

  return {
    cell,
    broken,
    /** What people were told since this was asked last. */
    told: () => told.splice(0),
    /** How often the third party was told since this was asked last. */
    pings: () => pings.splice(0).length,
    /** How often somebody looked whether pages reach people, since this was asked last. */
    inspections: () => inspections.splice(0).length,
    minutes: (count: number) => clock.advance(count * MINUTE_MS),
    sees(vantage: Vantage, seen: Record<string, Sight>) {
      sights.set(vantage, seen);
    },
    /** This vantage runs another configuration from now on. */
    deploy: (vantage: Vantage, other: Cell) => runVantage(vantage, other),
    async close() {
      stop.abort();
      const queued = [...Object.values(queues), ...wakes].map((each) => each.close());
      const closed = Promise.all([...running, metrics.close(), ...queued]);
      // Rounds that wait for their second are still to wake.
      await clock.advance(2 * MINUTE_MS);
      await closed;
    },
  };
}
