import { expect, test } from 'vitest';
import type { latencyJson } from '../../lib/web/latency.ts';
import { scenario } from './scenario.ts';

test('how long looks took is kept by every vantage, and shown', async (context) => {
  const here = await scenario(context, { nodes: ['alpha', 'beta'] });
  await here.rounds(3);
  const { vantages, nodes } = await here.get<ReturnType<typeof latencyJson>>('/history?node=alpha');
  expect(vantages.map(({ id, state }) => [id, state])).toEqual(here.vantages.map((id) => [id, 'ok']));
  const [check] = nodes[0]?.checks ?? [];
  for (const vantage of here.vantages) {
    const { looks = 0, p50Ms = 0, p95Ms = 0, medianMs = [] } = check?.latency[vantage] ?? {};
    expect(looks, vantage).toBeGreaterThanOrEqual(3);
    expect(p50Ms).toBeGreaterThan(0);
    expect(p95Ms).toBeGreaterThanOrEqual(p50Ms);
    expect(medianMs.some((ms) => ms !== null)).toBe(true);
  }
});
