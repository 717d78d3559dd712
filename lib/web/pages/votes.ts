import { html } from 'hono/html';
import { REASONS } from '../../core/reasons.ts';
import type { VoteStatus } from '../../core/status.ts';
import { type Html, pill, timeOf } from './format.ts';

/** Votes with their reasons, a line for those that say the same: `down`, who says it and when, why. */
export const voteLines = (votes: Record<string, VoteStatus>, now: string): Html => html`
<ul class="lines">${[...alike(votes).values()].map((group) => voteLine(group, now))}</ul>`;

type Group = [vantage: string, vote: VoteStatus][];

function alike(votes: Record<string, VoteStatus>): Map<string, Group> {
  return Map.groupBy(Object.entries(votes), ([, { vote, reason, detail }]) => JSON.stringify([vote, reason, detail]));
}

function voteLine(group: Group, now: string): Html {
  const [first] = group;
  if (!first) return html``;
  const [, { vote, reason, detail }] = first;
  const times = group.flatMap(([, { observedAt }]) => observedAt ?? []).sort();
  const [from, to] = [times[0], times.at(-1)];
  return html`
<li>${pill(vote, vote === 'abstain' ? 'no vote' : vote)}<span class="who">${group.map(([vantage], index) => html`${index ? ', ' : ''}<span class="name">${vantage}</span>`)}<small>${
    from && to ? html`${timeOf(from, now)}${from.slice(0, 19) === to.slice(0, 19) ? '' : html` to ${timeOf(to, now)}`}` : 'never'
  }</small></span><span class="why"><code>${reason}</code> ${detail ?? REASONS[reason]}</span></li>`;
}
