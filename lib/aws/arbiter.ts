import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { Route53Client } from '@aws-sdk/client-route-53';
import { SNSClient } from '@aws-sdk/client-sns';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createArbiter } from '../run/arbiter.ts';
import { limits, lineOf, perRegion } from './limits.ts';
import { linkTo } from './links.ts';
import { createMetrics } from './metrics.ts';
import { metricNamespace, switchAlarmRegion } from './names.ts';
import { createSwitches, paceRoute53 } from './route53.ts';
import { createPager } from './sns.ts';
import type { Started } from './start.ts';

/** Throttled calls are tried again, with the SDK's pauses, as long as an act lasts. */
const ROUTE53_ATTEMPTS = 4;

/** What the wake queue feeds: however many wakes a batch holds, one look answers them all. A look that fails is a failed batch. */
export function createArbiterFunction({ cell, region, clock, log, store, ...started }: Started) {
  const { environment, resolveText, randomId } = started;
  const { emit } = log;
  const cloudWatchOf = perRegion((each) => new CloudWatchClient({ region: each, ...limits(1_000) }));
  const metrics = createMetrics({
    namespace: metricNamespace(cell.name),
    region,
    alarmRegions: cell.paging.regions,
    clientOf: cloudWatchOf,
    clock,
    write: (line) => void process.stdout.write(`${line}\n`),
    emit,
  });
  // Route 53 has one endpoint for all regions; its requests are signed for us-east-1 (AWS General Reference, "Route 53 endpoints").
  const route53 = paceRoute53(new Route53Client({ region: 'us-east-1', ...limits(2_000, ROUTE53_ATTEMPTS) }), clock);
  const cloudWatch = cloudWatchOf(switchAlarmRegion(cell));
  let key: string | undefined;
  const linkOf = (incident: string): string =>
    linkTo(environment.linkBase, incident, key === undefined ? undefined : { key, cell: cell.name });
  const arbiter = createArbiter({
    cell,
    region,
    clock,
    store,
    switches: createSwitches({ cell, route53, cloudWatch, emit }),
    pager: createPager({
      cell: cell.name,
      topics: environment.topics,
      clientOf: perRegion((each) => new SNSClient({ region: each, ...limits(1_000) })),
      linkOf,
    }),
    hooks: { call: () => Promise.reject(new Error('hooks are not called yet')) },
    metrics,
    linkOf,
    randomId,
    emit,
  });

  /** A page without the right to acknowledge is better than none. */
  async function readKey(): Promise<string | undefined> {
    if (environment.linkKey === undefined) return undefined;
    try {
      return await resolveText({ secretsManager: environment.linkKey });
    } catch (error) {
      emit({ event: 'note', text: `links go out unsigned, the key cannot be read: ${lineOf(error)}` });
      return key;
    }
  }

  return async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const [first] = Records;
    try {
      key = await readKey();
      if (first) await arbiter.handle(JSON.parse(first.body));
      return { batchItemFailures: [] };
    } finally {
      await metrics.flush();
    }
  };
}
