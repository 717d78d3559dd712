import type { Cell } from '../core/cell.ts';
import { REASONS } from '../core/reasons.ts';
import { spanMs } from '../core/tally.ts';
import { duration } from '../core/times.ts';
import type { EvidenceDetail, IncidentDetail } from '../web/incidents.ts';
import { timeText } from './time-text.ts';

type Votes = EvidenceDetail['votes'];

/** Why each check of an incident changed: what every vantage said, when, and which rule that met. */
export function evidenceLines({ evidence, openedAt }: IncidentDetail, cell: Cell, now: string): string[] {
  if (evidence.length === 0) {
    const isYoung = Date.parse(now) - Date.parse(openedAt) < 60_000;
    return [`  No votes are written down${isYoung ? ' yet: look again in a moment' : ': no check changed by votes'}.`];
  }
  return evidence.flatMap((each) => transitionLines(each, cell, now));
}

function transitionLines(evidence: EvidenceDetail, cell: Cell, now: string): string[] {
  const { check, from, to, at, votes } = evidence;
  const groups = [
    ...Map.groupBy(Object.entries(votes), ([, { vote, reason, detail }]) => JSON.stringify([vote, reason, detail])),
  ];
  return [
    `  ${check} went from ${from} to ${to} at ${timeText(at, now)}: ${ruleText(evidence)}`,
    ...groups.flatMap(([, group]) => voteLines(Object.fromEntries(group), now)),
    ...(to === 'down' ? [`    ${spanText(evidence, cell)}`] : []),
  ];
}

/** How many said so, of how many, and how many are needed. */
function ruleText({ to, votes, quorum }: EvidenceDetail): string {
  const all = Object.values(votes);
  const said = (wanted: readonly string[]): number => all.filter(({ vote }) => wanted.includes(vote)).length;
  const of = `of ${all.length} vantages`;
  if (to === 'down') return `${said(['down'])} ${of} saw it down, ${quorum} must agree.`;
  if (to === 'unknown') return `only ${said(['up', 'degraded', 'down'])} ${of} could say anything, ${quorum} must.`;
  return `${said(['up', 'degraded'])} ${of} saw it work, ${quorum} must agree.`;
}

/** The vantages that said the same, with when they saw it and what the reason means. */
function voteLines(group: Votes, now: string): string[] {
  const [first] = Object.values(group);
  if (!first) return [];
  const { vote, reason, detail } = first;
  const times = Object.values(group)
    .flatMap(({ observedAt }) => observedAt ?? [])
    .sort();
  const [from, to] = [times[0], times.at(-1)].map((each) => each && timeText(each, now));
  const when = from === undefined ? 'never' : from === to ? `at ${from}` : `${from} to ${to}`;
  const word = vote === 'abstain' ? 'no vote' : vote;
  return [
    `    ${word.padEnd(8)}  ${Object.keys(group).join(', ')} (${when}): ${detail ?? REASONS[reason]}`,
    ...(detail === undefined || reason === 'ok' ? [] : [`              ${reason}: ${REASONS[reason]}`]),
  ];
}

/** For how long a quorum had seen it, against `downFor`, and how long it took from the first look to the decision. */
function spanText({ votes, quorum, at, check }: EvidenceDetail, cell: Cell): string {
  const down = Object.values(votes)
    .filter(({ vote }) => vote === 'down')
    .map((vote) => ({ ...vote, observedAt: Date.parse(vote.observedAt ?? ''), since: Date.parse(vote.since ?? '') }));
  const firstAt = Math.min(...down.map(({ since }) => since));
  const asked = cell.checks.find(({ key }) => key === check)?.downForMs;
  const rule = asked === undefined ? '' : ` (downFor asks for ${duration(asked)})`;
  const decided = `decided ${duration(Date.parse(at) - firstAt)} after the first vantage saw it`;
  return `A quorum saw it for ${duration(spanMs(down, quorum, 0))}${rule}; ${decided}.`;
}
