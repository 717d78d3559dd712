import type { NewAct } from '../core/acts.ts';
import type { Cell, Check } from '../core/cell.ts';
import { isChain } from '../core/cell.ts';
import type { QuorumEvent } from '../core/events.ts';
import type { Observation } from '../core/merge.ts';
import { drillsDue } from '../heartbeats/drills.ts';
import { withHeartbeats } from '../heartbeats/look.ts';
import type { Clock, Look, Queue, VantageMessage, WakeMessage } from '../ports.ts';
import { createArbiter } from '../run/arbiter.ts';
import { createProber } from '../run/prober.ts';
import { createSignals } from '../run/signals.ts';
import { activeSilences } from '../silences/active.ts';
import { createSenders, type Senders } from './beats.ts';
import { type Chain, createChain, withHead } from './chain.ts';
import type { Coverage } from './coverage.ts';
import { isCanary } from './extras.ts';
import { isOfDrill } from './invariants/drill-check.ts';
import { createInvocations, type Invocations } from './invocations.ts';
import { createNature, type Nature } from './nature.ts';
import { createHooks, createMonitor, createPager, type Monitor, type Outside } from './outlets.ts';
import { createQueue, type FedQueue } from './queues.ts';
import type { Random } from './random.ts';
import { createRoute53, type Route53 } from './route53.ts';
import { createStoredTable } from './stored-table.ts';
import { createTable, type Table } from './table.ts';
import { createTimeline, START_MS, type Timeline } from './timeline.ts';
import type { Watch } from './watch.ts';
import { createWeather, type Weather } from './weather.ts';

/** Everything that is simulated, around the handlers that run in production. */
export interface World {
  readonly random: Random;
  readonly timeline: Timeline;
  readonly weather: Weather;
  readonly nature: Nature;
  readonly chain: Chain;
  readonly table: Table;
  readonly senders: Senders;
  readonly route53: Route53;
  readonly monitor: Monitor;
  readonly hooks: Outside;
  /** The configuration that it starts with, and what may be rolled out over it. */
  readonly cell: Cell;
  readonly cells: readonly Cell[];
  /** Of the first configuration. */
  readonly vantages: readonly string[];
  readonly arbiters: readonly string[];
  /** From now on this vantage or arbiter runs that configuration. */
  deploy(place: string, configuration: number): void;
  /** Which configuration a place runs. */
  cellOf(place: string): Cell;
  /** A person asks for something, through the web. */
  order(act: NewAct): void;
  somebody(): { at: number; by: string };
}

export interface WorldOptions {
  random: Random;
  /** The configuration that it starts with, and what may be rolled out over it. */
  cells: readonly Cell[];
  coverage: Coverage;
  watch: (timeline: Timeline) => Watch;
  onStrike: () => void;
  /** Is the table behind the store of production, JSON and all? Else it is simulated whole, which is much faster. */
  isStored?: boolean;
}

const MINUTE_MS = 60_000;

