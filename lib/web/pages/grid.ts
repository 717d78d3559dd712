import { html } from 'hono/html';
import type { CheckStatus, NodeStatus, Status, VantageStatus } from '../../core/status.ts';
import type { LatencyReport } from '../latency.ts';
import { ageOf, count, type Html, icon, pill, timeOf } from './format.ts';
import { checkLatency, latencyProblem, nodeLatency } from './latency.ts';
import { voteLines } from './votes.ts';

/** Worst first: the order in which a cell of the grid takes its vote from the node's checks. */
const WORST_VOTE_FIRST = ['down', 'abstain', 'degraded', 'up'] as const;

/** Nodes × vantages. `open`: the nodes whose checks are shown; only those are drawn, for a cell may have thousands. */
export const grid = ({ nodes, vantages, at }: Status, open: readonly string[], latency?: LatencyReport): Html => html`
<section class="card" aria-labelledby="nodes-title">
<h2 id="nodes-title">Nodes</h2>
${latency && latencyProblem(latency)}
<form method="get" action="/"><div class="scroll" tabindex="0" role="region" aria-labelledby="nodes-title">
<table class="grid">
<thead><tr><th scope="col">Node</th><th scope="col">Verdict</th>${vantages.map((vantage) => vantageHead(vantage, at))}</tr></thead>
<tbody>${nodes.map((node) => nodeRows(node, { vantages, open, at, latency }))}</tbody>
</table>
</div></form>
</section>`;

interface Shown {
  vantages: readonly VantageStatus[];
  open: readonly string[];
  at: string;
  latency: LatencyReport | undefined;
}

const vantageHead = ({ id, state, lastBallotAt, reason, outlier }: VantageStatus, at: string): Html => html`
<th scope="col">${id}<small>${state === 'up' ? '' : html`<b class="is-abstain">${state}${reason ? `: ${reason}` : ''}</b> `}${
  lastBallotAt && html`<time datetime="${lastBallotAt}" title="${lastBallotAt}">${ageOf(lastBallotAt, at)} ago</time>`
}${outlier && html` <b class="is-abstain" title="It often says otherwise than all others, last of ${outlier}">outlier</b>`}</small></th>`;

function nodeRows(node: NodeStatus, { vantages, open, at, latency }: Shown): Html {
  const isOpen = open.includes(node.id);
  const afterToggle = isOpen ? open.filter((id) => id !== node.id) : [...open, node.id];
  const row = `node-${node.id}`;
  return html`<tr id="${row}" class="node">
<th scope="row"><button name="open" value="${afterToggle.join(' ')}" id="${row}-button" class="expand" aria-expanded="${String(isOpen)}" ${
    isOpen ? html`aria-controls="${row}-checks"` : ''
  }><svg class="icon chevron" aria-hidden="true" viewBox="0 0 16 16"><use href="#i-more"/></svg><span>${node.id}</span><span class="unseen">, ${count(node.checks.length, 'check')}</span></button></th>
<td>${pill(node.verdict)}${node.since && html`<small>for ${ageOf(node.since, at)}</small>`}</td>
${vantages.map(({ id }) => voteCell(node, id, latency))}</tr>
${isOpen ? checksRow(node, `${row}-checks`, { vantages, open, at, latency }) : ''}`;
}

/** The worst vote of one vantage on the node, with the reasons if it is not plainly up. */
function voteCell(node: NodeStatus, vantage: string, latency: LatencyReport | undefined): Html {
  const votes = node.checks.flatMap((check) => check.votes[vantage] ?? []);
  const worst = WORST_VOTE_FIRST.find((vote) => votes.some((each) => each.vote === vote));
  if (worst === undefined) return html`<td class="vote is-idle">${icon('idle')}not asked</td>`;
  const reasons = [...new Set(votes.filter(({ vote }) => vote === worst).map(({ reason }) => reason))];
  const more = reasons.length > 1 ? ` +${reasons.length - 1}` : '';
  return html`<td class="vote is-${worst}">${icon(worst)}${worst === 'abstain' ? 'no vote' : worst}${
    worst === 'up' ? '' : html`<small>${reasons[0]}${more}</small>`
  }${latency && nodeLatency(latency, keysOf(node), vantage)}</td>`;
}

const keysOf = ({ id, checks }: NodeStatus): string[] => checks.map((check) => `${id}/${check.id}`);

const checksRow = (node: NodeStatus, id: string, { vantages, at, latency }: Shown): Html => html`
<tr id="${id}" class="checks"><td colspan="${vantages.length + 2}"><div class="panel">${
  node.checks.length === 0
    ? html`<p>No check works on it.</p>`
    : node.checks.map((check) => checkBlock(node.id, check, at, latency))
}</div></td></tr>`;

const checkBlock = (
  node: string,
  { id, kind, verdict, since, quorum, votes }: CheckStatus,
  at: string,
  latency: LatencyReport | undefined,
): Html => html`
<section class="check" id="check-${node}-${id}">
<h3>${id} <small>${kind}, ${quorum} of ${Object.keys(votes).length} decide</small> ${pill(verdict)}${since && html`<small>since ${timeOf(since, at)}</small>`}</h3>
${voteLines(votes, at)}
${latency && checkLatency(latency, `${node}/${id}`)}
</section>`;
