import { html } from 'hono/html';
import type { EvidenceDetail, IncidentDetail } from '../incidents.ts';
import { ageOf, type Html, icon, pill, timeOf } from './format.ts';
import { type Access, acknowledgement, incidentPath } from './incident-card.ts';
import { voteLines } from './votes.ts';

/** One incident: what was seen, what was decided, who takes it. This is where the link of a page leads. */
export const incidentMain = (incident: IncidentDetail, at: string, access: Access): Html => html`
<section class="headline is-${incident.state === 'closed' ? 'up' : incident.state}">
${icon(incident.state === 'closed' ? 'up' : incident.state)}
<div><h1>${incident.node} ${stateOf(incident)}</h1>
<p>Opened ${timeOf(incident.openedAt, at)}${
  incident.closedAt
    ? html`, closed ${timeOf(incident.closedAt, at)} after ${ageOf(incident.openedAt, incident.closedAt)}`
    : html`, ${ageOf(incident.openedAt, at)} ago`
}. <small>${incident.id}</small></p></div>
</section>
<div class="columns">
<div class="first">
${incident.together ? togetherCard(incident.together) : evidenceCard(incident, at)}
</div>
<div class="aside">
<section class="card" aria-labelledby="take-title"><h2 id="take-title" tabindex="-1">Who takes it</h2>${acknowledgement(incident, at, access)}</section>
<section class="card" aria-labelledby="timeline-title"><h2 id="timeline-title">Timeline</h2>
<ol class="log">${incident.timeline.map(
  (entry) =>
    html`<li>${timeOf(entry.at, at)} <span><b>${entry.what}</b>${entry.detail ? `: ${entry.detail}` : ''} <small>epoch ${entry.epoch}</small></span></li>`,
)}</ol>
</section>
</div>
</div>`;

const stateOf = ({ state, together }: IncidentDetail): string => {
  const [was, is] = together ? ['were', 'are'] : ['was', 'is'];
  if (state === 'closed') return `${was} down; it is over.`;
  return `${is} ${state}.`;
};

/** A digest has no evidence of its own: each of its incidents has. */
const togetherCard = (incidents: readonly { id: string; node: string }[]): Html => html`
<section class="card" aria-labelledby="together-title"><h2 id="together-title">Opened together</h2>
<ul class="plain">${incidents.map(({ id, node }) => html`<li><a href="${incidentPath(id)}">${node}</a></li>`)}</ul>
</section>`;

const evidenceCard = ({ evidence }: IncidentDetail, at: string): Html => html`
<section class="card" aria-labelledby="evidence-title"><h2 id="evidence-title">Evidence</h2>
${evidence.length === 0 ? html`<p class="empty">None is written yet.</p>` : evidence.map((each) => evidenceBlock(each, at))}
</section>`;

/** For who came second: it is as it was. `query`: of the link, with its token. */
export const unchangedMain = ({ id, node, ackedBy, ackedAt }: IncidentDetail, at: string, query: string): Html => html`
<section class="headline is-unknown"><div><h1>Nothing changed.</h1>
<p>${ackedBy === null ? html`Nobody has taken ${node}.` : html`${node} was taken by <b>${ackedBy}</b>${ackedAt && html` at ${timeOf(ackedAt, at)}`}.`}
<a href="${incidentPath(id)}${query}">To the incident</a></p></div></section>`;

const evidenceBlock = ({ check, from, to, at, epoch, quorum, votes }: EvidenceDetail, now: string): Html => html`
<section class="check">
<h3>${check} ${pill(from)} → ${pill(to)} <small>${timeOf(at, now)}, epoch ${epoch}, ${quorum} of ${Object.keys(votes).length} decide</small></h3>
${voteLines(votes, now)}
</section>`;
