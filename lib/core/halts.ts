import type { CastVote } from './ballot.ts';
import type { Check } from './cell.ts';
import { checkStateOf } from './checks.ts';
import { type Draft, tell } from './draft.ts';
import { closeIncident, mayEnd, openIncident, openIncidents, record } from './incidents.ts';
import type { Incident } from './ledger.ts';
import { noteOutage } from './outages.ts';
import { spanMs } from './tally.ts';

/**
 * Chains that stand still have an incident of their own, one a chain, paged like a node's. Their nodes are no worse than degraded
 * by it, so that nothing is taken out, while a node that is really down still is.
 */
export function decideHalts(draft: Draft): void {
  const halted = Map.groupBy(
    draft.cell.checks.filter((check) => isHalted(draft, check)),
    (check) => chainOf(draft, check),
  );
  const open = openIncidents(draft).flatMap((incident) => (incident.halt ? [{ incident, began: incident.halt.checks }] : []));
  for (const [chain, checks] of halted) {
    if (open.some(({ incident }) => incident.node === chain)) noteOutage(draft, chain);
    else openHalt(draft, chain, checks);
  }
  for (const { incident, began } of open) if (!halted.has(incident.node)) closeIfOver(draft, incident, began);
}

const haltedVotes = (draft: Draft, { key }: Check): CastVote[] =>
  Object.values(draft.votes.get(key) ?? {}).filter(({ reason }) => reason === 'chain-halted');

/** Has a quorum said so for `downFor`? */
function isHalted(draft: Draft, check: Check): boolean {
  const votes = haltedVotes(draft, check);
  return votes.length >= check.quorum && spanMs(votes, check.quorum, 0) >= check.downForMs;
}

/** `eosio-chain-aca376f2`, as most of these votes have it: an incident's subject, and part of its id. */
function chainOf(draft: Draft, check: Check): string {
  const ids = haltedVotes(draft, check).map(({ facts: { chainId = '' } = {} }) => String(chainId));
  const countOf = (id: string) => ids.filter((each) => each === id).length;
  const id = ids.reduce((one, other) => (countOf(other) > countOf(one) ? other : one));
  const short = id.replaceAll(/\W/g, '').slice(0, 8);
  return [check.probe.kind, 'chain', short].filter((part) => part !== '').join('-');
}

function openHalt(draft: Draft, chain: string, checks: readonly Check[]): void {
  const { ledger, now } = draft;
  const [detail] = checks.flatMap((check) => haltedVotes(draft, check)).map((vote) => vote.detail);
  const text = `${chain}: ${detail}; nothing is taken out for it`;
  const incident: Incident = { ...openIncident(draft, chain, 'down'), halt: { checks: checks.map(({ key }) => key), text } };
  ledger.incidents[incident.id] = incident;
  tell(draft, incident.id, 'chain halted', text);
  const evidence = checks.map(({ key, quorum }) => {
    const votes = draft.votes.get(key) ?? {};
    return { epoch: ledger.epoch, at: now, check: key, from: checkStateOf(ledger, key), to: 'degraded' as const, quorum, votes };
  });
  record(draft, incident.id, evidence);
}

/** Over when a quorum says something else of a check that it began with; silence is no news. */
function closeIfOver(draft: Draft, incident: Incident, began: readonly string[]): void {
  const checks = draft.cell.checks.filter(({ key }) => began.includes(key));
  const isGone = checks.length === 0;
  if (!isGone && checks.every(({ key }) => draft.live.get(key) === 'unknown')) return;
  if (!isGone && !mayEnd(draft, incident)) return;
  closeIncident(draft, incident.id, isGone ? 'removed' : 'recovered');
  record(draft, incident.id, []);
}
