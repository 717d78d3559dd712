import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { Route53Client } from '@aws-sdk/client-route-53';
import { SNSClient } from '@aws-sdk/client-sns';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { drillsDue } from '../heartbeats/drills.ts';
import { createHooks } from '../hooks/caller.ts';
import { createKnock } from '../hooks/knock.ts';
import type { WakeMessage } from '../ports.ts';
import { createDial, type Dial } from '../probes/dial.ts';
import { createArbiter } from '../run/arbiter.ts';
import { activeSilences } from '../silences/active.ts';
import { KNOCK_PATH } from '../web/knock-path.ts';
import { limits, lineOf, perRegion } from './limits.ts';
import { linkTo } from './links.ts';
import { createMetrics } from './metrics.ts';
import { metricNamespace, switchAlarmRegion } from './names.ts';
import { createOutlets } from './outlets.ts';
import { createSwitches, paceRoute53 } from './route53.ts';
import { createPager } from './sns.ts';
import type { Started } from './start.ts';

/** Throttled calls are tried again, with the SDK's pauses, as long as an act lasts. */
const ROUTE53_ATTEMPTS = 4;

/** What the wake queue feeds: however many wakes a batch holds, one look answers them all, as a tick if one is among them. A look that fails is a failed batch. */
export function createArbiterFunction({ cell, region, clock, log, store, ...started }: Started, dial: Dial = createDial()) {
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
  const snsOf = perRegion((each) => new SNSClient({ region: each, ...limits(1_000) }));
  const named = { dial, resolveText };
  const webUrl = `${environment.linkBase}${KNOCK_PATH}`;
  const cloudWatch = cloudWatchOf(switchAlarmRegion(cell));
  let key: string | undefined;
  const linkOf = (incident: string | undefined): string =>
    incident === undefined
      ? environment.linkBase
      : linkTo(environment.linkBase, incident, key === undefined ? undefined : { key, cell: cell.name }, clock.now());
  const arbiter = createArbiter({
    cell,
    region,
    clock,
    store,
    switches: createSwitches({ cell, route53, cloudWatch, emit }),
    pager: createPager({ cell, account: environment.account, clientOf: snsOf }),
    hooks: createHooks({ cell, clock, dial, resolveText }),
    metrics,
    silencesAt: (now) => activeSilences(cell.silences, now),
    vantages: started.vantages,
    ...drillsDue(cell),
    outlets: createOutlets({ cell, account: environment.account, snsOf, cloudWatchOf, clock }),
    ...(cell.ping !== undefined && { ping: createKnock({ ...named, what: 'ping', url: cell.ping }) }),
    ...(environment.linkBase !== '' && { knockOnWeb: createKnock({ ...named, what: 'web', url: webUrl }) }),
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
    const messages: WakeMessage[] = Records.map(({ body }) => JSON.parse(body));
    const message = messages.find(({ kind }) => kind === 'tick') ?? messages[0];
    try {
      key = await readKey();
      if (message) await arbiter.handle(message);
      return { batchItemFailures: [] };
    } finally {
      await metrics.flush();
    }
  };
}
