/** L1–L7: once a majority, one arbiter, the table, Route 53 and SNS work, the rest may stay broken, and everything still happens. */
import { type Cell, memberKey, type RecordSpec } from '../core/cell.ts';
import type { Ledger, MemberEntry, Page } from '../core/ledger.ts';
import { heardMs } from '../core/schedule.ts';
import { heal } from './healing.ts';
import { isOfDrill } from './invariants/drill-check.ts';
import { checksOf } from './nature.ts';
import { isWell, type Proof, recoveryMs, SLACK_MS, slowestMs } from './proof.ts';
import { extraProofs, isSilenced } from './proofs.ts';
import type { Answer } from './route53.ts';
import { checkRoles, expectHooked, hooksOwed } from './tellings.ts';
import type { Watch } from './watch.ts';
import type { World } from './world.ts';

const MINUTE_MS = 60_000;
/** What is planned, late or in flight when the healing begins is over after this. */
const CLEARING_MS = 5 * MINUTE_MS;
/** By then the alarm of a member that is back is over, too. */
const ALARM_MS = 4 * MINUTE_MS;
/** A drill lives for five minutes; then its end has to be decided and told. */
const DRILL_MS = 8 * MINUTE_MS;
/** A hold that lasts longer is not waited for. */
const PATIENCE_MS = 10 * MINUTE_MS;

/** Heals a random majority and one arbiter, and demands what must then come true; violations go to the watch. `calm` ends all faults. */
export async function proveAlive(world: World, watch: Watch, calm: () => void = () => {}): Promise<void> {
  const random = world.random.fork();
  const proof: Proof = {
    ...{ world, watch, random, ...heal(world, random, calm) },
    fail: (rule, what) => void watch.violations.push({ rule, at: world.timeline.now(), what }),
    wait: (ms) => world.timeline.runUntil(world.timeline.now() + ms),
  };
  await settle(proof);
  if (watch.violations.length > 0) return;
  await random.pick([downAndBack, downAndBack, byHand, blind, drilled, ...extraProofs(proof.cell)])(proof);
}

const membersOf = (cell: Cell): { record: RecordSpec; node: string; key: string }[] =>
  cell.records.flatMap((record) => record.members.map(({ node }) => ({ record, node, key: memberKey(record.id, node) })));

function ledgerOf({ world }: Proof): Ledger | undefined {
  return world.table.ledger();
}

const answerOf = ({ world }: Proof, key: string): Answer | undefined =>
  world.route53.answers().find(({ record, node }) => memberKey(record, node) === key);

/** As its switch says; its alarm may follow later. */
const isShownIn = (proof: Proof, key: string): boolean | undefined => answerOf(proof, key)?.inService;

/** As DNS answers. */
function isAnswered(proof: Proof, key: string): boolean {
  const { inService = false, isAlarmed } = answerOf(proof, key) ?? {};
  return inService && !isAlarmed;
}

/** Everything is well: the ledger says so, members return, nothing stays owed. */
async function settle(proof: Proof): Promise<void> {
  const { world, cell, fail, wait } = proof;
  const expectTold = hooksOwed(proof);
  await wait(CLEARING_MS); // by then a hand that flipped a switch is noticed (L5), and can be restored
  for (const node of nodesByHand(proof)) world.order({ kind: 'restore', node, ...world.somebody() });
  await wait(MINUTE_MS + recoveryMs(cell) + 3 * cell.tickMs);
  await holdsOver(proof);
  const ledger = ledgerOf(proof);
  if (!ledger) return fail('L4', 'there is no ledger');
  for (const { key } of cell.checks) {
    if (!isWell(proof, key)) fail('L4', `${key} is ${ledger.checks[key]?.state}, and all is well`);
  }
  for (const { record, key } of membersOf(cell)) checkServing(proof, ledger, record, key);
  checkNothingStuck(proof, ledger);
  expectTold();
  checkRoles(proof);
}

/** Nodes that stay where a person wants them until one says otherwise. */
function nodesByHand(proof: Proof): Set<string> {
  const { manual = {}, members = {} } = ledgerOf(proof) ?? {};
  const held = membersOf(proof.cell).filter(({ record, node, key }) => {
    const waitsForHand = record.guard.failback === 'manual' && members[key]?.inService === false;
    return manual[node] !== undefined || members[key]?.foreign === true || waitsForHand;
  });
  return new Set(held.map(({ node }) => node));
}

/** How long its last flip still holds this member, and until the third tick after that: ticks may be late. */
const holdLeftMs = (proof: Proof, key: string): number => {
  const until = (ledgerOf(proof)?.members[key]?.holdUntil ?? 0) + 3 * proof.cell.tickMs;
  return Math.max(0, until - proof.world.timeline.now());
};

const isOut = (proof: Proof, key: string): boolean => ledgerOf(proof)?.members[key]?.inService === false;

/** Waits for the holds of all members that are out and may be waited for. */
async function holdsOver(proof: Proof): Promise<void> {
  const out = membersOf(proof.cell).filter(({ key }) => isOut(proof, key));
  const holds = out.map(({ key }) => holdLeftMs(proof, key)).filter((ms) => ms <= PATIENCE_MS);
  const longestMs = Math.max(0, ...holds);
  if (longestMs > 0) await proof.wait(longestMs);
}

