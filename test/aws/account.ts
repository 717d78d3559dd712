/** An account with a deployed cell: what the stacks make, made on loopback, and what they tell each function. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { environmentVariables } from '../../lib/aws/environment.ts';
import { readToken } from '../../lib/aws/links.ts';
import {
  beatKeyName,
  type FunctionRole,
  historyTableName,
  linkKeyName,
  queueUrl,
  SWITCH_TAGS,
  switchAlarmName,
  switchAlarmRegion,
  type TierList,
  tableName,
  topicArn,
  topicName,
  vantageQueueName,
  wakeQueueName,
} from '../../lib/aws/names.ts';
import { newborn } from '../../lib/core/adopt.ts';
import { type Cell, memberKey } from '../../lib/core/cell.ts';
import { isHeartbeat } from '../../lib/core/heartbeats.ts';
import type { Ledger } from '../../lib/core/ledger.ts';
import { startDynamo } from '../../lib/local/dynamo.ts';
import type { Store } from '../../lib/ports.ts';
import { createClient, createTable } from '../../lib/store/client.ts';
import { createHistory } from '../../lib/store/history.ts';
import { createStore } from '../../lib/store/store.ts';
import { type FakeAws, startAws } from '../fakes/aws.ts';
import { ACCOUNT } from '../fakes/wire.ts';

export const LINK_BASE = 'https://q.example.org';
const KEY = 'a key that nobody can guess';
/** What tokens of heartbeats follow from. */
export const BEAT_KEY = 'a secret for heartbeats';

export type DeployedCell = Awaited<ReturnType<typeof deploy>>;

/** Deploys a cell to fakes of everything. `endpoint`, `there`: of a DynamoDB and an account that are there already, with all in them. */
export async function deploy(cell: Cell, endpoint?: string, now: () => number = Date.now, there?: FakeAws) {
  const aws = there ?? (await startAws(now));
  const dynamo = endpoint === undefined ? await startDynamo() : undefined;
  const dynamoEndpoint = endpoint ?? dynamo?.endpoint ?? '';
  const table = tableName(cell);
  // The test's own way to the table, in no region that can be gone.
  const client = createClient({ region: 'local', endpoint: dynamoEndpoint, requestTimeoutMs: 5_000 });
  for (const each of [table, historyTableName(cell)]) await createTable(client, each);

  const topicsOf = (list: TierList): string[] =>
    cell.paging[list].flatMap((_, index) =>
      cell.paging.regions.map((region) => topicArn(region, ACCOUNT, topicName(cell.name, list, index + 1))),
    );
  const topics = cell.paging.configured ? [...topicsOf('tiers'), ...topicsOf('quiet')] : [];
  for (const arn of topics) aws.sns.topics.add(arn);
  const vantageQueue = (region: string): string => queueUrl(region, ACCOUNT, vantageQueueName(cell.name));
  const wakeQueue = (region: string): string => queueUrl(region, ACCOUNT, wakeQueueName(cell.name));
  for (const url of [...cell.vantages.map(vantageQueue), ...cell.arbiters.map(wakeQueue)])
    if (!aws.sqs.queues.has(url)) aws.sqs.create(url);
  const switches = new Map(
    cell.records.flatMap(({ id: record, members }) =>
      members.map(({ node }) => {
        const tags = { [SWITCH_TAGS.cell]: cell.name, [SWITCH_TAGS.record]: record, [SWITCH_TAGS.node]: node };
        const alarm = switchAlarmName(cell.name, record, node);
        const made = [...aws.route53.checks.values()].find((check) => check.alarm === alarm);
        return [memberKey(record, node), made ?? aws.route53.create({ alarm, alarmRegion: switchAlarmRegion(cell), tags })];
      }),
    ),
  );
  const linkKey = linkKeyName(cell);
  const beatKey = cell.checks.some(isHeartbeat) ? beatKeyName(cell) : undefined;
  // What an update makes of them is another matter (state-secrets.ts).
  if (there === undefined) aws.secretsManager.secrets.set(linkKey, KEY);
  if (there === undefined && beatKey !== undefined) aws.secretsManager.secrets.set(beatKey, BEAT_KEY);
  const folder = mkdtempSync(path.join(tmpdir(), 'quorumwatch-'));
  writeFileSync(path.join(folder, 'cell.json'), JSON.stringify(cell));

  let ids = 0;
  const clock = { now: () => Date.now(), sleep: async () => {} };
  const store: Store = createStore({ client, table, cell: cell.name, randomId: () => `id${++ids}`, clock });

  return {
    cell,
    aws,
    dynamoEndpoint,
    store,
    /** Somebody deletes it. */
    removeHistory: () => client.send(new DeleteTableCommand({ TableName: historyTableName(cell) })),
    history: createHistory({ client, table: historyTableName(cell), cell: cell.name }),
    switches,
    vantageQueue,
    wakeQueue,
    /** Who has it may read the status page. */
    readToken: readToken({ key: KEY, cell: cell.name }),
    settle: () => store.writeLedger(grownUp()),
    /** The environment of a function, with AWS's services on loopback (AWS SDKs reference guide, "Service-specific endpoints"). */
    environmentOf: (role: FunctionRole, region: string): Record<string, string> => ({
      ...environmentVariables({
        role,
        cell: cell.name,
        account: ACCOUNT,
        table,
        tableRegions: cell.arbiters,
        linkBase: role === 'arbiter' ? LINK_BASE : '',
        ...((role === 'arbiter' || role === 'web') && { linkKey }),
        ...(role === 'web' && beatKey !== undefined && { beatKey }),
      }),
      AWS_REGION: region,
      LAMBDA_TASK_ROOT: folder,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: dynamoEndpoint,
    }),
    async close() {
      client.destroy();
      rmSync(folder, { recursive: true });
      await Promise.all([there ? undefined : aws.close(), dynamo?.close()]);
    },
  };
}

/** A ledger that is past its birth: nothing is held for that. */
function grownUp(): Ledger {
  const bornAt = Date.now() - 3_600_000;
  return { ...newborn('born1', bornAt), epoch: 1, adoptedAt: bornAt };
}

/** A batch as Lambda delivers it (Lambda developer guide, "Using Lambda with Amazon SQS"). */
export const batchOf = (...bodies: (object | string)[]) => ({
  Records: bodies.map((body, index) => ({
    messageId: `m${index}`,
    receiptHandle: `r${index}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0', SenderId: '', ApproximateFirstReceiveTimestamp: '0' },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  })),
});

/** An event of a function URL (Lambda developer guide, "Invoking Lambda function URLs": payload format 2.0). */
export function urlEvent(method: string, address: string, body?: object, headers: Record<string, string> = {}) {
  const { host, pathname, search } = new URL(address, LINK_BASE);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers: { host, 'content-type': 'application/json', ...headers },
    requestContext: { domainName: host, http: { method, path: pathname, sourceIp: '192.0.2.1' } },
    body: body === undefined ? undefined : JSON.stringify(body),
    isBase64Encoded: false,
  };
}
