import { html } from 'hono/html';
import type { IncidentSummary, Status } from '../../core/status.ts';
import { ageOf, type Html, pill, timeOf } from './format.ts';

export const incidentPath = (id: string): string => `/incidents/${encodeURIComponent(id)}`;

/** Open incidents with the button to take them, and the last ones that are over. */
export const incidentsCard = ({ incidents: open, epoch, table, at }: Status, closed: readonly IncidentSummary[]): Html => html`
<section class="card" aria-labelledby="incidents-title">
<h2 id="incidents-title" tabindex="-1">Incidents</h2>
${open.length === 0 ? html`<p class="empty">${epoch === null && table !== 'ok' ? 'Not known: the ledger cannot be read.' : 'None is open.'}</p>` : open.map((incident) => openIncident(incident, at))}
${
  closed.length > 0 &&
  html`<h3 class="sub">Over</h3><ul class="plain">${closed.map(
    ({ id, node, openedAt, closedAt }) =>
      html`<li><a href="${incidentPath(id)}">${node}</a> <small>${timeOf(openedAt, at)}${closedAt && html`, for ${ageOf(openedAt, closedAt)}`}</small></li>`,
  )}</ul>`
}
</section>`;

const openIncident = (incident: IncidentSummary, at: string): Html => html`
<article class="incident" id="incident-${incident.id}">
<h3><a href="${incidentPath(incident.id)}">${incident.node}</a> ${pill(incident.state === 'closed' ? 'up' : incident.state)} <small>for ${ageOf(incident.openedAt, at)}</small></h3>
${acknowledgement(incident, at)}
</article>`;

/** Who took an open incident, or the form to take it: a button, for mail scanners follow links. */
export function acknowledgement({ id, state, node, ackedBy, ackedAt }: IncidentSummary, at: string, token?: string): Html {
  if (ackedBy !== null)
    return html`<p class="taken">Taken by <b>${ackedBy}</b>${ackedAt && html` at ${timeOf(ackedAt, at)}`}</p>`;
  if (state === 'closed') return html`<p class="taken">It was over before anybody took it.</p>`;
  return html`<form method="post" action="${incidentPath(id)}/ack" class="ack" id="ack-${id}">
<label for="by-${id}">Your name</label>
<input id="by-${id}" name="by" required maxlength="80" autocomplete="nickname" placeholder="ana">
${token === undefined ? '' : html`<input type="hidden" name="token" value="${token}">`}
<button class="primary">Acknowledge<span class="unseen"> the incident of ${node}</span></button>
<p class="problem" role="alert" id="problem-ack-${id}"></p>
</form>`;
}
