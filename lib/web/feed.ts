import { html } from 'hono/html';
import type { IncidentDetail } from './incidents.ts';

/** An Atom feed of incidents (RFC 4287), newest first. `origin`: where this site is, for links. */
export function atomFeed(title: string, cell: string, origin: string, incidents: readonly IncidentDetail[], now: string): string {
  const updated = incidents.map(lastChange).sort().at(-1) ?? now;
  return legalXml(
    String(html`<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>urn:quorumwatch:${encodeURIComponent(cell)}</id>
<title>${title}: incidents</title>
<updated>${updated}</updated>
<author><name>Quorumwatch</name></author>
<link rel="self" type="application/atom+xml" href="${origin}/feed.xml"/>
<link rel="alternate" type="text/html" href="${origin}/"/>
${incidents.map(
  (incident) => html`<entry>
<id>urn:quorumwatch:${encodeURIComponent(cell)}:${encodeURIComponent(incident.id)}</id>
<title>${incident.node} ${incident.state === 'closed' ? 'recovered' : incident.state}</title>
<published>${incident.openedAt}</published>
<updated>${lastChange(incident)}</updated>
<link rel="alternate" type="text/html" href="${origin}/incidents/${encodeURIComponent(incident.id)}"/>
<content type="text">${contentOf(incident)}</content>
</entry>
`,
)}</feed>
`),
  );
}

function contentOf({ timeline, ackedBy, ackedAt }: IncidentDetail): string {
  const lines = timeline.map(({ at, what, detail }) => `${at} ${what}${detail ? `: ${detail}` : ''}`);
  if (ackedBy && ackedAt) lines.push(`${ackedAt} taken by ${ackedBy}`);
  return lines.join('\n');
}

function lastChange({ openedAt, closedAt, ackedAt, timeline }: IncidentDetail): string {
  return (
    [openedAt, closedAt, ackedAt, ...timeline.map(({ at }) => at)]
      .filter((at) => at !== null)
      .sort()
      .at(-1) ?? openedAt
  );
}

/** XML 1.0 cannot hold most control characters at all, not even escaped; nodes may send any ("Extensible Markup Language 1.0", 2.2). */
const legalXml = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd');
