import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';
import { alarmName, metricNamespace, SWITCH_TAGS, topicArn, topicName } from '../../lib/aws/names.ts';
import { doctorCommand } from '../../lib/cli/doctor.ts';
import { alarmsOf } from '../../lib/core/alarms.ts';
import type { Cell } from '../../lib/core/cell.ts';
import { PROTOCOLS } from '../../lib/core/subscriptions.ts';
import type { Diagnosis } from '../../lib/doctor/run.ts';
import { startDynamo } from '../../lib/local/dynamo.ts';
import type { Clock } from '../../lib/ports.ts';
import { deploy } from '../aws/account.ts';
import { cellOf } from '../config/cell.ts';
import { ACCOUNT } from '../fakes/wire.ts';

export const CELL = `
name: example
vantages: [eu-west-1, us-east-2, ap-northeast-1]
table: { replicas: [us-east-1, us-east-2, us-west-2] }
nodes:
  eu1: { url: https://eu1.example.org, checks: { api: { type: http, headers: { authorization: { ssm: /example/key } } } } }
  us1: { url: https://us1.example.org, checks: { api: { type: http } } }
records:
  api:
    { name: api.example.org, zone: example.org, members: [{ node: eu1, value: 192.0.2.1, role: primary }, { node: us1, value: 192.0.2.2, role: secondary }] }
paging: { regions: [eu-west-1, us-east-2], tiers: [{ sms: ['+12025550100'], email: [ops@example.org] }], repeat: 30m }
hooks:
  ours: { events: [page], url: https://ops.example.org/hook, secret: { secretsManager: example/hook } }
`;

/** What DescribeTable says of a table that the stacks made (DynamoDB API reference, TableDescription). */
export interface TableTruth {
  consistency: 'STRONG' | 'EVENTUAL';
  protected: boolean;
  /** How far the region's clock is off. */
  offMs: number;
  /** The region takes every write, whatever its condition. */
  careless: boolean;
  /** The region shows nothing of what others wrote. */
  blind: boolean;
  /** By which attribute the region's tables forget, if they do. */
  forgets: string | undefined;
}
const TRUE: TableTruth = {
  consistency: 'STRONG',
  protected: true,
  offMs: 0,
  careless: false,
  blind: false,
  forgets: 'expires',
};

/** An embedded DynamoDB that says what a global table's replica would; regions can differ from what they should be. */
async function startReplicas(truths: Map<string, Partial<TableTruth>>, now: () => number) {
  const dynamo = await startDynamo();
  const server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    const region = /Credential=[^/]+\/\d+\/([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const truth = { ...TRUE, ...truths.get(region) };
    const operation = String(request.headers['x-amz-target']).split('.')[1];
    if (truth.careless && operation === 'PutItem')
      for (const name of ['ConditionExpression', 'ExpressionAttributeValues', 'ExpressionAttributeNames']) delete body[name];
    const answerWith = (status: number, said: object) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(said));
    };
    // The embedded DynamoDB protects nothing (DynamoDB developer guide, "Using deletion protection to protect your table").
    if (operation === 'DeleteTable' && truth.protected)
      return answerWith(400, {
        __type: 'com.amazon.coral.validate#ValidationException',
        message: `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first. Resource Arn: ${body.TableName}`,
      });
    if (operation === 'UpdateTable' && typeof body.DeletionProtectionEnabled === 'boolean') {
      truths.set(region, { ...truth, protected: body.DeletionProtectionEnabled });
      return answerWith(200, { TableDescription: { TableName: body.TableName } });
    }
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
    if (operation === 'DescribeTimeToLive') {
      // DynamoDB API reference, TimeToLiveDescription; the embedded DynamoDB knows nothing of it.
      const status = truth.forgets === undefined ? 'DISABLED' : 'ENABLED';
      const description = { TimeToLiveStatus: status, AttributeName: truth.forgets };
      return answerWith(200, { TimeToLiveDescription: description });
    }
    const answer = await fetch(dynamo.endpoint, {
      method: 'POST',
      headers: headers as Record<string, string>,
      body: JSON.stringify(body),
    });
    const said = (await answer.json()) as { Item?: object; Table?: Record<string, unknown> };
    if (truth.blind && operation === 'GetItem') delete said.Item;
    if (said.Table) {
      said.Table.MultiRegionConsistency = truth.consistency;
      said.Table.DeletionProtectionEnabled = truth.protected;
    }
    response.setHeader('date', new Date(now() + truth.offMs).toUTCString());
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(said));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    dynamo,
    async close() {
      server.closeAllConnections();
      server.close();
      await dynamo.close();
    },
  };
}

