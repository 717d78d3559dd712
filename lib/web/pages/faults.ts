import { html } from 'hono/html';
import type { Cell } from '../../core/cell.ts';
import type { Fault } from '../../local/faults.ts';
import type { Html } from './format.ts';

const PATH_WORDS = { unreachable: 'out of reach', slow: 'slow (+3 s)', garbage: 'answer garbage' };
const VANTAGE_WORDS = { dead: 'stop', isolated: 'lose its network', late: 'run late' };
const SERVICE_WORDS = {
  'table-down': 'Take the table away',
  'table-wiped': 'Wipe the table',
  'route53-down': 'Take Route 53 away',
  'sns-down': 'Take SNS away',
};

/** Local runs: forms that break something, and what is broken now with a button for each to end it. */
export const faultsCard = ({ nodes, vantages }: Cell, faults: readonly Fault[]): Html => html`
<section class="card" aria-labelledby="faults-title">
<h2 id="faults-title" tabindex="-1">Break something</h2>
<p class="hint">Faults are made between the parts of this local run. Your nodes are not touched.</p>
<form method="post" action="/faults" class="fault" id="fault-path">
<span class="kind">A path</span>
<label>Make <select name="node">${options([['*', 'every node'], ...named(nodes.map(({ id }) => id))])}</select></label>
<label><span class="unseen">how</span> <select name="effect">${options(Object.entries(PATH_WORDS))}</select></label>
<label>for <select name="vantage">${options([['*', 'every vantage'], ...named(vantages)])}</select></label>
<button>Break it<span class="unseen"> that path</span></button>
<p class="problem" role="alert" id="problem-fault-path"></p>
</form>
<form method="post" action="/faults" class="fault" id="fault-vantage">
<span class="kind">A vantage</span>
<label>Make <select name="vantage">${options(named(vantages))}</select></label>
<label><span class="unseen">how</span> <select name="effect">${options(Object.entries(VANTAGE_WORDS))}</select></label>
<button>Break it<span class="unseen">, the vantage</span></button>
<p class="problem" role="alert" id="problem-fault-vantage"></p>
</form>
<form method="post" action="/faults" class="fault" id="fault-service">
<span class="kind">A service</span>
${Object.entries(SERVICE_WORDS).map(([effect, words]) => html`<button name="effect" value="${effect}" id="fault-${effect}">${words}</button>`)}
<p class="problem" role="alert" id="problem-fault-service"></p>
</form>
<h3 class="sub">Broken now</h3>
${
  faults.length === 0
    ? html`<p class="empty">Nothing is broken on purpose.</p>`
    : html`<form method="post" action="/faults/end" class="active" id="faults-end"><ul class="plain">${faults.map(
        (fault) =>
          html`<li data-key="${JSON.stringify(fault)}"><span>${wordsOf(fault)}</span><button name="fault" value="${JSON.stringify(fault)}">End<span class="unseen"> ${wordsOf(fault)}</span></button></li>`,
      )}</ul>${faults.length > 1 && html`<button name="fault" value="all">End all</button>`}</form>`
}
</section>`;

/** A fault in words: `eu1 is out of reach for every vantage`. */
export function wordsOf(fault: Fault): string {
  if ('node' in fault) {
    const verb = fault.effect === 'garbage' ? 'answers garbage' : fault.effect === 'slow' ? 'is slow' : 'is out of reach';
    return `${fault.node === '*' ? 'every node' : fault.node} ${verb} for ${fault.vantage === '*' ? 'every vantage' : fault.vantage}`;
  }
  if ('vantage' in fault) {
    const state = { dead: 'is stopped', isolated: 'has no network', late: 'runs late' }[fault.effect];
    return `${fault.vantage === '*' ? 'every vantage' : fault.vantage} ${state}`;
  }
  return {
    'table-down': 'the voting table is away',
    'table-wiped': 'the voting table is wiped',
    'route53-down': 'Route 53 is away',
    'sns-down': 'SNS is away',
  }[fault.effect];
}

const named = (names: readonly string[]): [string, string][] => names.map((name) => [name, name]);

const options = (entries: readonly [string, string][]): Html[] =>
  entries.map(([value, words]) => html`<option value="${value}">${words}</option>`);
