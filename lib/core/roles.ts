/**
 * The roles of a failover record's members, as hooks are told them: the names are those that keepalived gives to its notify scripts
 * (keepalived.conf(5), `notify_master`, `notify_backup`, `notify_fault`).
 */
import type { RecordSpec } from './cell.ts';
import { type Draft, tell } from './draft.ts';
import { isGroup } from './groups.ts';
import { isUnfit, memberOf } from './guard.ts';
import { dropOldHooks, hooksFor, oweHooks } from './hooks.ts';
import { incidentOf } from './incidents.ts';
import type { HookIntent, HookRole, Ledger, RecordRoles } from './ledger.ts';
import { oweNotice } from './paging.ts';
import type { ReasonCode } from './reasons.ts';
import { isSettled, runsMinorityConfiguration } from './rollout.ts';
import { serving } from './serving.ts';

/** Reasons of `down` that say nobody got through: a node that answers, however wrongly, may still be at work. */
const UNREACHABLE: ReadonlySet<ReasonCode> = new Set(['connect-refused', 'connect-failed', 'connect-timeout']);

/** Takes the roles of records that it does not know yet from who serves, and tells nobody: a new ledger is no change of roles. */
export function beginRoles(draft: Draft): void {
  const { cell, ledger } = draft;
  if (ledger.adoptedAt === undefined) return;
  for (const record of cell.records) {
    if (ledger.roles?.[record.id] || !hasRoles(draft, record)) continue;
    const master = wantedMaster(draft, record);
    const told = record.members.map(({ node }): [string, HookRole] => [node, node === master ? 'MASTER' : 'BACKUP']);
    ledger.roles = { ...ledger.roles, [record.id]: { master, told: Object.fromEntries(told) } };
  }
}

/** Owes the calls that make every member what it now is. Whoever is no longer MASTER is told first, the next one when that is safe. */
export function decideRoles(draft: Draft): void {
  if (runsMinorityConfiguration(draft)) return;
  if (isSettled(draft)) forgetUnconfigured(draft);
  for (const record of draft.cell.records) {
    const roles = draft.ledger.roles?.[record.id];
    if (roles && hasRoles(draft, record)) decideRecord(draft, record, roles);
  }
}

/** Whoever is no member hears nothing more, not even what it was owed: if it becomes one again, it is told anew what it is. */
function forgetUnconfigured({ cell, ledger }: Draft): void {
  const { roles = {} } = ledger;
  const isConfigured = (id: string, node: string): boolean =>
    cell.records.some((record) => record.id === id && isMember(record, node));
  for (const [id, { told }] of Object.entries(roles)) {
    if (!cell.records.some((record) => record.id === id)) delete roles[id];
    for (const node of Object.keys(told)) if (!isConfigured(id, node)) delete told[node];
  }
  ledger.intents = ledger.intents.filter(
    (each) => each.kind !== 'hook' || each.event !== 'role' || isConfigured(String(each.body.record), each.node),
  );
}

function decideRecord(draft: Draft, record: RecordSpec, roles: RecordRoles): void {
  // Some arbiter may still know it as a member, and go by its pause.
  if (!isMember(record, roles.master) && !isSettled(draft)) return;
  const wanted = wantedMaster(draft, record, roles.master);
  for (const { node } of record.members) {
    if (node === wanted) continue;
    const role = isUnfit(draft, record, node) ? 'FAULT' : 'BACKUP';
    if (roles.told[node] !== role || isHeardByMore(draft, roles, node)) tellRole(draft, record, roles, node, role);
  }
  if (roles.told[wanted] === 'MASTER') return;
  noteReach(draft, roles);
  if (wanted !== roles.master && !isOutOfTheWay(draft, record, roles)) return;
  tellRole(draft, record, roles, wanted, 'MASTER');
  roles.master = wanted;
  delete roles.asked;
  delete roles.unreachableSince;
}

/** Is nobody MASTER in some record, because the last one is not out of the way yet? */
export const isHandingOver = ({ roles = {} }: Ledger): boolean =>
  Object.values(roles).some(({ told }) => !Object.values(told).includes('MASTER'));

