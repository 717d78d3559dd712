import { expect, test } from 'vitest';
import { REASON_GROUPS, REASONS } from '../../lib/core/reasons.ts';

const INTRODUCTION = `# Reason codes

Every vote carries one of these codes, and a line of detail: what was expected and what was seen. The codes are part of the
outside face (\`probe --json\`, the status API, evidence) and keep their meaning.

This page is made from \`lib/core/reasons.ts\` by \`npm run docs\`; a test keeps it current.
`;

function page(): string {
  const chapters = REASON_GROUPS.map(({ title, reasons }) => {
    const rows = Object.entries(reasons).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
    return `## ${title}\n\n| code | meaning |\n|---|---|\n${rows.join('\n')}\n`;
  });
  return [INTRODUCTION, ...chapters].join('\n');
}

test('docs/reasons.md is current', async () => {
  await expect(page()).toMatchFileSnapshot('../../docs/reasons.md');
});

test('every code is in one group', () => {
  const grouped = REASON_GROUPS.flatMap(({ reasons }) => Object.keys(reasons));
  expect(grouped.sort()).toEqual(Object.keys(REASONS).sort());
});
