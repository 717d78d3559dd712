import { GetAccountSettingsCommand } from '@aws-sdk/client-lambda';
import { GetAccountLimitCommand } from '@aws-sdk/client-route-53';
import { RESERVED } from '../aws/sizes.ts';
import { createSwitchIds } from '../aws/switch-ids.ts';
import { memberKey } from '../core/cell.ts';
import { type Assumption, always, hasRecords } from './assumption.ts';
import type { Bench, Finding } from './bench.ts';

/** Lambda keeps these for functions without a share of their own (Lambda developer guide, "Configuring reserved concurrency"). */
const UNRESERVED = 100;
const CONSOLE = 'ask for more under Service Quotas';

async function checkConcurrency({ cell, lambdaOf }: Bench): Promise<Finding[]> {
  const { vantages, arbiters, paging } = cell;
  const regions = [...new Set([...vantages, ...arbiters, ...paging.regions])];
  const findings = await Promise.all(
    regions.map(async (region): Promise<Finding[]> => {
      const needed =
        (vantages.includes(region) ? RESERVED.prober : 0) +
        (arbiters.includes(region) ? RESERVED.arbiter + RESERVED.web : 0) +
        (paging.regions.includes(region) ? RESERVED.gate : 0);
      const { AccountLimit } = await lambdaOf(region).send(new GetAccountSettingsCommand({}));
      const { ConcurrentExecutions = 0, UnreservedConcurrentExecutions = 0 } = AccountLimit ?? {};
      // What is deployed already has its share, which is not unreserved any more.
      const isEnough = ConcurrentExecutions >= needed + UNRESERVED && UnreservedConcurrentExecutions >= UNRESERVED;
      const what = `${ConcurrentExecutions} functions may run at a time, ${UnreservedConcurrentExecutions} of them unreserved; ours reserve ${needed}, and ${UNRESERVED} must stay`;
      return isEnough
        ? []
        : [
            {
              subject: region,
              what,
              todo: `${CONSOLE} (Lambda, concurrent executions), or deploy with -c reserveConcurrency=false`,
            },
          ];
    }),
  );
  return findings.flat();
}

async function checkHealthChecks({ cell, route53 }: Bench): Promise<Finding[]> {
  const { Limit, Count = 0 } = await route53.send(new GetAccountLimitCommand({ Type: 'MAX_HEALTH_CHECKS_BY_OWNER' }));
  const limit = Limit?.Value ?? 0;
  const switches = await createSwitchIds(route53, cell).list();
  const missing = cell.records.flatMap(({ id, members }) =>
    members.filter(({ node }) => !switches.has(memberKey(id, node))).map(({ node }) => memberKey(id, node)),
  );
  const what = `${Count} of ${limit} health checks are used, and ${missing.length} switches are still to come`;
  return [
    ...(Count + missing.length <= limit ? [] : [{ subject: 'Route 53', what, todo: `${CONSOLE} (Route 53, health checks)` }]),
    ...missing.map((member) => ({ subject: `switch of ${member}`, what: 'is not there', todo: 'deploy the records stack' })),
  ];
}

export const QUOTA_ASSUMPTIONS: Assumption[] = [
  {
    id: 'lambda-concurrency',
    claim: 'The account lets every function have its share.',
    source: 'Lambda developer guide, "Lambda quotas" and "Configuring reserved concurrency"',
    proof: "compares each region's limit with what is reserved",
    concerns: always,
    check: checkConcurrency,
  },
  {
    id: 'health-checks',
    claim: 'The account lets every member have its switch, and every one is found by its tags.',
    source: 'Route 53 API reference, GetAccountLimit; developer guide, "Quotas"',
    proof: 'compares the limit with what is used and missing, and looks for each switch by tag',
    concerns: hasRecords,
    check: checkHealthChecks,
  },
];
