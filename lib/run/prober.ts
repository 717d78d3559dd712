import type { Ballot } from '../core/ballot.ts';
import { type Cell, type Check, isChain } from '../core/cell.ts';
import { drillCheck, withDrill } from '../core/drill.ts';
import { errorText } from '../core/error-text.ts';
import { looksFor } from '../core/groups.ts';
import { roundTimes } from '../core/history.ts';
import { type Merged, mergeRun, type Run } from '../core/merge.ts';
import { checksDueAt, deadlineMs, duesOf, HISTORY_WRITE_MS, isLate, planWindow, ROUND_OVERHEAD_MS } from '../core/schedule.ts';
import { CLOCK_TOLERANCE_MS } from '../core/votes.ts';
import type { Clock, Emit, History, Look, Queue, Store, VantageMessage, WakeMessage } from '../ports.ts';
import { canaryFault } from './canaries.ts';
import { createOpinionBudget } from './opinion-budget.ts';
import { sendAll, sendToEach } from './send.ts';
import { within } from './within.ts';

export interface ProberPorts {
  cell: Cell;
  vantage: string;
  clock: Clock;
  store: Pick<Store, 'readBallot' | 'writeBallot'>;
  /** Where it is kept how long looks took; without it nothing is. */
  history?: Pick<History, 'write'>;
  look: Look;
  /** The vantages' queues, its own among them. */
  vantages: Readonly<Record<string, Queue<VantageMessage>>>;
  arbiters: readonly Queue<WakeMessage>[];
  emit: Emit;
}

/** A `Date` header has whole seconds: the time it means lies up to this much later. */
const DATE_RESOLUTION_MS = 1_000;
/** Only runs of the same vantage compete for its ballot, and each conflict means that one of them is done. */
const WRITE_TRIES = 24;

