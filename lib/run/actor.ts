import { type Cell, memberKey } from '../core/cell.ts';
import { errorText } from '../core/error-text.ts';
import { HOOK_LIFE_MS } from '../core/hooks.ts';
import { type Ended, headOf, mayAct, type Outcome, settleAll } from '../core/intents.ts';
import type { DrillIntent, FlipIntent, HookIntent, Intent, Ledger, PageIntent, RecordIntent } from '../core/ledger.ts';
import { messageOf } from '../core/messages.ts';
import type { Clock, Emit, Hooks, Pager, Queue, Store, Switches, VantageMessage } from '../ports.ts';
import { sendAll, sendToEach } from './send.ts';
import { within } from './within.ts';

/** What acts need of the world. */
export interface ActorPorts {
  cell: Cell;
  clock: Clock;
  store: Store;
  switches: Switches;
  pager: Pager;
  hooks: Hooks;
  /** Where people read about an incident, or about all that there is. */
  linkOf: (incident: string | undefined) => string;
  /** The vantages' queues, for drills; absent where there are none. */
  vantages?: Readonly<Record<string, Queue<VantageMessage>>>;
  emit: Emit;
}

/** No act takes longer: well within the lease. */
const ACT_TIMEOUT_MS = 10_000;
/** A page that is older says what nobody should act on any more. */
const STALE_MS = 15 * 60_000;
const SETTLE_TRIES = 8;
/** Longer than a drill's check must be down, by the second in which a look may be quicker than the one before. */
const DRILL_AGAIN_MS = 4_000;
const VERSION_TRIES = 3;

/** What an act came to, or that it is no longer ours to do. */
type Done = Outcome | 'abandoned';

