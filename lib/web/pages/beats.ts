import { html } from 'hono/html';
import type { Html } from './format.ts';

/** Where heartbeats go; no links, for following one is a heartbeat. */
export const beatsCard = (urls: readonly { check: string; url: string }[]): Html => html`
<section class="card" aria-labelledby="beats-title">
<h2 id="beats-title">Heartbeats</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="beats-title">
<table><tbody>${urls.map(({ check, url }) => html`<tr><th scope="row">${check}</th><td><code>curl ${url}</code></td></tr>`)}</tbody></table>
</div>
</section>`;
