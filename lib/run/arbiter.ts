import type { Ballot } from '../core/ballot.ts';
import { type Decider, decide } from '../core/decide.ts';
import { errorText } from '../core/error-text.ts';
import type { ActiveSilence, Read, SwitchState } from '../core/inputs.ts';
import { type Inspection, isInspectionDue } from '../core/inspection.ts';
import { isHookLane, lanesHeldBy } from '../core/intents.ts';
import type { Ledger } from '../core/ledger.ts';
import { isHandingOver } from '../core/roles.ts';
import { heardMs } from '../core/schedule.ts';
import { heardBallots, lastHeardAt } from '../core/votes.ts';
import type { Knock, Metric, Metrics, Outlets, Snapshot, WakeMessage } from '../ports.ts';
import { type ActorPorts, createActor } from './actor.ts';
import { createSignals } from './signals.ts';
import { within } from './within.ts';

export interface ArbiterPorts extends ActorPorts {
  region: string;
  metrics: Metrics;
  /** The configured silences that are on at that time, ms since 1970. */
  silencesAt: (now: number) => ActiveSilence[];
  /** Who is asked hourly whether pages reach people; absent where nobody is configured. */
  outlets?: Outlets;
  /** The third party that is told at every tick that all is well. */
  ping?: Knock;
  /** When the configuration last asked for a fire drill, ms since 1970; absent where it asks for none. */
  drillDueAt?: (now: number) => number;
  /** This region's web part, asked at every tick whether it answers. */
  knockOnWeb?: Knock;
  /** Unguessable and never the same twice. */
  randomId: () => string;
}

/** Another arbiter decided meanwhile: decide anew on what it left. */
const COMMIT_TRIES = 4;
/** Route 53 is compared with the ledger this often (L5 allows 5 minutes). */
const SWITCHES_EVERY_TICKS = 2;
/** A comparison that takes longer is left out: pages wait for it. */
const COMPARISON_MS = 3_000;
const MEASURING_MS = 3_000;
const KNOCK_MS = 5_000;
const INSPECTION_MS = 10_000;
/** An inspection that failed is not made again at every wake. */
const INSPECTION_PAUSE_MS = 5 * 60_000;

/**
 * The arbiter of one region: reads everything at once, decides, commits by compare-and-set, carries out what it leased. `signals`: whoever
 * simulates it listens in.
 */