/** L4, L2: in service, and Route 53 says so. */
function checkServing(proof: Proof, ledger: Ledger, record: RecordSpec, key: string): void {
  const entry: MemberEntry | undefined = ledger.members[key];
  const isIn = entry?.inService ?? true;
  if (!isIn && record.guard.mode === 'act' && holdLeftMs(proof, key) === 0)
    proof.fail('L4', `${key} is well and out of service: ${entry?.held ?? entry?.why}`);
  const answer = answerOf(proof, key);
  if (answer?.inService !== isIn) proof.fail('L2', `${key}: the ledger says ${isIn ? 'in' : 'out'}, Route 53 does not`);
  const isBack = isIn && proof.world.timeline.now() - (entry?.at ?? 0) > ALARM_MS;
  if (isBack && answer?.isAlarmed && !answer.isExcused) proof.fail('L2', `${key} is in service, and its alarm keeps it out`);
}

/** L4: no intent is stuck for more than two ticks. */
function checkNothingStuck({ world, cell, fail }: Proof, ledger: Ledger): void {
  for (const { id, kind, at, error } of ledger.intents) {
    const ageMs = world.timeline.now() - at;
    if (ageMs > 2 * cell.tickMs + SLACK_MS) fail('L4', `${kind} ${id} is owed since ${Math.round(ageMs / 1_000)} s: ${error}`);
  }
}

/** A node goes down for everybody, and comes back. */
async function downAndBack(proof: Proof): Promise<void> {
  const { world, watch, cell, random, fail, wait } = proof;
  const { record, node, key } = random.pick(membersOf(cell));
  const before = ledgerOf(proof);
  const mustLeave = before !== undefined && mayLeave(proof, before, record, key);
  const isControlLost = random.chance(0.4);
  const begunAt = world.timeline.now();
  if (isControlLost) world.weather.down.add('route53');
  const checks = whatBreaks(proof, record, node);
  const over = world.nature.trouble({ checks, vote: 'down' });
  const downForMs = Math.max(...cell.checks.map((check) => check.downForMs));
  await wait(2 * slowestMs(cell) + downForMs + SLACK_MS);
  const during = ledgerOf(proof);
  for (const check of cell.checks.filter((each) => checks.has(each.key) && each.probe.kind !== 'heartbeat')) {
    const { state = 'up' } = during?.checks[check.key] ?? {};
    if (state !== 'down') fail('L1', `${check.key} is down for everybody, and the ledger says ${state}`);
  }
  const out = during?.members[key];
  if (mustLeave && out?.inService !== false) fail('L1', `${key} may leave, and stays: ${out?.held ?? 'nothing holds it'}`);

  await wait(MINUTE_MS);
  const isQuiet = (during?.silences[node]?.until ?? 0) > world.timeline.now() - 2 * MINUTE_MS || isSilenced(proof, node);
  const incident = during?.nodes[node]?.incident ?? '';
  const { digest, flapping, openedAt = begunAt } = ledgerOf(proof)?.incidents[incident] ?? {};
  const isAbout = (page: Page): boolean => [incident, digest].includes(page.incident) && page.state === 'down';
  const isNews = watch.deeds.sentSince(begunAt).some(isAbout);
  // An incident that comes and goes outlasts the healing, and so do what was told of it and who took it.
  const isTold = isNews || (flapping === true && openedAt < begunAt && watch.deeds.sent.some(isAbout));
  const isTaken = (during?.incidents[incident]?.ackedAt ?? 0) + cell.paging.ackLapsesMs > world.timeline.now();
  if (!isQuiet && !isTold && !isTaken)
    fail('L3', `${node} is down, and nobody was paged${isControlLost ? ' while Route 53 fails' : ''}`);

  await wait(2 * cell.tickMs + MINUTE_MS);
  if (isNews) expectHooked(proof, [incident, ledgerOf(proof)?.incidents[incident]?.digest]);
  checkRoles(proof);
  if (
    mustLeave &&
    isControlLost &&
    !watch.deeds.sent.some(
      ({ state, subject, together }) => state === 'flip-failed' && (subject === key || together?.nodes.includes(key)),
    )
  )
    fail('L2', `${key} cannot be taken out, and no page says so`);
  // Without a control plane it is out all the same, by its alarm.
  if (mustLeave && isAnswered(proof, key)) fail('L2', `${key} is taken out, and Route 53 answers with it`);

  world.weather.down.delete('route53');
  over();
  await back(proof, record, key);
}

/** The whole node, or one check that its record requires. */
function whatBreaks({ cell, random }: Proof, { requires }: RecordSpec, node: string): Set<string> {
  const isOne = random.chance(0.3);
  const required = cell.checks.find((check) => check.key === `${node}/${requires[0]}` && check.probe.kind === 'tcp');
  return isOne && required ? new Set([required.key]) : checksOf(cell, [node]);
}

