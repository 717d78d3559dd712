import type { HookBody } from '../core/hooks.ts';
import type { HookFormat } from '../core/telling.ts';

/** What is sent: the ledger's body, and what only the caller knows. */
export type HookMessage = HookBody & { link?: string };

/** Services that take nothing but their own shapes, by the host that they document. */
const HOSTS: Readonly<Record<string, HookFormat>> = {
  'hooks.slack.com': 'slack',
  'events.pagerduty.com': 'pagerduty',
  'events.eu.pagerduty.com': 'pagerduty',
};

/** The format of a hook that names none. */
export const formatOf = (url: URL): HookFormat => HOSTS[url.hostname] ?? 'json';

/** PagerDuty cuts summaries here ("Events API v2: Send an alert event", `payload.summary`). */
const SUMMARY_LENGTH = 1_024;

/** A message in a service's own shape. `secret`: PagerDuty's integration key. */
export function shaped(format: HookFormat, message: HookMessage, secret: string | undefined): object {
  if (format === 'slack') return slack(message);
  return format === 'pagerduty' ? pagerDuty(message, secret ?? '') : message;
}

/** Slack, "Sending messages using incoming webhooks" (read 2026-11): `text` alone is enough; these three characters are escaped. */
function slack({ text, link }: HookMessage): object {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return { text: link === undefined ? escaped : `${escaped} <${link}>` };
}

/** PagerDuty, "Events API v2" (github.com/PagerDuty/api-schema, reference/events-v2/openapiv3.json, read 2026-11). */
function pagerDuty({ event, cell, node, incident, record, text, at, link }: HookMessage, routing_key: string): object {
  const dedup_key = incident ?? [cell, event, record, node].filter(Boolean).join('/');
  if (event === 'acknowledged') return { routing_key, event_action: 'acknowledge', dedup_key };
  if (event === 'recovered') return { routing_key, event_action: 'resolve', dedup_key };
  return {
    routing_key,
    event_action: 'trigger',
    dedup_key,
    client: 'Quorumwatch',
    payload: {
      summary: text.slice(0, SUMMARY_LENGTH),
      source: node,
      severity: event === 'page' ? 'critical' : 'info',
      timestamp: at,
      group: cell,
    },
    ...(link !== undefined && { links: [{ href: link, text: 'Incident' }] }),
  };
}
