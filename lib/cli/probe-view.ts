import type { Explained, ProbeResult, Timings } from '../ports.ts';
import { dim, paint } from './paint.ts';
import type { Seen } from './probe.ts';

/** How `quorumwatch probe` shows its rows to people. */

const INDENT = '  ';

/** A line for each check, and below it where the time went, what was expected and seen, and the certificates that were sent. */
export function print(rows: readonly Seen[], colour: boolean, now: number): string {
  const width = (column: 'node' | 'check' | 'vote' | 'reason') => Math.max(0, ...rows.map((row) => row[column].length));
  const [nodeWidth, checkWidth, voteWidth, reasonWidth] = [width('node'), width('check'), width('vote'), width('reason')];
  return rows
    .map((row) => {
      const { vote, explained } = row;
      const columns = [
        row.node.padEnd(nodeWidth),
        row.check.padEnd(checkWidth),
        paint(vote, vote.padEnd(voteWidth), colour),
        row.reason.padEnd(reasonWidth),
        row.detail,
      ];
      const below = [
        ...waterfall(row.timings).map((line) => dim(line, colour)),
        ...(explained?.expectations ?? []).map(({ vote: said, detail }) => paint(said, `${MARKS[said]} ${detail}`, colour)),
        ...(explained?.certificates ?? []).map((each, at) => certificateLine(each, at, now)),
      ];
      return [columns.join('  ').trimEnd(), ...below.map((line) => `${INDENT}${line}`)].map((line) => `${line}\n`).join('');
    })
    .join('');
}

const PHASES = [
  ['dnsMs', 'DNS'],
  ['connectMs', 'connect'],
  ['tlsMs', 'TLS'],
  ['firstByteMs', 'first byte'],
] as const;
const NAME_WIDTH = 'first byte'.length;
const BAR_WIDTH = 32;

/** The phases that were reached, one a line, each beginning where the one before ended; the whole time below them. */
function waterfall(timings: Timings): string[] {
  let beganMs = 0;
  const reached = PHASES.flatMap(([phase, name]) => {
    const tookMs = timings[phase];
    if (tookMs === undefined) return [];
    beganMs += tookMs;
    return [{ name, fromMs: beganMs - tookMs, tookMs }];
  });
  const wholeMs = Math.max(timings.totalMs, beganMs);
  return [...reached, { name: 'total', fromMs: 0, tookMs: timings.totalMs }].map(({ name, fromMs, tookMs }) => {
    return `${name.padEnd(NAME_WIDTH)}  ${bar(fromMs, tookMs, wholeMs)}  ${tookMs.toFixed(1).padStart(8)} ms`;
  });
}

function bar(fromMs: number, tookMs: number, wholeMs: number): string {
  const column = (ms: number) => (wholeMs === 0 ? 0 : Math.round((ms / wholeMs) * BAR_WIDTH));
  const from = Math.min(column(fromMs), BAR_WIDTH - 1);
  const to = Math.max(from + 1, column(fromMs + tookMs));
  return `${' '.repeat(from)}${'█'.repeat(to - from)}`.padEnd(BAR_WIDTH);
}

const MARKS: Record<ProbeResult['vote'], string> = { up: '✓', degraded: '!', down: '✗', abstain: '?' };

const DAY_MS = 86_400_000;
const date = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** `certificate "node.example.org" for DNS:node.example.org by "R3", 2026-03-01 to 2026-05-30, 41 days left`; those above it are indented. */
function certificateLine(
  { name, issuer, hosts, validFrom, expiresAt }: Explained['certificates'][number],
  at: number,
  now: number,
) {
  const days = Math.floor((expiresAt - now) / DAY_MS);
  const left = days < 0 ? `expired ${-days} days ago` : validFrom > now ? 'not yet valid' : `${days} days left`;
  const whom = at === 0 ? ` for ${hosts}` : '';
  return `${INDENT.repeat(at)}certificate "${name}"${whom} by "${issuer}", ${date(validFrom)} to ${date(expiresAt)}, ${left}`;
}
