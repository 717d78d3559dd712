/** L1 and L3 for what only some cells have: a node that lags, a chain that stands still, a heartbeat that stops. */
import { type Cell, type ChainSpec, type Check, isChain } from '../core/cell.ts';
import { BLOCK_MS } from './chain.ts';
import { endOf } from './invariants/silences.ts';
import { isWell, type Proof, recoveryMs, SLACK_MS, slowestMs } from './proof.ts';

const MINUTE_MS = 60_000;

type Prove = (proof: Proof) => Promise<void>;

/** What can be proved of this cell beside what can be of every. */
export function extraProofs(cell: Cell): Prove[] {
  const hasChain = cell.checks.some(({ probe }) => isChain(probe));
  const hasHeartbeat = cell.checks.some(({ probe }) => probe.kind === 'heartbeat');
  return [...(hasChain ? [lagging, standing] : []), ...(hasHeartbeat ? [unheard] : [])];
}

/** Until a quorum has seen it for `downFor`. */
const noticedMs = (cell: Cell): number =>
  2 * slowestMs(cell) + Math.max(...cell.checks.map(({ downForMs }) => downForMs)) + SLACK_MS;

const chainChecks = ({ checks }: Cell): (Check & { probe: ChainSpec })[] =>
  checks.filter((check): check is Check & { probe: ChainSpec } => isChain(check.probe));

/** A node that answers well is too many blocks behind the others. */
async function lagging(proof: Proof): Promise<void> {
  const { world, cell, random, wait } = proof;
  const { key, node, probe } = random.pick(chainChecks(cell));
  // A second look compares with heads of the round before: only what is a round above the limit is seen by all looks.
  const over = world.chain.lag(node, (probe.expect.blocksBehind.down ?? 0) * BLOCK_MS + 1.5 * cell.intervalMs);
  await wait(noticedMs(cell));
  expectDown(proof, key, 'is behind its chain for everybody');
  over();
  await expectUp(proof, key);
}

/** Nobody makes a block any more: people hear of it, and no node is taken for down. */
async function standing(proof: Proof): Promise<void> {
  const { world, watch, cell, fail, wait } = proof;
  const checks = chainChecks(cell);
  const over = world.chain.halt(world.timeline.now());
  const limitMs = Math.max(...checks.map(({ probe }) => probe.expect.headAge.downMs ?? 0));
  await wait(limitMs + noticedMs(cell) + MINUTE_MS);
  const ledger = world.table.ledger();
  for (const { key } of checks)
    if (ledger?.checks[key]?.state === 'down') fail('L1', `${key} is down, and it is its chain that stands still`);
  const halt = Object.values(ledger?.incidents ?? {}).find((incident) => incident.halt && incident.state !== 'closed');
  const isTold = watch.deeds.sent.some(({ incident, state }) => incident === halt?.id && state === 'down');
  if (!halt || (!isTold && halt.ackedAt === undefined && !isSilenced(proof, halt.node)))
    fail('L3', 'the chain stands still, and nobody was paged');
  over(world.timeline.now());
  for (const { key } of checks) await expectUp(proof, key);
}

/** A node tells nothing of itself any more. */
async function unheard(proof: Proof): Promise<void> {
  const { world, cell, random, wait } = proof;
  const { key, probe } = random.pick(cell.checks.filter((check) => check.probe.kind === 'heartbeat'));
  const over = world.senders.stop(key, 'nothing');
  const lateMs = probe.kind === 'heartbeat' ? (probe.everyMs ?? 0) + probe.graceMs : 0;
  await wait(lateMs + noticedMs(cell));
  expectDown(proof, key, 'is not heard any more');
  over();
  await wait(lateMs);
  await expectUp(proof, key);
}

function expectDown(proof: Proof, key: string, what: string): void {
  const { world, cell, fail } = proof;
  const { state = 'up' } = world.table.ledger()?.checks[key] ?? {};
  if (state !== 'down') fail('L1', `${key} ${what}, and the ledger says ${state}`);
  for (const group of cell.checks.filter(({ probe }) => probe.kind === 'all' && probe.of.includes(key)))
    expectDown(proof, group.key, `needs ${key}, which ${what}`);
}

async function expectUp(proof: Proof, key: string): Promise<void> {
  const { world, cell, fail, wait } = proof;
  await wait(recoveryMs(cell) + SLACK_MS);
  // That only one still says otherwise has to last, and nobody wakes an arbiter for that.
  if (proof.broken.size > 0) await wait(recoveryMs(cell) + 2 * cell.tickMs);
  if (!isWell(proof, key)) fail('L4', `${key} is ${world.table.ledger()?.checks[key]?.state}, and all is well`);
}

/** Does the configuration keep pages about it back, or did it a moment ago? */
export const isSilenced = ({ world, cell }: Pick<Proof, 'world' | 'cell'>, node: string): boolean =>
  cell.silences.some(
    (silence) =>
      (silence.nodes.length === 0 || silence.nodes.includes(node)) &&
      [0, 1, 2, 3].some(
        (minutes) => endOf(silence, world.timeline.now() - minutes * MINUTE_MS) > world.timeline.now() - 2 * MINUTE_MS,
      ),
  );
