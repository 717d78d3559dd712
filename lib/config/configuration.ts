import type { Path } from './faults.ts';
import type { CheckConfig, Config } from './schema.ts';

/** Where the cell will run: AWS reaches less than one's own machine does. */
export type Target = 'aws' | 'local';

/** A check of a node, with its template expanded. */
export interface NodeCheck {
  node: string;
  id: string;
  check: CheckConfig;
  /** Where it is written: in a template, or in the node. */
  path: Path;
}

/** What rules look at: a configuration whose shape is right. */
export interface Configuration {
  config: Config;
  target: Target;
  /** In place of the top interval (`local --interval`). */
  intervalMs?: number;
  /** In the order of nodes and of their checks. */
  checks: readonly NodeCheck[];
}

/** Whether people gave something that name; `constructor` and its like are names as any other. */
export const has = (named: object | undefined, name: string): boolean => named !== undefined && Object.hasOwn(named, name);

const list = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

/** Ids of the templates that a node uses. */
export const templatesOf = (node: Config['nodes'][string]): readonly string[] => list(node.use);

/** Checks of a template; none where there is no such template. */
export const checksOf = (config: Config, template: string): Record<string, CheckConfig> =>
  has(config.templates, template) ? (config.templates?.[template] ?? {}) : {};

/** Puts the checks of templates into the nodes that use them; a node's own check replaces a template's of the same id. */
export function configurationOf(config: Config, target: Target, intervalMs?: number): Configuration {
  const checks = Object.entries(config.nodes).flatMap(([node, spec]) => {
    const found = new Map<string, NodeCheck>();
    for (const template of templatesOf(spec)) {
      for (const [id, check] of Object.entries(checksOf(config, template))) {
        found.set(id, { node, id, check, path: ['templates', template, id] });
      }
    }
    for (const [id, check] of Object.entries(spec.checks ?? {}))
      found.set(id, { node, id, check, path: ['nodes', node, 'checks', id] });
    return [...found.values()];
  });
  return { config, target, ...(intervalMs === undefined ? {} : { intervalMs }), checks };
}
