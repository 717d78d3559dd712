import { expect, it } from 'vitest';
import { REASON_GROUPS, REASONS } from '../../lib/core/reasons.ts';

it('every reason says something, in one chapter of its vote', () => {
  const grouped = REASON_GROUPS.flatMap(({ reasons }) => Object.entries(reasons));
  expect(grouped.map(([code]) => code).sort()).toEqual(Object.keys(REASONS).sort());
  for (const [code, text] of grouped) {
    expect(code).toMatch(/^[a-z0-9-]+$/);
    expect(text).toMatch(/^[A-Z].{15,}\.$/);
  }
  const votes = REASON_GROUPS.map(({ title, reasons }) => `${title.replace(/[,:(].*/, '').trim()}, ${Object.keys(reasons)[0]}`);
  expect(votes).toEqual([
    '`up`, ok',
    '`degraded` or `down`, slow',
    '`down`, dns-failed',
    '`down`, protocol-error',
    '`down`, beat-missing',
    '`abstain`, late',
    '`abstain`, missing',
  ]);
});