export function createArbiter(
  ports: ArbiterPorts,
  signals = createSignals(ports),
): { handle(message: WakeMessage): Promise<void> } {
  const { cell, clock, store } = ports;
  let comparedAt = Number.NEGATIVE_INFINITY;
  let inspectedAt = Number.NEGATIVE_INFINITY;

  /** The ledger as it stands then, with the ballots that it was judged by; none if others were faster each time. */
  async function commit(
    me: Decider,
    inspection?: Inspection,
  ): Promise<{ ballots: Snapshot['ballots']; ledger: Ledger | undefined }> {
    let switches: SwitchState[] | undefined;
    for (let tries = 1; ; tries++) {
      const snapshot = await readSnapshot();
      if (tries === 1) switches = await readSwitches(snapshot);
      const { ballots, acts, ledger: before } = snapshot;
      const now = clock.now();
      const silences = ports.silencesAt(now);
      const returned = signals.returned(before, now);
      const inputs = {
        ballots,
        acts,
        ...(silences.length > 0 && { silences }),
        ...(switches && { switches }),
        ...(returned.length > 0 && { returned }),
        ...(ports.drillDueAt && { drillDueAt: ports.drillDueAt(now) }),
        ...(inspection && { inspection }),
      };
      const { ledger, events } = decide(cell, inputs, before, now, me);
      // Nothing can be decided over an unreadable ledger: that counts as nobody heard.
      if (before === 'unreadable') return { ballots: {}, ledger: undefined };
      if (!ledger) return { ballots, ledger: before === 'missing' ? undefined : before };
      if ((await store.writeLedger(ledger)) === 'written') {
        for (const event of events) ports.emit(event);
        return { ballots, ledger };
      }
      if (tries === COMMIT_TRIES) return { ballots, ledger: undefined };
    }
  }

  /** Without the table nobody is heard: that is said at once, not left to missing data. */
  async function readSnapshot(): Promise<Snapshot> {
    try {
      return await store.readSnapshot(cell.vantages);
    } catch (error) {
      await measure({});
      throw error;
    }
  }

  /** At birth and after a roll-out at once, later every few ticks; no answer is no comparison. */
  async function readSwitches({ ledger }: Snapshot): Promise<SwitchState[] | undefined> {
    if (typeof ledger !== 'string' && clock.now() - comparedAt < comparesEveryMs(ledger)) return undefined;
    comparedAt = clock.now(); // also when it fails: asking at every wake would only add to Route 53's trouble
    try {
      return await within(clock, COMPARISON_MS, ports.switches.list());
    } catch (error) {
      ports.emit({ event: 'note', text: `Route 53 cannot be compared with the ledger: ${errorText(error)}` });
      return undefined;
    }
  }

  function comparesEveryMs({ adoptedAt, configuration }: Ledger): number {
    if (adoptedAt === undefined) return 0;
    const isSeen = configuration?.hash === cell.configHash && configuration.unseen === undefined;
    return isSeen ? SWITCHES_EVERY_TICKS * cell.tickMs : cell.intervalMs;
  }

  /** Silence is never health: these are what the alarms miss when nobody looks. */
  async function measure(ballots: Snapshot['ballots'], ledger?: Ledger): Promise<void> {
    try {
      await within(clock, MEASURING_MS, putMetrics(ballots, ledger));
    } catch (error) {
      ports.emit({ event: 'note', text: `the metrics were not published: ${errorText(error)}` });
    }
  }

  async function putMetrics(ballots: Snapshot['ballots'], ledger?: Ledger): Promise<void> {
    const now = clock.now();
    // Nobody has been silent for longer than the ledger lives: a first deployment is not blind before its vantages had a round.
    const isYoung = ledger !== undefined && now - ledger.bornAt <= heardMs(cell);
    const awaited = isYoung ? cell.vantages.filter((vantage) => ballots[vantage] === 'missing').length : 0;
    await ports.metrics.put([
      { name: 'Tick', value: 1, dimensions: { region: ports.region } },
      // Of a table that was read there is at least a word for each vantage.
      { name: 'Readable', value: Object.keys(ballots).length > 0 ? 1 : 0, dimensions: {} },
      { name: 'Heard', value: heardBallots(cell, ballots, now).length + awaited, dimensions: {} },
      ...cell.vantages.flatMap((vantage) => ballotAge(vantage, ballots[vantage], now)),
    ]);
  }

  return {
    async handle({ kind }) {
      // Before the ledger is read: what is read later may be newer than this time says, never older.
      const at = clock.now();
      const me = invocation();
      const { ballots, ledger } = await commit(me);
      const isTick = kind === 'tick';
      const acts = ledger ? [signals.say(ledger, at), workOff(ledger, me)] : [];
      await allDone([measure(ballots, ledger), ...acts, ...(isTick ? [ping(ballots), knockOnWeb()] : [])]);
      if (isTick && ledger) await inspect(ledger);
    },
  };

  /** Says to a third party that all is well: not of a table that cannot be read, nor while fewer than a quorum are heard. */
  async function ping(ballots: Snapshot['ballots']): Promise<void> {
    if (!ports.ping || heardBallots(cell, ballots, clock.now()).length < cell.quorum) return;
    await within(clock, KNOCK_MS, ports.ping()).catch((error) =>
      ports.emit({ event: 'note', text: `the third party was not told that all is well: ${errorText(error)}` }),
    );
  }

  /** Nobody would notice that people cannot acknowledge and heartbeats are lost: an alarm waits for this metric. */
  async function knockOnWeb(): Promise<void> {
    if (!ports.knockOnWeb) return;
    try {
      await within(clock, KNOCK_MS, ports.knockOnWeb());
      await within(clock, MEASURING_MS, ports.metrics.put([{ name: 'Web', value: 1, dimensions: { region: ports.region } }]));
    } catch (error) {
      ports.emit({ event: 'note', text: `the web part does not answer: ${errorText(error)}` });
    }
  }

  /** Looks, when it is time, whether pages reach people; what is found is decided upon like anything else. After all acts: none waits for it. */
  async function inspect(ledger: Ledger): Promise<void> {
    const now = clock.now();
    if (!ports.outlets || !isInspectionDue(ledger, now) || now - inspectedAt < INSPECTION_PAUSE_MS) return;
    inspectedAt = now;
    try {
      const inspection = await within(clock, INSPECTION_MS, ports.outlets.inspect());
      const me = invocation();
      const { ledger: next } = await commit(me, inspection);
      if (next) await workOff(next, me);
    } catch (error) {
      ports.emit({ event: 'note', text: `whether pages reach people was not looked at: ${errorText(error)}` });
    }
  }

  /** Carries out what it leased. Whoever waits for a pause that is confirmed by it does not wait for the next tick, too. */
  async function workOff(ledger: Ledger, { arbiter }: Decider, mayHandOver = true): Promise<void> {
    const actor = createActor(ports, arbiter);
    const lanes = lanesHeldBy(ledger, arbiter, clock.now());
    const hooks = lanes.filter(isHookLane).map(actor.workOff);
    const handOver = async () => {
      await allDone(hooks);
      const at = clock.now();
      const me = invocation(); // not the one whose other lanes are still under way
      const { ledger: next } = await commit(me);
      if (next) await allDone([signals.say(next, at), workOff(next, me, false)]);
    };
    const works = lanes.filter((lane) => !isHookLane(lane)).map(actor.workOff);
    await allDone([...works, ...(mayHandOver && hooks.length > 0 && isHandingOver(ledger) ? [handOver()] : hooks)]);
  }

  function invocation(): Decider {
    return { arbiter: `${ports.region}/${ports.randomId()}`, nonce: ports.randomId() };
  }
}

function ballotAge(vantage: string, ballot: Read<Ballot> | undefined, now: number): Metric[] {
  if (typeof ballot !== 'object') return [];
  return [{ name: 'BallotAge', value: (now - lastHeardAt(ballot)) / 1_000, dimensions: { vantage } }];
}

/** All of it to its end, then the first failure: a Lambda freezes what is still under way when its handler returns. */
async function allDone(works: readonly Promise<void>[]): Promise<void> {
  for (const work of await Promise.allSettled(works)) if (work.status === 'rejected') throw work.reason;
}
