import { expect, test } from 'vitest';
import { CORPUS } from '../extra/hostile/corpus.ts';
import type { HostileClass, Row } from '../extra/hostile/row.ts';

const INTRODUCTION = `# Hostile servers

A monitor talks to whatever answers at its nodes' addresses: a captured node, a parked domain, a middle box in trouble. Each look ends
within its check's \`timeout\`, with a reason code that says what happened ([reasons.md](reasons.md)), within 32 MiB of extra memory,
and without leaving a socket, a timer or an unhandled rejection behind.

\`npm run test:hostile\` (Linux) runs every line of the tables below in a child process, against a server on loopback that does just
this, and prints time, peak memory and what was left open for each. \`eosio\` stands for all chains: they ask by the same code.

Addresses that are not public (loopback, link-local, private, metadata services, carriers' own networks) are refused unless the
configuration names the address itself, or the check has \`allowPrivate\`.

This page is made from \`test/extra/hostile\` by \`npm run docs\`; a test keeps it current.
`;

/** Rows that differ by the kind of check alone are one line. */
function linesOf(rows: readonly Row[]): string[] {
  const alike = Map.groupBy(rows, ({ does, reason }) => `${does.replaceAll('|', '\\|')} | KINDS | \`${reason}\``);
  return [...alike].map(([line, same]) => `| ${line.replace('KINDS', same.map(({ kind }) => kind).join(', '))} |`);
}

const chapter = ({ name, defence, rows }: HostileClass) =>
  `## ${name}\n\n${defence}\n\n| the server | checks | reason |\n|---|---|---|\n${linesOf(rows).join('\n')}\n`;

test('docs/hostile.md is current', async () => {
  await expect([INTRODUCTION, ...CORPUS.map(chapter)].join('\n')).toMatchFileSnapshot('../../docs/hostile.md');
});

test('every class has at least two rows', () => {
  for (const { name, rows } of CORPUS) expect(new Set(rows.map(({ does }) => does)).size, name).toBeGreaterThanOrEqual(2);
});
