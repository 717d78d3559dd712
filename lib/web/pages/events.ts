import { html } from 'hono/html';
import type { LoggedEvent } from '../event-log.ts';
import type { InboxMessage } from '../ports.ts';
import { type Html, timeOf } from './format.ts';
import { incidentPath } from './incident-card.ts';

const SHOWN_PAGES = 10;
const SHOWN_EVENTS = 30;

/** The pages that were sent, newest first. */
export const inboxCard = (messages: readonly InboxMessage[], at: string): Html => html`
<section class="card" aria-labelledby="inbox-title">
<h2 id="inbox-title">Inbox</h2>
${
  messages.length === 0
    ? html`<p class="empty">Nobody was paged.</p>`
    : html`<ul class="inbox">${messages
        .slice(-SHOWN_PAGES)
        .reverse()
        .map((message) => messageLine(message, at))}</ul>`
}
</section>`;

const messageLine = ({ at, incident, tier, attempt, subject, text }: InboxMessage, now: string): Html => html`
<li><p class="subject"><a href="${incidentPath(incident)}">${subject}</a></p><p class="text">${text}</p>
<small>${timeOf(new Date(at).toISOString(), now)}, tier ${tier}${attempt > 1 ? `, attempt ${attempt}` : ''}</small></li>`;

/** What happened, newest first. */
export const eventsCard = (events: readonly LoggedEvent[], at: string): Html => html`
<section class="card" aria-labelledby="events-title">
<h2 id="events-title">Events</h2>
${
  events.length === 0
    ? html`<p class="empty">Nothing happened yet.</p>`
    : html`<ol class="log">${events
        .slice(-SHOWN_EVENTS)
        .reverse()
        .map(
          (event) =>
            html`<li id="event-${event.id}">${timeOf(new Date(event.at).toISOString(), at)} <span>${describe(event)}</span></li>`,
        )}</ol>`
}
</section>`;

function describe(event: LoggedEvent): Html {
  switch (event.event) {
    case 'transition':
      return html`<b>${event.check === undefined ? event.node : `${event.node}/${event.check}`}</b> ${event.from} → ${event.to} <small>epoch ${event.epoch}</small>`;
    case 'page':
      return html`<b>page</b> ${event.subject}`;
    case 'flip':
      return html`<b>flip</b> ${event.node} ${event.inService ? 'is back in' : 'is out of'} ${event.record} <small>epoch ${event.epoch}</small>`;
    case 'hook':
      return html`<b>hook</b> ${event.hook} for ${event.node}: ${event.status}`;
    case 'hold':
      return html`<b>hold</b> ${event.node} in ${event.record}, ${event.rule}: ${event.why}`;
    case 'note':
      return html`${event.text}`;
    case 'ballot':
      return html`<b>ballot</b> ${event.vantage}`;
  }
}
