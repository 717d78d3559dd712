import { html } from 'hono/html';
import type { MemberStatus, RecordStatus, Status } from '../../core/status.ts';
import type { WebPorts } from '../ports.ts';
import { type Html, pill } from './format.ts';

/** Records, who answers now, and why each member is in or out. */
export const recordsCard = ({ records }: Status, dns: WebPorts['dns']): Html => html`
<section class="card" aria-labelledby="records-title">
<h2 id="records-title">Records</h2>
${records.length === 0 ? html`<p class="empty">No record: nodes are watched, DNS is left alone.</p>` : records.map((record) => recordBlock(record, dns))}
</section>`;

const recordBlock = (record: RecordStatus, dns: WebPorts['dns']): Html => html`
<article class="record" id="record-${record.id}">
<h3>${record.name} <small>${record.type}, ${record.policy}, TTL ${record.ttlSeconds} s</small></h3>
<p class="answers">${
  record.answers.length === 0
    ? html`Nobody can say who answers: neither Route 53 nor the ledger can be read.`
    : html`Answers ${record.policy === 'weighted' && record.answers.length > 1 ? 'one of ' : ''}<b>${record.answers.join(', ')}</b> (${nodesOf(record)})${record.source === 'ledger' ? ' as far as the ledger knows: Route 53 does not answer' : ''}`
}</p>
<ul class="lines">${record.members.map(memberLine)}</ul>
<p class="dig"><code tabindex="0">${digLine(record, dns)}</code></p>
</article>`;

const nodesOf = ({ answers, members }: RecordStatus): string =>
  members
    .filter(({ value }) => answers.includes(value))
    .map(({ node }) => node)
    .join(', ');

const memberLine = ({ node, value, role, weight, inService, why }: MemberStatus): Html => html`
<li>${inService === null ? pill('unknown') : inService ? pill('in', 'in service') : pill('out', 'out')}
<span class="who"><b>${node}</b> ${value}</span><span class="why">${role ?? (weight === undefined ? '' : `weight ${weight}`)}${
  role || weight !== undefined ? ' · ' : ''
}${why}</span></li>`;

const digLine = ({ name, type }: RecordStatus, dns: WebPorts['dns']): string =>
  `dig ${dns ? `@${dns.address} -p ${dns.port} ` : ''}+short ${name} ${type}`;
