import { html } from 'hono/html';
import type { Status } from '../../core/status.ts';
import type { IncidentDetail } from '../incidents.ts';
import type { LatencyReport } from '../latency.ts';
import type { WebPorts } from '../ports.ts';
import { beatsCard } from './beats.ts';
import { eventsCard, inboxCard } from './events.ts';
import { faultsCard } from './faults.ts';
import { type Html, icon } from './format.ts';
import { grid } from './grid.ts';
import { headline } from './headline.ts';
import { incidentsCard } from './incident-card.ts';
import { recordsCard } from './records.ts';

const SHOWN_CLOSED = 5;

export interface Overview {
  status: Status;
  /** As listed by the table, empty where it cannot be reached. */
  incidents: readonly IncidentDetail[];
  /** The nodes whose checks are shown. */
  open: readonly string[];
  latency: LatencyReport | undefined;
}

/** The main page: everything at a glance. */
export function overviewMain(
  ports: Pick<WebPorts, 'cell' | 'beatUrls' | 'checkToken' | 'events' | 'inbox' | 'faults' | 'dns'>,
  { status, incidents, open, latency }: Overview,
): Html {
  const urls = ports.beatUrls?.() ?? [];
  const { tone, sentence, more } = headline(status);
  const closed = incidents.filter(({ state }) => state === 'closed').slice(0, SHOWN_CLOSED);
  return html`
<section class="headline is-${tone}" aria-label="Overall state">
${icon(tone)}
<div role="status" aria-live="polite"><h1>${sentence}</h1><p>${more}</p></div>
</section>
<div class="columns">
<div class="first">
${grid(status, open, latency)}
${recordsCard(status, ports.dns)}
${urls.length > 0 ? beatsCard(urls) : ''}
</div>
<div class="aside">
${incidentsCard(status, closed, ports.checkToken === undefined)}
${ports.inbox && inboxCard(ports.inbox.list(), status.at)}
${ports.events && eventsCard(ports.events.recent(), status.at)}
</div>
${ports.faults && faultsCard(ports.cell, ports.faults.list())}
</div>`;
}

/** What the browser's tab says. */
export const overviewTitle = (status: Status): string => `${headline(status).sentence} ${status.title} · Quorumwatch`;
