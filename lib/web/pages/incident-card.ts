import { html } from 'hono/html';
import type { IncidentSummary, Status } from '../../core/status.ts';
import type { ACK_PATHS } from '../incidents.ts';
import { ageOf, type Html, pill, timeOf } from './format.ts';

export const incidentPath = (id: string): string => `/incidents/${encodeURIComponent(id)}`;

/** Open incidents with the button to take them, and the last ones that are over. */
export const incidentsCard = (
  { incidents: open, epoch, table, at }: Status,
  closed: readonly IncidentSummary[],
  mayTake: boolean,
): Html => html`
<section class="card" aria-labelledby="incidents-title">
<h2 id="incidents-title" tabindex="-1">Incidents</h2>
${open.length === 0 ? html`<p class="empty">${epoch === null && table !== 'ok' ? 'Not known: the ledger cannot be read.' : 'None is open.'}</p>` : open.map((incident) => openIncident(incident, at, mayTake))}
${
  closed.length > 0 &&
  html`<h3 class="sub">Over</h3><ul class="plain">${closed.map(
    ({ id, node, openedAt, closedAt }) =>
      html`<li><a href="${incidentPath(id)}">${node}</a> <small>${timeOf(openedAt, at)}${closedAt && html`, for ${ageOf(openedAt, closedAt)}`}</small></li>`,
  )}</ul>`
}
</section>`;

const openIncident = (incident: IncidentSummary, at: string, mayTake: boolean): Html => html`
<article class="incident" id="incident-${incident.id}">
<h3><a href="${incidentPath(incident.id)}">${incident.node}</a> ${pill(incident.state === 'closed' ? 'up' : incident.state)} <small>for ${ageOf(incident.openedAt, at)}</small></h3>
${acknowledgement(incident, at, mayTake ? {} : { refused: 'open the link of the page to take it, or write' })}
</article>`;

/** What the visitor may do: `refused` says why nothing. */
export interface Access {
  token?: string | undefined;
  refused?: string | undefined;
}

/** Who took an open incident, or the form to take it: a button, for mail scanners follow links. */
export function acknowledgement(incident: IncidentSummary, at: string, access: Access): Html {
  const { id, state, node, ackedBy, ackedAt } = incident;
  const taken =
    ackedBy !== null && html`<p class="taken">Taken by <b>${ackedBy}</b>${ackedAt && html` at ${timeOf(ackedAt, at)}`}</p>`;
  if (state === 'closed') return taken || html`<p class="taken">It was over before anybody took it.</p>`;
  if (access.refused !== undefined) {
    const how = `npx quorumwatch ack ${id} --by NAME${taken ? ' --end' : ''}`;
    return html`${taken || html`<p class="taken">Nobody has taken it yet.</p>`}<p class="refused">${access.refused}: <code>${how}</code></p>`;
  }
  const words = { label: 'Your name', unseen: ` the incident of ${node}` };
  if (!taken) return ackForm(id, 'ack', access, { ...words, button: 'Acknowledge' });
  return html`${taken}${ackForm(id, 'unack', access, { ...words, button: 'Give it back', unseen: `: page on about ${node}` })}`;
}

function ackForm(
  id: string,
  path: keyof typeof ACK_PATHS,
  { token }: Access,
  { label, button, unseen }: Record<'label' | 'button' | 'unseen', string>,
): Html {
  return html`<form method="post" action="${incidentPath(id)}/${path}" class="ack" id="${path}-${id}">
<label for="${path}-by-${id}">${label}</label>
<input id="${path}-by-${id}" name="by" required maxlength="80" autocomplete="nickname" placeholder="ana">
${token === undefined ? '' : html`<input type="hidden" name="token" value="${token}">`}
<button class="${path === 'ack' ? 'primary' : ''}">${button}<span class="unseen">${unseen}</span></button>
<p class="problem" role="alert" id="problem-${path}-${id}"></p>
</form>`;
}
