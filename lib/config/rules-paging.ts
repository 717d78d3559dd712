import { has } from './configuration.ts';
import { durationMs } from './durations.ts';
import type { Path, Problem } from './faults.ts';
import { type Rule, rule } from './rules.ts';
import { repeats } from './rules-voting.ts';
import type { Config } from './schema.ts';

/** Rules of paging, hooks and silences. */

type Tier = NonNullable<Config['paging']>['tiers'][number];

function* ladders(config: Config): Generator<{ tiers: readonly Tier[]; path: Path }> {
  if (config.paging === undefined) return;
  yield { tiers: config.paging.tiers, path: ['paging', 'tiers'] };
  if (config.paging.quiet !== undefined) yield { tiers: config.paging.quiet, path: ['paging', 'quiet'] };
}

const afterMs = (tier: Tier | undefined): number => durationMs(tier?.after ?? '0s');

function* unknownNodes(config: Config, nodes: readonly string[] | undefined, path: Path): Generator<Problem> {
  for (const [at, node] of (nodes ?? []).entries()) {
    if (!has(config.nodes, node))
      yield { path: [...path, 'nodes', at], what: `there is no node ${node}`, instead: 'write the id of a node' };
  }
}

export const PAGING_RULES: Rule[] = [
  rule('paging-regions', ['paging'], function* ({ config }) {
    const regions = config.paging?.regions;
    if (regions !== undefined && (regions.length !== 2 || regions[0] === regions[1])) {
      yield { path: ['paging', 'regions'], what: 'pages go out from two regions', instead: 'write two distinct regions' };
    }
  }),
  rule('tiers-order', ['paging'], function* ({ config }) {
    for (const { tiers, path } of ladders(config)) {
      for (const [at, tier] of tiers.entries()) {
        if (at === 0 || afterMs(tier) > afterMs(tiers[at - 1])) continue;
        yield {
          path: [...path, at, 'after'],
          what: `the tier does not come after the one before it`,
          instead: `write a duration above ${tiers[at - 1]?.after ?? '0s'}`,
        };
      }
    }
  }),
  rule('tier-hook-known', ['hooks', 'paging'], function* ({ config }) {
    for (const { tiers, path } of ladders(config)) {
      for (const [at, tier] of tiers.entries()) {
        for (const [index, hook] of (tier.hooks ?? []).entries()) {
          if (!has(config.hooks, hook))
            yield {
              path: [...path, at, 'hooks', index],
              what: `there is no hook ${hook}`,
              instead: 'write the id of a hook, and add it under hooks',
            };
        }
      }
    }
  }),
  rule('tier-repeats', ['paging'], function* ({ config }) {
    for (const { tiers, path } of ladders(config)) {
      for (const [at, tier] of tiers.entries()) {
        for (const key of ['sms', 'email', 'https', 'hooks'] as const) {
          for (const repeat of repeats<string>(tier[key] ?? []))
            yield { path: [...path, at, key, repeat.at], what: 'the tier tells the same one twice', instead: 'remove one' };
        }
      }
    }
  }),
  rule('hook-node-known', ['nodes', 'hooks'], function* ({ config }) {
    for (const [id, hook] of Object.entries(config.hooks ?? {})) yield* unknownNodes(config, hook.nodes, ['hooks', id]);
  }),
  rule('silence-node-known', ['nodes', 'silences'], function* ({ config }) {
    for (const [id, silence] of Object.entries(config.silences ?? {}))
      yield* unknownNodes(config, silence.nodes, ['silences', id]);
  }),
  rule('silence-when', ['silences'], function* ({ config }) {
    for (const [id, { cron, for: lasts, from, until }] of Object.entries(config.silences ?? {})) {
      const again = cron !== undefined && lasts !== undefined && from === undefined && until === undefined;
      const once = cron === undefined && lasts === undefined && from !== undefined && until !== undefined;
      if (!again && !once)
        yield {
          path: ['silences', id],
          what: 'it is not clear when the silence is',
          instead: 'write cron and for, or from and until',
        };
    }
  }),
  rule('silence-order', ['silences'], function* ({ config }) {
    for (const [id, { from, until }] of Object.entries(config.silences ?? {})) {
      if (from !== undefined && until !== undefined && Date.parse(until) <= Date.parse(from))
        yield { path: ['silences', id, 'until'], what: 'the silence ends before it begins', instead: 'write a later time' };
    }
  }),
];