export function createWorld(options: WorldOptions): World {
  const { random, coverage } = options;
  const timeline = createTimeline(START_MS);
  const watch = options.watch(timeline);
  const { cells } = options;
  const [cell] = cells as [Cell, ...Cell[]];
  const weather = createWeather(random.fork(), (fault) => {
    coverage.count('faults', fault);
    options.onStrike();
  });
  const shared = { timeline, weather, random: random.fork(), coverage, watch };
  const invocations = createInvocations(shared);
  const ports = { ...shared, invocations };
  const nature = createNature(random.fork());
  const chain = createChain();
  const table = options.isStored ? createStoredTable(cell, ports) : createTable(ports);
  const senders = createSenders(cell, { timeline, invocations, beats: table });
  const route53 = createRoute53({ ...ports, cells });
  const monitor = createMonitor(cell, ports);
  const pager = createPager(ports);
  const hooks = createHooks(ports);

  const places = [...new Set(cells.flatMap(({ vantages }) => vantages))];
  const deployed = new Map([...places, ...cell.arbiters].map((place) => [place, cell]));
  const cellOf = (place: string): Cell => deployed.get(place) ?? cell;
  const queues: Record<string, FedQueue<VantageMessage>> = {};
  const wakes: FedQueue<WakeMessage>[] = [];
  const randomId = (): string => random.below(2 ** 30).toString(36);

  function emit(event: QuorumEvent): void {
    if (event.event === 'hold') coverage.count('guards', event.rule);
    if (event.event === 'note' && event.text.startsWith('Route 53 cannot be compared'))
      watch.wentOnWithoutSwitches(invocations.current());
  }

  function startProber(vantage: string): (message: VantageMessage) => Promise<void> {
    const clock = invocations.clockOf(vantage);
    const vantages = Object.fromEntries(Object.entries(queues).map(([id, { port }]) => [id, port]));
    const arbiters = wakes.map(({ port }) => port);
    const runs = cellOf(vantage);
    const connect = lookFrom(vantage, { invocations, nature, chain, weather, clock, random: random.fork() });
    const watched = withHeartbeats(connect, { beats: table, clock });
    const look: Look = async (checks, deadline) => {
      watch.lookBegan(invocations.current(), clock.now());
      const seen = await watched(checks, deadline);
      watch.looked(invocations.current(), runs, seen);
      return seen;
    };
    const prober = createProber({ cell: runs, vantage, clock, store: table, look, vantages, arbiters, emit });
    return (message) => {
      watch.asked(invocations.current(), message.kind === 'round' ? message.due : undefined);
      return prober.handle(message);
    };
  }

  function startArbiter(region: string): (message: WakeMessage) => Promise<void> {
    const told = invocations.clockOf(region);
    const clock: Clock = {
      ...told,
      now() {
        const now = told.now();
        watch.clockRead(invocations.current(), now);
        return now;
      },
    };
    const runs = cellOf(region);
    const ports = {
      cell: runs,
      region,
      clock,
      store: table,
      switches: route53,
      pager,
      hooks,
      metrics: monitor,
      silencesAt(now: number) {
        const active = activeSilences(runs.silences, now);
        watch.silenced(invocations.current(), active);
        return active;
      },
      linkOf: (incident: string | undefined) => `https://status.example.org/${incident}`,
      vantages: Object.fromEntries(Object.entries(queues).map(([id, { port }]) => [id, watchedForDrills(port, watch)])),
      ...(runs.drills && { drillDueAt: drillDueAt(runs) }),
      randomId: () => {
        const id = randomId();
        if (watch.isDecider(invocations.current())) watch.began(invocations.branch(), runs);
        watch.drew(invocations.current(), id);
        return id;
      },
      emit,
    };
    const { say, returned } = createSignals(ports);
    const arbiter = createArbiter(ports, {
      say,
      returned(ledger, now) {
        const keys = returned(ledger, now);
        watch.returned(invocations.current(), keys);
        return keys;
      },
    });
    return (message) => arbiter.handle(message);
  }

  /** As production reads it. */
  function drillDueAt(runs: Cell): (now: number) => number {
    const due = drillsDue(runs).drillDueAt as (now: number) => number;
    return (now) => {
      const at = due(now);
      watch.drillDue(invocations.current(), at);
      return at;
    };
  }

  /** A Lambda's process: it keeps its memory from one message to the next, until it is replaced. */
  function keepProcess<M>(place: string, start: (place: string) => (message: M) => Promise<void>): Process<M> {
    let handle: ((message: M) => Promise<void>) | undefined;
    let runs: Cell | undefined;
    return {
      handle(message) {
        if (!handle || runs !== cellOf(place) || weather.strikes('process replaced')) handle = start(place);
        runs = cellOf(place);
        watch.began(invocations.current(), cellOf(place));
        return handle(message);
      },
      onCrash() {
        handle = undefined;
      },
    };
  }

  for (const place of places) {
    const process = keepProcess(place, startProber);
    const handle = async (message: VantageMessage): Promise<void> => {
      const lateMs = weather.lateMs.get(place);
      if (lateMs !== undefined && message.kind === 'round')
        await invocations.clockOf(place).sleep(Math.max(0, message.due - timeline.now()) + lateMs);
      await process.handle(message);
    };
    queues[place] = createQueue({ ...ports, ...process, place, role: 'prober', maxConcurrency: 16, batchSize: 1, handle });
  }
  for (const place of cell.arbiters)
    wakes.push(
      createQueue({ ...ports, ...keepProcess(place, startArbiter), place, role: 'arbiter', maxConcurrency: 2, batchSize: 10 }),
    );

  /** EventBridge Scheduler: anywhere within its minute. */
  function schedule(scheduledAt: number): void {
    const fire = (send: () => void): void => {
      if (weather.strikes('schedule lost')) return;
      const lateMs = weather.strikes('schedule late') ? random.between(30_000, 150_000) : 0;
      const times = weather.strikes('schedule doubled') ? 2 : 1;
      for (let time = 0; time < times; time++) timeline.at(scheduledAt + random.below(MINUTE_MS - 1_000) + lateMs, send);
    };
    for (const place of places)
      if (cellOf(place).vantages.includes(place)) fire(() => queues[place]?.deliver({ kind: 'plan', scheduledAt }, 0));
    for (const queue of wakes) fire(() => queue.deliver({ kind: 'tick', from: 'scheduler' }, 0));
    timeline.at(scheduledAt + MINUTE_MS, () => schedule(scheduledAt + MINUTE_MS));
    table.backUp();
  }
  timeline.at(START_MS, () => {
    for (const place of cell.vantages) queues[place]?.deliver({ kind: 'plan', scheduledAt: START_MS - MINUTE_MS }, 0);
    schedule(START_MS);
  });

  return {
    random,
    timeline,
    weather,
    nature,
    chain,
    table,
    senders,
    route53,
    monitor,
    hooks,
    cell,
    cells,
    vantages: cell.vantages,
    arbiters: cell.arbiters,
    cellOf,
    deploy(place, configuration) {
      const to = cells[configuration];
      if (to) deployed.set(place, to);
    },
    order(act) {
      const work = async (): Promise<void> => void (await table.appendAct(act));
      invocations.start('web', 'web', work, () => {
        for (const queue of wakes) queue.deliver({ kind: 'wake', from: 'web' }, 0);
      });
    },
    somebody: () => ({ at: timeline.now(), by: 'ann' }),
  };
}

