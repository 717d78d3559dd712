/** Each row of the corpus against the real probe, in a child process whose time, memory and handles are watched. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpCheck } from '../../probes/checks.ts';
import { serveAnswer } from '../../probes/servers.ts';
import { type Lookout, startLookout } from './children.ts';
import { CORPUS } from './corpus.ts';
import type { Report, Row } from './row.ts';

const MIB = 1_048_576;
const PEAK_BYTES = 32 * MIB;
/** What is compiled and cached on the way is kept for good. */
const KEPT_BYTES = 4 * MIB;
/** For closing sockets, and for a machine that is busy. */
const SLACK_MS = 500;

const lines: string[][] = [];

function tell(name: string, { kind, does }: Pick<Row, 'kind' | 'does'>, report: Report): void {
  const { reason, tookMs, peakBytes, open } = report;
  const numbers = [`${Math.round(tookMs)} ms`, `${(peakBytes / MIB).toFixed(1)} MiB`, open.join(' ') || 'none'];
  lines.push([name, does, kind, reason, ...numbers]);
}

/** What a row may say and cost. */
function expectHarmless(row: Pick<Row, 'reason' | 'vote'>, timeoutMs: number, report: Report): void {
  const { vote, reason, detail, tookMs, peakBytes, keptBytes, open, unhandled, strayed } = report;
  expect({ vote, reason, detail }).toEqual({ vote: row.vote ?? 'down', reason: row.reason, detail });
  expect({ open, unhandled, strayed }).toEqual({ open: [], unhandled: [], strayed: [] });
  expect(tookMs).toBeLessThan(timeoutMs + SLACK_MS);
  expect(peakBytes).toBeLessThanOrEqual(PEAK_BYTES);
  expect(keptBytes).toBeLessThanOrEqual(KEPT_BYTES);
}

afterAll(() => {
  const table = [['class', 'the server', 'check', 'reason', 'time', 'peak memory', 'left open'], ...lines];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  const text = table.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
  process.stdout.write(`\n${text}\n\n`);
});

describe.each(CORPUS)('$name', ({ name, rows }) => {
  let child: Lookout;
  beforeAll(() => {
    child = startLookout();
  });
  afterAll(async () => {
    expect(await child.end(), 'nothing keeps the child alive').toBe(0);
  });

  it('begins with a server that is well, whose cost is the baseline', async () => {
    const { url } = await serveAnswer(200, '{"answer":42}');
    const expectations = { json: [{ path: 'answer', equals: 42 }], body: { contains: [], notContains: [], matches: '4.' } };
    const check = httpCheck(url, { expect: expectations });
    await child.look({ check });
    const report = await child.look({ check });
    tell(name, { kind: 'http', does: '(answers well: the baseline)' }, report);
    expectHarmless({ vote: 'up', reason: 'ok' }, check.timeoutMs, report);
  });

  it.each(rows)('$kind: $does is $reason', async (row) => {
    const job = await row.start();
    const report = await child.look(job);
    tell(name, row, report);
    expectHarmless(row, job.check.timeoutMs, report);
  });
});
