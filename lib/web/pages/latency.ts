import { html } from 'hono/html';
import type { Latency, VantageLatency } from '../../core/latency.ts';
import type { LatencyReport } from '../latency.ts';
import { count, type Html, listed } from './format.ts';

/** A time in two digits, which is as exact as it is known: `42 ms`, `230 ms`, `1.2 s`. */
export function durationText(ms: number): string {
  const rounded = Number(ms.toPrecision(2));
  return rounded < 1_000 ? `${rounded} ms` : `${rounded / 1_000} s`;
}

const p50 = ({ p50Ms }: Latency): string => `p50 ${durationText(p50Ms)}`;
const p95 = ({ p95Ms }: Latency): string => `p95 ${durationText(p95Ms)}`;

/** Of a node from a vantage: what its slowest check takes. */
export function nodeLatency(report: LatencyReport, keys: readonly string[], vantage: string): Html {
  const known = report.vantages[vantage];
  if (known === undefined || known === 'unreadable') return html``;
  const [slowest] = keys
    .flatMap((key) => ({ key, latency: known.checks.get(key) }))
    .filter((each): each is { key: string; latency: Latency } => each.latency !== undefined)
    .sort((a, b) => b.latency.p50Ms - a.latency.p50Ms);
  if (!slowest) return html``;
  const { key, latency } = slowest;
  return html`<small class="took" title="${key}, the slowest check, in the last hour"><span class="name">${p50(latency)}</span>, <span class="name">${p95(latency)}</span></small>`;
}

/** Of a check: a line for each vantage that knows it, with how it went. */
export function checkLatency(report: LatencyReport, key: string): Html {
  const lines = Object.entries(report.vantages).flatMap(([vantage, known]): Line[] => {
    const latency = known === 'unreadable' ? undefined : known.checks.get(key);
    return known === 'unreadable' || !latency ? [] : [{ vantage, latency, course: known.courseOf(key) }];
  });
  if (lines.length === 0) return html``;
  const all = lines.flatMap(({ course }) => course.filter((ms) => ms !== null));
  return html`
<ul class="lines latency" aria-label="How long ${key} took in the last hour">${lines.map((line) => latencyLine(line, scaleOf(all)))}</ul>`;
}

interface Line {
  vantage: string;
  latency: Latency;
  course: ReturnType<VantageLatency['courseOf']>;
}

const latencyLine = ({ vantage, latency, course }: Line, heightOf: (ms: number) => number): Html => html`
<li><span class="name">${vantage}</span><svg class="spark" role="img" aria-label="${rangeText(course)}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none"><path d="${pathOf(course, heightOf)}" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" vector-effect="non-scaling-stroke"/></svg><span class="why">${p50(latency)}, ${p95(latency)} of ${count(latency.looks, 'look')}</span></li>`;

function rangeText(course: Line['course']): string {
  const known = course.filter((ms) => ms !== null);
  return `Between ${durationText(Math.min(...known))} and ${durationText(Math.max(...known))}`;
}

const WIDTH = 120;
const HEIGHT = 24;
const MARGIN = 2;
/** What differs by less than this factor is shown flat: noise looks like trouble otherwise. */
const LEAST_RATIO = 2;

/** One for all vantages of a check, so that they can be compared; logarithmic, for a second is far from 20 ms. */
function scaleOf(all: readonly number[]): (ms: number) => number {
  const [lowest, highest] = [Math.log(Math.min(...all)), Math.log(Math.max(...all))];
  const range = Math.max(highest - lowest, Math.log(LEAST_RATIO));
  return (ms) => HEIGHT - MARGIN - ((Math.log(ms) - lowest) / range) * (HEIGHT - 2 * MARGIN);
}

/** A line with a gap where nothing answered; what stands alone is a dot. */
function pathOf(course: readonly (number | null)[], heightOf: (ms: number) => number): string {
  const step = (WIDTH - 2 * MARGIN) / Math.max(1, course.length - 1);
  return course
    .flatMap((ms, index) => {
      if (ms === null) return [];
      const point = `${(MARGIN + index * step).toFixed(1)} ${heightOf(ms).toFixed(1)}`;
      return (course[index - 1] ?? null) === null ? `M${point}h0` : `L${point}`;
    })
    .join('');
}

/** What is missing, if anything is. */
export function latencyProblem({ vantages }: LatencyReport): Html {
  const missing = Object.keys(vantages).filter((vantage) => vantages[vantage] === 'unreadable');
  if (missing.length === 0) return html``;
  return html`<p class="more">How long looks took from ${listed(missing)} cannot be read now. Votes and verdicts do not depend on it.</p>`;
}