/** Carries out the intents of leased lanes: checks right before each act that it is still owed, and settles it in the ledger. */
export function createActor(ports: ActorPorts, arbiter: string): { workOff(lane: string): Promise<void> } {
  const { store, clock, emit } = ports;
  const settle = createSettler(ports, arbiter);
  let reading: Promise<Ledger | undefined> | undefined;

  async function workOff(lane: string): Promise<void> {
    for (;;) {
      const ledger = await readLedger();
      const intent = ledger && headOf(ledger, lane);
      if (!intent || !isOursUntilDone(ledger, intent)) return;
      const outcome = await attempt(intent, ledger);
      if (outcome === 'abandoned') return;
      const isSettled = await settle(intent.id, outcome);
      if (isSettled && outcome.done && intent.kind === 'flip') emitFlip(intent);
      if (!outcome.done) return;
    }
  }

  /** An act that outlived its lease would be done by two at once. */
  function isOursUntilDone(ledger: Ledger, { id }: Intent): boolean {
    const now = clock.now();
    return mayAct(ledger, id, arbiter, now) && mayAct(ledger, id, arbiter, now + ACT_TIMEOUT_MS);
  }

  /** An act that fails or hangs is a failed act, never a failed arbiter: other lanes go on. */
  async function attempt(intent: Intent, ledger: Ledger): Promise<Done> {
    try {
      return await within(clock, ACT_TIMEOUT_MS, act(intent, ledger));
    } catch (error) {
      return { done: false, error: errorText(error) };
    }
  }

  function act(intent: Intent, ledger: Ledger): Promise<Done> {
    switch (intent.kind) {
      case 'flip':
        return flip(intent);
      case 'page':
        return page(intent);
      case 'hook':
        return hook(intent);
      case 'record':
        return record(intent, ledger);
      case 'drill':
        return askForDrill(intent);
    }
  }

  /** GetHealthCheck, then the ledger, then the update with that version: whatever changes in between makes the update fail. */
  async function flip({ id, record, node, inService, supersedes }: FlipIntent): Promise<Done> {
    for (let tries = 0; tries < VERSION_TRIES; tries++) {
      const current = await ports.switches.read(record, node);
      const ledger = await readLedger();
      if (!ledger || !mayAct(ledger, id, arbiter, clock.now())) return 'abandoned';
      // Reads may lag. One that is older than what the ledger knows for sure proves nothing: the update finds out.
      const isOld = current.version < (ledger.members[memberKey(record, node)]?.confirmed?.version ?? 0);
      if (current.inService === inService && !supersedes && !isOld) return { done: true, version: current.version };
      const answer = await ports.switches.update({ record, node, inService, version: current.version });
      if (answer.result === 'updated') return { done: true, version: answer.version };
    }
    return {
      done: false,
      error: `the switch of ${record}/${node} was changed by somebody else, or shown as it was before, ${VERSION_TRIES} times in a row`,
    };
  }

  async function page({ at, page }: PageIntent): Promise<Done> {
    const { incident, state, tier, attempt, quiet, openedAt } = page;
    // A notice is no incident that could be looked at.
    const message = messageOf(page, ports.linkOf(openedAt === undefined ? undefined : incident), ports.cell.paging.timezone);
    if (clock.now() - at > STALE_MS) {
      emit({ event: 'note', text: `not sent, too old: ${message.subject}` });
      return { done: true };
    }
    await ports.pager.publish(page, message);
    const { subject, text } = message;
    emit({ event: 'page', incident, state, tier, ...(quiet && { quiet }), attempt, subject, text });
    return { done: true };
  }

  async function hook(intent: HookIntent): Promise<Done> {
    const { id: key, at, hook: id, node, event, body } = intent;
    // The next decision gives it up, and says so.
    if (event !== 'role' && clock.now() - at >= HOOK_LIFE_MS) return 'abandoned';
    const link = typeof body.incident === 'string' ? ports.linkOf(body.incident) : '';
    const status = await ports.hooks.call(id, { ...body, ...(link && { link }) }, key);
    emit({ event: 'hook', hook: id, node, status });
    return status < 300 ? { done: true } : { done: false, error: `hook ${id} answered HTTP ${status}` };
  }

  async function record({ epoch, incident: id, evidence, replay }: RecordIntent, ledger: Ledger): Promise<Done> {
    const incident = ledger.incidents[id];
    if (incident) await store.writeIncident(incident, evidence, replay === undefined ? undefined : { epoch, json: replay });
    return { done: true };
  }

  /** Every vantage looks now, and again once the down votes can span what they must; those that cannot be asked are missed. */
  async function askForDrill({ drill, node }: DrillIntent): Promise<Done> {
    const now = clock.now();
    const messages = [0, DRILL_AGAIN_MS].map((delayMs) => ({
      body: { kind: 'drill', drill, ...(node !== undefined && { node }), lookAfter: now + delayMs } as const,
      delayMs,
    }));
    await sendToEach(
      Object.values(ports.vantages ?? {}).map((queue) => sendAll(queue, messages)),
      emit,
    );
    return { done: true };
  }

  /** Lanes that ask at the same moment share a read: it begins after all of them asked. */
  function readLedger(): Promise<Ledger | undefined> {
    reading ??= Promise.resolve().then(() => {
      reading = undefined;
      return readableLedger(store);
    });
    return reading;
  }

  const emitFlip = ({ record, node, inService, epoch }: FlipIntent): void =>
    emit({ event: 'flip', record, node, inService, epoch });

  return { workOff };
}

/**
 * Settles acts in the ledger; true if the act was still owed. Lanes work side by side and would only get into each other's way:
 * what ends while a write is under way is settled together by the next.
 */
function createSettler({ store, clock }: ActorPorts, by: string): (id: string, outcome: Outcome) => Promise<boolean> {
  let waiting: Ended[] = [];
  let turn: Promise<ReadonlySet<string>> = Promise.resolve(new Set());

  /** The ledger has other writers: read, settle, compare and set, until it holds. */
  async function settleWaiting(): Promise<ReadonlySet<string>> {
    const ended = waiting;
    waiting = [];
    for (let tries = 0; tries < SETTLE_TRIES; tries++) {
      const ledger = await readableLedger(store);
      const owed = ended.filter(({ id }) => ledger?.intents.some((intent) => intent.id === id)).map(({ id }) => id);
      const next = ledger && settleAll(ledger, ended, clock.now());
      if (!next || (await store.writeLedger(next)) === 'written') return new Set(owed);
    }
    throw new Error(`${ended.length} acts ended, but the ledger did not take it: they will be done again`);
  }

  return async (id, outcome) => {
    waiting.push({ id, outcome, by });
    if (waiting.length === 1) turn = turn.then(settleWaiting, settleWaiting);
    return (await turn).has(id);
  };
}

async function readableLedger(store: Pick<Store, 'readLedger'>): Promise<Ledger | undefined> {
  const ledger = await store.readLedger();
  return typeof ledger === 'string' ? undefined : ledger;
}
