import { describe, expect, it } from 'vitest';
import { run } from './output.ts';

describe('quorumwatch simulate', () => {
  it('prints one object with --json, and the same again', async () => {
    const again = ['--seed', '7', '--runs', '3', '--rounds', '20', '--vantages', '3', '--json'];
    const { out, code } = await run('simulate', ...again);
    const report = JSON.parse(out);
    expect(report).toMatchObject({ seed: 7, runs: 3, rounds: 60, violations: [] });
    expect(Object.keys(report.coverage)).toEqual(['faults', 'transitions', 'guards', 'crashPoints']);
    expect(code).toBe(0);
    expect((await run('simulate', ...again)).out).toBe(out);
  });

  it('says in words what it saw', async () => {
    const { out, err, code } = await run('simulate', '--runs', '1', '--rounds', '10', '--vantages', '3');
    expect(out).toMatch(/^1 runs, 10 rounds, \d+ % of them with a fault or a transition\nseen: .*\n0 violations\n$/);
    expect([code, err]).toEqual([0, '']);
  });

  it.each([
    ['--runs', '0', 1],
    ['--seed', 'x', 0],
    ['--vantages', '2', 3],
    ['--rounds', '1.5', 1],
  ])('refuses %s %s', async (option, value, from) => {
    const { err, code } = await run('simulate', option, value);
    expect(code).toBe(2);
    expect(err).toMatch(
      new RegExp(`^${option}: ".*" is not a whole number from ${from} to \\d+ \\(write ${option} ${from}\\)\\n$`),
    );
  });

  it('refuses --only without numbers', async () => {
    const { err, code } = await run('simulate', '--only', 'all');
    expect([err, code]).toEqual(['--only: "all" is not a list of numbers (write --only 3,17 or --only none)\n', 2]);
  });
});