/** An account in which everything is as the design needs it, until a test changes something; time goes by while somebody waits. */
export async function startAccount(yaml = CELL) {
  const cell: Cell = cellOf(yaml);
  let time = 1_767_225_600_000;
  const clock: Clock = {
    now: () => time,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      time += Math.max(0, ms);
    },
  };
  const truths = new Map<string, Partial<TableTruth>>();
  const replicas = await startReplicas(truths, clock.now);
  const deployed = await deploy(cell, replicas.endpoint, clock.now);
  const { aws } = deployed;
  for (const region of cell.paging.regions) {
    for (const list of ['tiers', 'quiet'] as const)
      for (const [at, tier] of cell.paging[list].entries()) {
        const topic = topicArn(region, ACCOUNT, topicName(cell.name, list, at + 1));
        for (const protocol of PROTOCOLS)
          for (const endpoint of tier[protocol]) aws.sns.subscriptions.push({ topic, protocol, endpoint, state: 'confirmed' });
      }
    const actions = [topicArn(region, ACCOUNT, topicName(cell.name, 'tiers', 1))];
    for (const { id, suppressor, metric, dimensions, comparison, threshold } of alarmsOf(cell, { periodMs: 60_000 })) {
      aws.cloudWatch.datapoints.push({
        region,
        namespace: metricNamespace(cell.name),
        name: metric,
        dimensions,
        value: comparison === 'LessThanThreshold' ? threshold : 0,
        at: time - 60_000,
      });
      aws.cloudWatch.alarms.push({
        region,
        name: alarmName(cell.name, id),
        isComposite: suppressor !== undefined,
        actionsEnabled: true,
        actions,
      });
    }
    aws.sns.smsAttributes.set(region, { MonthlySpendLimit: '50' });
  }
  aws.ssm.parameters.set('/example/key', 'a key');
  aws.secretsManager.secrets.set('example/hook', 'a secret');
  for (const [name, value] of Object.entries(deployed.environmentOf('web', 'eu-west-1')))
    if (name.startsWith('AWS_')) vi.stubEnv(name, value);

  async function doctor(only: string[] = [], signal = new AbortController().signal) {
    const [out, err]: [string[], string[]] = [[], []];
    const io = {
      stdout: { write: (text: string) => out.push(text) },
      stderr: { write: (text: string) => err.push(text) },
      signal,
    };
    const code = await doctorCommand({ cell, clock, only, json: true, ...io });
    return { code, diagnoses: JSON.parse(out.join('')) as Diagnosis[], err: err.join('') };
  }

  /** What was there before a check and is not part of the cell. */
  const leftovers = () => ({
    healthChecks: [...aws.route53.checks.values()].filter(({ tags }) => tags[SWITCH_TAGS.cell] !== cell.name).length,
    alarms: aws.cloudWatch.alarms.filter(({ name }) => name.includes('doctor')).length,
    queues: [...aws.sqs.queues.keys()].filter((url) => url.includes('doctor')).length,
  });

  return {
    ...deployed,
    clock,
    truths,
    doctor,
    leftovers,
    async close() {
      vi.unstubAllEnvs();
      await deployed.close();
      await replicas.close();
    },
  };
}

export type Account = Awaited<ReturnType<typeof startAccount>>;