/** Gives up calls that failed for too long, and owes a page for each hook that fails. */
export function giveUpHooks(draft: Draft): void {
  for (const { hook, event, node, body, error } of dropOldHooks(draft)) {
    const what = event === 'role' ? `${node} was not told that it is ${body.role}` : `${event} of ${node} was not told`;
    oweNotice(draft, 'hook-failed', hook, `hook ${hook} failed for 15 min, ${what}: ${error ?? 'no arbiter could call it'}`);
  }
}

const hasRoles = (draft: Draft, { policy, members }: RecordSpec): boolean =>
  policy === 'failover' && members.some(({ node }) => hooksFor(draft, 'role', node).length > 0);

/** One of those that serve, although several may: the one that it is, or the first. */
function wantedMaster(draft: Draft, record: RecordSpec, master?: string): string {
  const candidates = serving(record, ({ node }) => memberOf(draft, record, node)?.inService ?? true);
  return candidates.reduce((one, other) => (other.node === master ? other : one)).node;
}

/** What it was told before and has not heard yet is overtaken: nobody hears MASTER after it is over. */
function tellRole(draft: Draft, record: RecordSpec, roles: RecordRoles, node: string, role: HookRole): void {
  const { ledger } = draft;
  const overtaken = pendingFor(draft, record, node);
  ledger.intents = ledger.intents.filter((intent) => !overtaken.some(({ id }) => id === intent.id));
  roles.told[node] = role;
  if (node === roles.master) roles.asked = hooksFor(draft, 'role', node).map(({ id }) => id);
  const incident = incidentOf(draft, node);
  const text = `${node} is ${role} of ${record.name}`;
  oweHooks(draft, 'role', node, { text, record: record.id, role, ...(incident && { incident: incident.id }) });
  if (incident) tell(draft, incident.id, `told ${role}`, record.name);
}

/** Is this the call that tells this node its role in this record? */
const isRoleCall = ({ body, event, node: about }: HookIntent, record: string, node: string): boolean =>
  body.record === record && event === 'role' && about === node;

const pendingFor = ({ ledger }: Draft, { id }: RecordSpec, node: string): HookIntent[] =>
  ledger.intents.filter((intent): intent is HookIntent => intent.kind === 'hook' && isRoleCall(intent, id, node));

const isMember = ({ members }: RecordSpec, node: string): boolean => members.some((member) => member.node === node);

/** Does a hook that was not asked wait for the last MASTER's pause by now? */
const isHeardByMore = (draft: Draft, { master, asked }: RecordRoles, node: string): boolean =>
  node === master && hooksFor(draft, 'role', node).some(({ id }) => !asked?.includes(id));

/** May somebody else be MASTER? Without a fence once the last one was called, with it once every hook has answered for it. */
function isOutOfTheWay(draft: Draft, record: RecordSpec, roles: RecordRoles): boolean {
  const { master, unreachableSince } = roles;
  if (!isMember(record, master)) return true;
  const pending = pendingFor(draft, record, master);
  if (!record.fence) return pending.every(({ tries }) => tries > 0);
  const isPaused = pending.length === 0 && hooksFor(draft, 'role', master).length > 0;
  return isPaused || draft.now - (unreachableSince ?? draft.now) >= record.fence.timeoutMs;
}

/** For how long has nobody reached the last MASTER? A single answer begins the count anew. */
function noteReach(draft: Draft, roles: RecordRoles): void {
  const failingSince = unreachableSince(draft, roles.master);
  if (failingSince === undefined) delete roles.unreachableSince;
  else roles.unreachableSince = Math.max(roles.unreachableSince ?? draft.now, failingSince);
}

/** Since when does a quorum get no connection, at any check that makes one? What no decision saw in between, the votes tell. */
function unreachableSince({ cell, votes }: Draft, node: string): number | undefined {
  const checks = cell.checks.filter((check) => check.node === node && check.probe.kind !== 'heartbeat' && !isGroup(check));
  const sinces = checks.map(({ key, quorum }) => {
    const failed = Object.values(votes.get(key) ?? {}).filter(({ reason }) => UNREACHABLE.has(reason));
    return failed.map(({ since }) => since).sort((a, b) => a - b)[quorum - 1];
  });
  return sinces.length === 0 || sinces.includes(undefined) ? undefined : Math.max(...sinces.map(Number));
}