/** Independent of the guard: nothing that DESIGN.md names holds this member in service. */
function mayLeave({ world, cell }: Proof, ledger: Ledger, record: RecordSpec, key: string): boolean {
  const now = world.timeline.now();
  const members = membersOf(cell);
  const others = members.filter((each) => each.record.id === record.id && each.key !== key);
  const entry = ledger.members[key];
  const isQuiet = now > (ledger.pausedUntil ?? 0) && ledger.intents.every(({ kind }) => kind !== 'flip');
  const isSettled = ledger.adoptedAt !== undefined && now > ledger.bornAt + 4 * cell.intervalMs;
  // Whoever has returned or was found a moment ago may still be kept out by its alarm: nobody leaves for its sake.
  const areAllIn = members.every((each) => {
    const { inService = true, at = ledger.adoptedAt ?? now } = ledger.members[each.key] ?? {};
    return inService && now - at > ALARM_MS;
  });
  const isFree = now > (entry?.holdUntil ?? 0) && !entry?.foreign && record.guard.mode === 'act';
  // The node may be a member of several records: more than half of few members.
  const leaving = members.filter(({ node }) => key.endsWith(`/${node}`)).length;
  const isMassFailure = members.length > 3 && leaving / members.length >= 0.55;
  return isQuiet && isSettled && areAllIn && isFree && !isMassFailure && others.length >= record.guard.minInService;
}

/** L4: healthy, and its hold over: back in service. */
async function back(proof: Proof, record: RecordSpec, key: string): Promise<void> {
  const { world, cell, wait } = proof;
  await wait(recoveryMs(cell) + cell.tickMs);
  const holdMs = (ledgerOf(proof)?.members[key]?.holdUntil ?? 0) - world.timeline.now();
  if (holdMs > PATIENCE_MS) return;
  await wait(Math.max(0, holdMs));
  if (record.guard.failback === 'manual')
    world.order({ kind: 'restore', node: key.slice(record.id.length + 1), ...world.somebody() });
  await wait(3 * cell.tickMs + slowestMs(cell) + SLACK_MS);
  const ledger = ledgerOf(proof);
  if (!ledger) return proof.fail('L4', 'there is no ledger');
  checkServing(proof, ledger, record, key);
  checkNothingStuck(proof, ledger);
  checkRoles(proof);
}

/** L5: somebody flips a switch by hand; it is noticed, told, and left so. */
async function byHand(proof: Proof): Promise<void> {
  const { world, watch, cell, random, fail, wait } = proof;
  const { record, node, key } = random.pick(membersOf(cell));
  const inService = isShownIn(proof, key) === false;
  world.route53.byHand(record.id, node, inService);
  await wait(5 * MINUTE_MS);
  const entry = ledgerOf(proof)?.members[key];
  if (!entry?.foreign || entry.inService !== inService) fail('L5', `${key} was flipped by hand, and the ledger does not know`);
  if (!watch.deeds.sent.some(({ state, subject }) => state === 'foreign-hand' && subject === key))
    fail('L5', `${key} was flipped by hand, and nobody was told`);
  if (isShownIn(proof, key) !== inService) fail('L5', `${key} was flipped by hand, and flipped back`);
}

/** A fire drill goes down the whole path; who was taken out for it is back when it is over. */
async function drilled(proof: Proof): Promise<void> {
  const { world, watch, cell, random, fail, wait } = proof;
  const { record, node, key } = random.pick(membersOf(cell));
  const earlier = ledgerOf(proof)?.drill;
  if (earlier && earlier.endedAt === undefined) await wait(DRILL_MS);
  const before = ledgerOf(proof);
  const flip = before !== undefined && mayLeave(proof, before, record, key) && random.chance(0.5);
  const told = watch.deeds.sent.length;
  world.order({ kind: 'drill', node, tier: 1, flip, hooks: false, ...world.somebody() });
  await wait(DRILL_MS);
  const ledger = ledgerOf(proof);
  const { ended, by, hops = {} } = ledger?.drill ?? {};
  if (!ledger || by === 'schedule') return; // another one was under way
  if (ended !== 'through') fail('L1', `a drill of ${node} ended ${ended}, after ${Object.keys(hops)}`);
  const pages = watch.deeds.sent.slice(told).filter(({ subject }) => isOfDrill(subject));
  for (const state of ['down', 'recovered'])
    if (!pages.some((page) => page.state === state)) fail('L3', `a drill of ${node}, and no page says ${state}`);
  if (!flip) return;
  if (hops.in === undefined || ledger.members[key]?.inService === false)
    fail('L4', `a drill took ${key} out, and it is not back`);
  checkServing(proof, ledger, record, key);
}

/** L6: fewer than Q vantages are heard: an alarm says so that needs none of them. */
async function blind(proof: Proof): Promise<void> {
  const { world, cell, random, fail, wait } = proof;
  const told = world.monitor.notices().length;
  for (const vantage of random.shuffled(cell.vantages).slice(cell.quorum - 1)) world.weather.dead.add(vantage);
  await wait(heardMs(cell) + 6 * MINUTE_MS);
  if (!world.monitor.notices().slice(told).includes('blind ALARM'))
    fail('L6', `fewer than ${cell.quorum} vantages are heard, and no alarm says so`);
}