/** The prober of one vantage: plans its rounds, looks, casts its ballot, asks for second opinions and wakes the arbiters. */
export function createProber(ports: ProberPorts): { handle(message: VantageMessage): Promise<void> } {
  const { cell, vantage, clock } = ports;
  const { canaries = [] } = cell;
  const mine = cell.checks.filter(({ vantages }) => vantages.includes(vantage));
  const lookedAt = new Map<string, number>();
  const budget = createOpinionBudget(clock, mine.length);
  let lastDue = Number.NEGATIVE_INFINITY;

  async function plan(scheduledAt: number): Promise<void> {
    const now = clock.now();
    // What a plan that came late has missed is missed: looking now would not make it on time.
    const planned = duesOf(cell, vantage, ...planWindow(scheduledAt));
    const dues = planned.filter((due) => due >= now);
    const isEarly = scheduledAt - now > CLOCK_TOLERANCE_MS;
    if (isEarly || dues.length < planned.length) await checkClock();
    if (isEarly) return; // its rounds would lie beyond what a queue delays
    await sendAll(
      own(),
      dues.map((due) => ({ body: { kind: 'round', due }, delayMs: due - now })),
    );
  }

  /** Whoever sleeps through its rounds because its clock is far off says so: it would look dead, which is another thing to mend. */
  async function checkClock(): Promise<void> {
    const fault = clockFault((await ports.store.readBallot(vantage)).serverTime);
    if (fault) await cast(fault);
  }

  async function round(due: number): Promise<void> {
    if (due <= lastDue) return; // delivered twice
    const before = lastDue;
    lastDue = due;
    try {
      // A new process may bring a new configuration: its first round asks everything, whatever the cadence.
      await lookAround(due, before === Number.NEGATIVE_INFINITY ? mine : checksDueAt(cell, vantage, due));
    } catch (error) {
      if (lastDue === due) lastDue = before; // delivered again, it is no duplicate
      throw error;
    }
  }

  async function lookAround(due: number, checks: readonly Check[]): Promise<void> {
    await clock.sleep(Math.max(0, due - clock.now()));
    const startedAt = clock.now();
    if (isLate(due, startedAt, cell.intervalMs)) {
      // As of its due time: a message that wandered about takes nothing from rounds that were on time since.
      await cast({ kind: 'abstention', reason: 'late', detail: `${startedAt - due} ms after its due time`, at: due });
      return;
    }
    // The top cadence always: a round without due checks still says that this vantage looks.
    const intervalsMs = [...new Set([cell.intervalMs, ...checks.map(({ intervalMs }) => intervalMs)])];
    const references = looksFor(cell, checks).some(({ probe }) => isChain(probe)) ? (cell.references ?? []) : [];
    const seen = await lookAt(checks, references);
    const { ballot, turnedDown } = await cast(distrust(seen) ?? { kind: 'round', startedAt, intervalsMs, seen });
    if (turnedDown.length > 0) await ask(turnedDown);
    if (!ballot.abstention) await keepTimes(startedAt, seen);
  }

  /** Last of all, and whatever becomes of it: no vote waits for it, and none depends on it. */
  async function keepTimes(startedAt: number, seen: Awaited<ReturnType<Look>>): Promise<void> {
    if (!ports.history) return;
    try {
      await within(clock, HISTORY_WRITE_MS, ports.history.write(roundTimes(cell, vantage, startedAt, seen)));
    } catch (error) {
      ports.emit({ event: 'note', text: `history: a round was not kept: ${errorText(error)}` });
    }
  }

  async function opinion(keys: readonly string[], lookAfter: number): Promise<void> {
    if (clock.now() - lookAfter > cell.intervalMs) return; // a round of our own has answered it
    await clock.sleep(Math.max(0, lookAfter - clock.now()));
    const open = mine.filter(({ key }) => keys.includes(key) && (lookedAt.get(key) ?? 0) < lookAfter);
    const checks = budget.take(open);
    if (checks.length === 0) return;
    const seen = await lookAt(checks);
    await cast(distrust(seen) ?? { kind: 'opinion', seen });
  }

  /** A look at what fails by design, for a fire drill: a real one, whose vote goes the way of all votes. */
  async function drill({ drill: id, node, lookAfter }: Extract<VantageMessage, { kind: 'drill' }>): Promise<void> {
    if (clock.now() - lookAfter > cell.intervalMs) return;
    await clock.sleep(Math.max(0, lookAfter - clock.now()));
    const ref = { id, ...(node !== undefined && { node }) };
    const seen = await lookAt([drillCheck(cell, ref)]);
    await cast(distrust(seen) ?? { kind: 'opinion', seen }, withDrill(cell, ref));
  }

  function lookAt(checks: readonly Check[], references: readonly Check[] = []): ReturnType<Look> {
    const now = clock.now();
    for (const { key } of checks) lookedAt.set(key, now);
    const rounds = checks.map(({ intervalMs }) => deadlineMs(cell, intervalMs) - ROUND_OVERHEAD_MS);
    const longestMs = Math.max(0, ...rounds, ...canaries.map(({ attempts, timeoutMs }) => attempts * timeoutMs));
    return ports.look([...looksFor(cell, checks), ...references, ...canaries], now + longestMs + ROUND_OVERHEAD_MS / 2);
  }

  /** What is cast in place of what was seen while the vantage's own link is down (S5). */
  function distrust(seen: Awaited<ReturnType<Look>>): Run | undefined {
    const detail = canaryFault(canaries, seen);
    return detail === undefined ? undefined : { kind: 'abstention', reason: 'canaries', detail, at: clock.now() };
  }

  /** Merges a run into the ballot by compare-and-set: overlapping runs of this vantage lose nothing of one another. */
  async function cast(run: Run, asked: Cell = cell): Promise<Merged> {
    for (let tries = 0; tries < WRITE_TRIES; tries++) {
      const { ballot: prior, serverTime } = await ports.store.readBallot(vantage);
      if (prior === 'unreadable') throw new Error(`the ballot of ${vantage} cannot be read: delete its item to start anew`);
      const merged = mergeRun(asked, vantage, prior === 'missing' ? undefined : prior, clockFault(serverTime) ?? run);
      if ((await ports.store.writeBallot(merged.ballot)) === 'conflict') continue;
      announce(merged.ballot);
      if (merged.wake) await wake();
      return merged;
    }
    throw new Error(`the ballot of ${vantage} was written by others ${WRITE_TRIES} times in a row`);
  }

  /** A vantage that is off the table's clock cannot say when it saw something. */
  function clockFault(serverTime: number | undefined): Run | undefined {
    if (serverTime === undefined) return undefined;
    const aheadMs = clock.now() - serverTime;
    if (aheadMs <= CLOCK_TOLERANCE_MS + DATE_RESOLUTION_MS && aheadMs >= -CLOCK_TOLERANCE_MS) return undefined;
    // By the table's clock: by its own, a vantage that was an hour ahead would abstain for an hour after it was set right.
    return { kind: 'abstention', reason: 'clock', detail: `${aheadMs} ms ahead of the table`, at: serverTime };
  }

  function announce(ballot: Ballot): void {
    const { votes, abstention } = ballot;
    ports.emit({ event: 'ballot', vantage, votes, ...(abstention && { abstention: abstention.reason }) });
  }

  /** Everybody else looks now, and everybody looks again once `downFor` has passed. Who was asked never asks on. */
  async function ask(keys: readonly string[]): Promise<void> {
    const turned = mine.filter(({ key }) => keys.includes(key));
    const now = clock.now();
    const again = wholeSeconds(Math.max(...turned.map(({ downForMs }) => downForMs))) + CONFIRMATION_MARGIN_MS;
    const sends = Object.entries(ports.vantages).map(([other, queue]) => {
      const checks = turned.filter(({ vantages }) => vantages.includes(other)).map(({ key }) => key);
      const delays = other === vantage ? [again] : [0, again];
      const asked = checks.length === 0 ? [] : delays.map((delayMs) => opinionMessage(checks, now, delayMs));
      return sendAll(queue, asked);
    });
    await sendToEach(sends, ports.emit);
  }

  const opinionMessage = (checks: string[], now: number, delayMs: number) => ({
    body: { kind: 'opinion', checks, askedBy: vantage, lookAfter: now + delayMs } as const,
    delayMs,
  });

  async function wake(): Promise<void> {
    const message = { body: { kind: 'wake', from: vantage } as const, delayMs: 0 };
    const sends = ports.arbiters.map((queue) => sendAll(queue, [message]));
    await sendToEach(sends, ports.emit);
  }

  function own(): Queue<VantageMessage> {
    const queue = ports.vantages[vantage];
    if (!queue) throw new Error(`${vantage} has no queue`);
    return queue;
  }

  return {
    async handle(message) {
      if (message.kind === 'plan') await plan(message.scheduledAt);
      else if (message.kind === 'round') await round(message.due);
      else if (message.kind === 'drill') await drill(message);
      else await opinion(message.checks, message.lookAfter);
    },
  };
}

/** A second look that is quicker than the first would end its streak just short of `downFor`. */
const CONFIRMATION_MARGIN_MS = 1_000;

/** SQS delays by whole seconds. */
const wholeSeconds = (ms: number): number => Math.ceil(ms / 1_000) * 1_000;
