import { type Configuration, checksOf, has, type NodeCheck, templatesOf } from './configuration.ts';
import { isGroupEntry, partsOf } from './groups.ts';
import { isChainConfig, PRODUCER_KEYS, producerOf } from './resolve-chains.ts';
import { type Rule, rule } from './rules.ts';
import { endpointOf, needsHost, needsUrl, urlOf } from './target.ts';

/** Rules of nodes, templates and checks. */

const CHECKS_MAX = 2_000;

/** A node from which `dependsOn` leads back to itself, with the way; each circle once. */
function circles(nodes: Configuration['config']['nodes']): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const walk = (node: string, way: readonly string[]): void => {
    if (way.includes(node)) {
      found.push([...way.slice(way.indexOf(node)), node]);
      return;
    }
    if (done.has(node)) return;
    for (const next of nodes[node]?.dependsOn ?? []) walk(next, [...way, node]);
    done.add(node);
  };
  for (const node of Object.keys(nodes)) walk(node, []);
  return found;
}

/** Is a check a part of this one, or of one of its parts? */
function isUnder(entry: NodeCheck, top: NodeCheck, checks: readonly NodeCheck[], passed: readonly NodeCheck[] = []): boolean {
  if (!isGroupEntry(top) || passed.includes(top)) return false;
  return partsOf(top, checks).some((part) => part === entry || isUnder(entry, part, checks, [...passed, top]));
}

export const CHECK_RULES: Rule[] = [
  rule('nodes-none', ['nodes'], function* ({ config }) {
    if (Object.keys(config.nodes).length === 0)
      yield {
        path: ['nodes'],
        what: 'there is no node',
        instead: 'write at least one, like eu1: { url: https://eu1.example.org, checks: … }',
      };
  }),
  rule('template-known', ['templates'], function* ({ config }) {
    for (const [id, node] of Object.entries(config.nodes)) {
      for (const template of templatesOf(node)) {
        if (has(config.templates, template)) continue;
        const known = Object.keys(config.templates ?? {});
        yield {
          path: ['nodes', id, 'use'],
          what: `there is no template ${template}`,
          instead: known.length > 0 ? `write one of ${known.join(', ')}` : 'add it under templates',
        };
      }
    }
  }),
  rule('template-collision', [], function* ({ config }) {
    for (const [id, node] of Object.entries(config.nodes)) {
      const from = new Map<string, string>();
      for (const template of templatesOf(node)) {
        for (const check of Object.keys(checksOf(config, template))) {
          const other = from.get(check);
          if (other !== undefined && !has(node.checks, check)) {
            yield {
              path: ['nodes', id, 'use'],
              what: `the templates ${other} and ${template} both have a check ${check}`,
              instead: 'give one of them another id',
            };
          }
          from.set(check, template);
        }
      }
    }
  }),
  rule('node-checks', ['nodes', 'templates'], function* ({ config, checks }) {
    const watched = new Set(checks.map(({ node }) => node));
    for (const [id, node] of Object.entries(config.nodes)) {
      const known = templatesOf(node).every((template) => has(config.templates, template));
      if (known && !watched.has(id))
        yield { path: ['nodes', id], what: 'the node has no check', instead: 'write use: with a template, or checks:' };
    }
  }),
  rule('checks-max', [], function* ({ checks }) {
    if (checks.length > CHECKS_MAX)
      yield {
        path: ['nodes'],
        what: `${checks.length} checks are more than a cell holds`,
        instead: `write at most ${CHECKS_MAX}, and a second configuration for the rest`,
      };
  }),
  rule('check-url', ['nodes'], function* ({ config, checks }) {
    for (const entry of checks) {
      const node = config.nodes[entry.node];
      if (node === undefined || !needsUrl(entry.check.type) || urlOf(entry, node) !== undefined) continue;
      yield {
        path: ['nodes', entry.node],
        what: `the check ${entry.id} has no URL to ask`,
        instead: 'write url: here or in the check',
      };
    }
  }),
  rule('check-host', ['nodes'], function* ({ config, checks }) {
    for (const entry of checks) {
      const node = config.nodes[entry.node];
      if (node === undefined || !needsHost(entry.check.type) || endpointOf(entry, node) !== undefined) continue;
      yield {
        path: ['nodes', entry.node],
        what: `the check ${entry.id} has no host to connect to`,
        instead: 'write host: here or in the check',
      };
    }
  }),
  rule('body-method', [], function* ({ checks }) {
    for (const { check, path } of checks) {
      if (check.type !== 'http' || check.body === undefined || !['GET', 'HEAD', undefined].includes(check.method)) continue;
      yield {
        path: [...path, 'body'],
        what: `a ${check.method ?? 'GET'} request carries no body`,
        instead: 'write method: POST',
      };
    }
  }),
  rule('missed-whom', [], function* ({ checks }) {
    for (const { check, path } of checks) {
      if (!isChainConfig(check) || !('missed' in (check.expect ?? {})) || producerOf(check) !== undefined) continue;
      yield {
        path: [...path, 'expect', 'missed'],
        what: 'nobody is named whose blocks these are',
        instead: `write ${PRODUCER_KEYS[check.type]}: beside type`,
      };
    }
  }),
  rule('tls-pair', [], function* ({ checks }) {
    for (const { check, path } of checks) {
      const tls = 'tls' in check ? check.tls : undefined;
      if ((tls?.cert === undefined) === (tls?.key === undefined)) continue;
      yield { path: [...path, 'tls'], what: 'a client certificate needs both cert and key', instead: 'write both' };
    }
  }),
  rule('group-known', ['nodes', 'templates'], function* ({ checks }) {
    const known = new Set(checks.map(({ node, id }) => `${node}/${id}`));
    for (const { node, id, check, path } of checks) {
      for (const [at, other] of ('of' in check ? check.of : []).entries()) {
        if (other !== id && known.has(`${node}/${other}`)) continue;
        yield {
          path: [...path, 'of', at],
          what: `the node ${node} has no other check ${other}`,
          instead: 'write the id of another check of the same node',
        };
      }
    }
  }),
  rule('group-circle', ['nodes', 'templates'], function* ({ checks }) {
    for (const entry of checks) {
      if (!isGroupEntry(entry) || entry.check.of.includes(entry.id)) continue;
      const above = partsOf(entry, checks).find((part) => isUnder(entry, part, checks));
      if (above === undefined) continue;
      yield {
        path: [...entry.path, 'of', entry.check.of.indexOf(above.id)],
        what: `${above.id} is itself made of ${entry.id}`,
        instead: 'write checks that are not made of this one',
      };
    }
  }),
  rule('depends-known', ['nodes'], function* ({ config }) {
    for (const [id, node] of Object.entries(config.nodes)) {
      for (const [at, other] of (node.dependsOn ?? []).entries()) {
        if (!has(config.nodes, other))
          yield { path: ['nodes', id, 'dependsOn', at], what: `there is no node ${other}`, instead: 'write the id of a node' };
      }
    }
  }),
  rule('depends-circle', [], function* ({ config }) {
    for (const circle of circles(config.nodes)) {
      yield {
        path: ['nodes', circle[0] ?? '', 'dependsOn'],
        what: `nodes depend on themselves: ${circle.join(' → ')}`,
        instead: 'remove one of them',
      };
    }
  }),
];