const watchedForDrills = ({ send }: Queue<VantageMessage>, watch: Watch): Queue<VantageMessage> => ({
  send(messages) {
    for (const { body } of messages) if (body.kind === 'drill') watch.drillAsked(body.drill);
    return send(messages);
  },
});

interface Process<M> {
  handle: (message: M) => Promise<void>;
  onCrash: () => void;
}

interface Looker {
  invocations: Invocations;
  nature: Nature;
  chain: Chain;
  weather: Weather;
  clock: Clock;
  random: Random;
}

/** Looks at all checks at once. A vantage that cannot reach anything cannot reach its canaries either, if it has any. */
function lookFrom(vantage: string, { invocations, nature, chain, weather, clock, random }: Looker): Look {
  const see = (check: Check): Observation => {
    const observedAt = clock.now();
    if (isOfDrill(check.node)) return { vote: 'down', reason: 'connect-refused', detail: 'connection refused', observedAt };
    if (weather.cutOf(vantage, 'targets')) return { vote: 'down', reason: 'connect-timeout', detail: 'timed out', observedAt };
    const lie = isCanary(check) ? undefined : weather.lies.get(vantage);
    if (lie === 'down') return { vote: 'down', reason: 'status', detail: 'HTTP 500', observedAt };
    if (lie === 'up') return { vote: 'up', reason: 'ok', observedAt };
    const now = observedAt - (weather.skewMs.get(vantage) ?? 0);
    const seen = { ...nature.see(vantage, check, now), observedAt };
    return isChain(check.probe) ? withHead(check.probe, seen, chain.head(check.node, now)) : seen;
  };
  return (checks) =>
    invocations.call('queues', 'look', () => {
      const slowMs = random.between(20, 400);
      const seen = new Map(checks.map((check) => [check.key, see(check)]));
      return { answer: seen, slowMs };
    });
}
