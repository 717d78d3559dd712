import type { Configuration } from './configuration.ts';
import { DEFAULTS } from './defaults.ts';
import type { Problem } from './faults.ts';
import { pathText } from './faults.ts';
import { pendingReason } from './pending.ts';
import { usedKeys } from './sections.ts';

/** What a vantage or a replica must look like to be deployed. */
const AWS_REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

/** What is valid, and still worth a word. */
export function warningsOf(configuration: Configuration): Problem[] {
  return [...pending(configuration), ...unheard(configuration), ...roleless(configuration), ...nowhere(configuration)];
}

/** Keys that do nothing yet; what lies below one is not named again. */
function pending({ config }: Configuration): Problem[] {
  const told = new Set<string>();
  return usedKeys(config).flatMap(({ section, key, path }): Problem[] => {
    const reason = pendingReason(section, key);
    if (reason === undefined || path.some((_, at) => told.has(pathText(path.slice(0, at))))) return [];
    const whole = key === 'type' ? path.slice(0, -1) : path;
    told.add(pathText(whole));
    return [{ path: whole, what: `this does nothing yet: ${reason}`, instead: 'keep it for a later version, or remove it' }];
  });
}

/** Incidents that nobody would hear of. */
function unheard({ config: { paging } }: Configuration): Problem[] {
  if (paging === undefined)
    return [
      { path: [], what: 'there is no paging: nobody is told of anything', instead: 'write paging: with at least one tier' },
    ];
  return paging.tiers.flatMap((tier, at): Problem[] => {
    const reached = [tier.sms, tier.email, tier.https, tier.hooks].some((list) => list !== undefined && list.length > 0);
    return reached
      ? []
      : [{ path: ['paging', 'tiers', at], what: 'the tier reaches nobody', instead: 'write sms, email, https or hooks' }];
  });
}

/** Hooks that wait for roles which nobody has, and fences whose pause nobody confirms. */
function roleless({ config }: Configuration): Problem[] {
  const hooks = Object.entries(config.hooks ?? {}).filter(([, { events }]) => events.includes('role'));
  const records = Object.entries(config.records ?? {}).filter(
    ([, { policy }]) => (policy ?? DEFAULTS.record.policy) === 'failover',
  );
  const membersOf = ([, { members }]: (typeof records)[number]) => members.map(({ node }) => node);
  const isFor = ([, { nodes = [] }]: (typeof hooks)[number], node: string) => nodes.length === 0 || nodes.includes(node);
  const lost = hooks.filter((hook) => !records.flatMap(membersOf).some((node) => isFor(hook, node)));
  const open = records.filter(([, { fence }]) => fence === 'required');
  return [
    ...lost.map(([id]) => ({
      path: ['hooks', id, 'events'],
      what: 'none of its nodes has a role',
      instead: 'write a record with policy: failover, or other events',
    })),
    ...open.flatMap((record) =>
      membersOf(record)
        .filter((node) => !hooks.some((hook) => isFor(hook, node)))
        .map((node) => ({
          path: ['records', record[0], 'fence'],
          what: `no hook tells ${node} its role: nobody confirms that it is paused`,
          instead: 'write a hook with events: [role]',
        })),
    ),
  ];
}

/** Vantages and replicas that only one's own machine can be. */
function nowhere({ config, target }: Configuration): Problem[] {
  if (target !== 'aws') return [];
  const regions: [string, (string | number)[]][] = [
    ...config.vantages.map((region, at): [string, (string | number)[]] => [region, ['vantages', at]]),
    ...(config.table?.replicas ?? []).map((region, at): [string, (string | number)[]] => [region, ['table', 'replicas', at]]),
  ];
  return regions
    .filter(([region]) => !AWS_REGION.test(region))
    .map(([region, path]) => ({
      path,
      what: `${region} is not a region of AWS: it runs on one machine alone`,
      instead: 'write a region like eu-west-1 to deploy it',
    }));
}
