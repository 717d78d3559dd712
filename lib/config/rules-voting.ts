import { DEFAULTS } from './defaults.ts';
import { durationMs } from './durations.ts';
import type { Path, Problem } from './faults.ts';
import { isGroupEntry, looksOf } from './groups.ts';
import { majority } from './quorum.ts';
import { type Rule, rule } from './rules.ts';
import type { CheckConfig, Config } from './schema.ts';

/** Rules of vantages, quorum, cadence and regions. */

/** Every value after its first. */
export const repeats = <T>(list: readonly T[]): { value: T; at: number }[] =>
  list.map((value, at) => ({ value, at })).filter(({ value, at }) => list.indexOf(value) < at);

const twice = (list: readonly string[], path: Path, what: string): Problem[] =>
  repeats(list).map(({ value, at }) => ({
    path: [...path, at],
    what: `the ${what} ${value} stands there twice`,
    instead: 'remove one',
  }));

const FEW = 3;

function quorumProblem(quorum: number | 'majority' | undefined, voters: number, path: Path): Problem[] {
  if (typeof quorum !== 'number' || (quorum >= majority(voters) && quorum <= voters)) return [];
  const instead =
    majority(voters) === voters ? `write ${voters}` : `write majority, or a number from ${majority(voters)} to ${voters}`;
  return [
    {
      path,
      what: `${quorum} is ${quorum > voters ? `more than the ${voters} vantages` : `less than a majority of ${voters}`}`,
      instead,
    },
  ];
}

const SHORTEST_MS = 10_000;
const LONGEST_MS = 300_000;
/** What a run needs beside its attempts: reading, writing and waking. */
const MARGIN_MS = 2_000;

export const VOTING_RULES: Rule[] = [
  rule('vantages-none', ['vantages'], function* ({ config }) {
    if (config.vantages.length === 0)
      yield { path: ['vantages'], what: 'there is no vantage', instead: 'write at least three regions' };
  }),
  rule('vantages-few', ['vantages', 'allowFewVantages'], function* ({ config }) {
    const { length } = config.vantages;
    if (length === 0 || length >= FEW || config.allowFewVantages === true) return;
    yield {
      path: ['vantages'],
      what: `${length === 1 ? 'one vantage' : 'two vantages'} cannot outvote a mistaken one`,
      instead: 'write at least three regions, or allowFewVantages: true',
    };
  }),
  rule('vantages-distinct', ['vantages'], ({ config }) => twice(config.vantages, ['vantages'], 'vantage')),
  rule('quorum-range', ['vantages', 'quorum'], ({ config }) => quorumProblem(config.quorum, config.vantages.length, ['quorum'])),
  rule('interval-range', ['interval'], function* ({ config, intervalMs }) {
    const ms = durationMs(config.interval ?? DEFAULTS.interval);
    if (intervalMs !== undefined || (ms >= SHORTEST_MS && ms <= LONGEST_MS)) return;
    yield { path: ['interval'], what: `${config.interval} is not between 10s and 5m`, instead: 'write a duration like 30s' };
  }),
  rule('check-vantages-known', ['vantages'], function* ({ config, checks }) {
    for (const { check, path } of checks) {
      for (const [at, vantage] of (check.vantages ?? []).entries()) {
        if (config.vantages.includes(vantage)) continue;
        yield {
          path: [...path, 'vantages', at],
          what: `${vantage} is not a vantage of this configuration`,
          instead: `write one of ${config.vantages.join(', ')}`,
        };
      }
    }
  }),
  rule('check-vantages-distinct', [], function* ({ checks }) {
    for (const { check, path } of checks) yield* twice(check.vantages ?? [], [...path, 'vantages'], 'vantage');
  }),
  rule('check-vantages-few', ['allowFewVantages'], function* ({ config, checks }) {
    for (const { check, path } of checks) {
      const count = check.vantages?.length ?? FEW;
      if (count >= FEW || (count > 0 && config.allowFewVantages === true)) continue;
      yield {
        path: [...path, 'vantages'],
        what: `${count === 1 ? 'one vantage' : `${count === 0 ? 'no' : 'two'} vantages`} cannot outvote a mistaken one`,
        instead: 'write at least three vantages, or allowFewVantages: true at the top',
      };
    }
  }),
  rule('check-quorum-range', ['vantages'], function* ({ config, checks }) {
    for (const { check, path } of checks)
      yield* quorumProblem(check.quorum, (check.vantages ?? config.vantages).length, [...path, 'quorum']);
  }),
  rule('check-interval-multiple', ['interval'], function* ({ config, checks }) {
    const top = durationMs(config.interval ?? DEFAULTS.interval);
    for (const { check, path } of checks) {
      if (check.interval === undefined || durationMs(check.interval) % top === 0) continue;
      const instead = `write a multiple like ${(Math.floor(durationMs(check.interval) / top) + 1) * (top / 1_000)}s`;
      yield {
        path: [...path, 'interval'],
        what: `${check.interval} is not a multiple of the top interval of ${config.interval ?? DEFAULTS.interval}`,
        instead,
      };
    }
  }),
  rule('attempts-fit', ['interval', 'defaults'], function* ({ config, checks, intervalMs }) {
    if (intervalMs !== undefined) return;
    for (const { check, path } of checks) {
      if (['heartbeat', 'any', 'all'].includes(check.type)) continue;
      const { timeout, attempts, longestMs } = patience(check, config);
      const interval = check.interval ?? config.interval ?? DEFAULTS.interval;
      if (longestMs + MARGIN_MS <= durationMs(interval)) continue;
      const own = check as Patience;
      const key = own.timeout !== undefined ? 'timeout' : own.attempts !== undefined ? 'attempts' : undefined;
      yield {
        path: key === undefined ? path : [...path, key],
        what: `${attempts} × ${timeout} + 2s does not fit into the interval of ${interval}`,
        instead: 'write a shorter timeout, fewer attempts or a longer interval',
      };
    }
  }),
  rule('group-fits', ['interval', 'defaults'], function* ({ config, checks, intervalMs }) {
    if (intervalMs !== undefined) return;
    for (const entry of checks.filter(isGroupEntry)) {
      const interval = entry.check.interval ?? config.interval ?? DEFAULTS.interval;
      const slowest = looksOf(entry, checks).find(({ check }) => {
        return check.type !== 'heartbeat' && patience(check, config).longestMs + MARGIN_MS > durationMs(interval);
      });
      // What does not fit into its own interval either is told there.
      if (slowest === undefined || (slowest.check.interval ?? config.interval ?? DEFAULTS.interval) === interval) continue;
      const { timeout, attempts } = patience(slowest.check, config);
      yield {
        path: entry.path,
        what: `${attempts} × ${timeout} + 2s of its part ${slowest.id} does not fit into the interval of ${interval}`,
        instead: `write interval: ${slowest.check.interval ?? interval} here, or a shorter timeout there`,
      };
    }
  }),
];

interface Patience {
  timeout?: string;
  attempts?: number;
}

/** How long one run tries a check at most. */
function patience(check: CheckConfig, { defaults }: Config): Required<Patience> & { longestMs: number } {
  const own = check as Patience;
  const timeout = own.timeout ?? defaults?.timeout ?? DEFAULTS.check.timeout;
  const attempts = own.attempts ?? defaults?.attempts ?? DEFAULTS.check.attempts;
  return { timeout, attempts, longestMs: attempts * durationMs(timeout) };
}
