/** A node that can break, services that are called, and an account in which a cell that knows them is deployed. */
import type { APIGatewayProxyStructuredResultV2, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { LambdaContext, LambdaEvent } from 'hono/aws-lambda';
import { vi } from 'vitest';
import { createArbiterFunction } from '../../lib/aws/arbiter.ts';
import type { FunctionRole } from '../../lib/aws/names.ts';
import { createProberFunction } from '../../lib/aws/prober.ts';
import { type Started, start } from '../../lib/aws/start.ts';
import { createWebFunction } from '../../lib/aws/web.ts';
import type { Cell } from '../../lib/core/cell.ts';
import { createDial, type Dial } from '../../lib/probes/dial.ts';
import { cellOf } from '../config/cell.ts';
import { type Received, startReceiver } from '../hooks/receiver.ts';
import { batchOf, deploy, type urlEvent } from './account.ts';

export const VANTAGES = ['eu-west-1', 'us-east-2', 'ap-northeast-1'];
export const HOOK_SECRET = 'between us';
const TOKEN = 'Bearer from-ssm';

export type World = Awaited<ReturnType<typeof openWorld>>;

/** `endpoint`: of a DynamoDB that is there already; `name`: of the cell; `more`: of its configuration. */
export async function openWorld({
  endpoint,
  name = 'example',
  more = '',
}: {
  endpoint?: string;
  name?: string;
  more?: string;
} = {}) {
  const closing: (() => unknown)[] = [];
  const own = { onTestFinished: (close: () => unknown) => void closing.push(close) };
  let isBroken = false;
  const answer = ({ path, headers }: Received) => {
    const isAsked = headers.authorization === TOKEN;
    return { status: !isAsked || (isBroken && path === '/eu1') ? 500 : 200, body: '{"head":7}' };
  };
  const node = await startReceiver(answer, own);
  const service = await startReceiver(() => 204, own);
  const cell = cellWith(name, node.port, more);
  const deployed = await deploy(cell, endpoint);
  for (const [parameter, value] of Object.entries({
    key: TOKEN,
    hook: `${service.url}/hook`,
    'hook-secret': HOOK_SECRET,
    ping: `${service.url}/ping`,
  }))
    deployed.aws.ssm.parameters.set(`/quorumwatch/${parameter}`, value);
  return {
    cell,
    deployed,
    breakNode: () => {
      isBroken = true;
    },
    /** What hooks were called with, in order. */
    hooks: (): Received[] => service.received.filter(({ path }) => path === '/hook'),
    async close() {
      for (const end of closing) end();
      await deployed.close();
    },
  };
}

/** A check that uses a secret and what is loaded late: linear expressions, JMESPath. */
const CHECK = (path: string) =>
  `{ type: http, path: ${path}, headers: { authorization: { ssm: /quorumwatch/key } }, expect: { body: { matches: 'h[a-z]+' }, json: [{ path: head, greaterThan: 5 }] } }`;

const cellWith = (name: string, port: number, more: string): Cell =>
  cellOf(`
name: ${name}
vantages: [${VANTAGES.join(', ')}]
table: { replicas: [us-east-1, us-east-2, us-west-2] }
interval: 10s
defaults: { timeout: 3s, attempts: 1, downFor: 0s }
nodes:
  eu1: { url: "http://127.0.0.1:${port}", checks: { api: ${CHECK('/eu1')} } }
  us1: { url: "http://127.0.0.1:${port}", checks: { api: ${CHECK('/us1')} } }
  cron: { checks: { nightly: { type: heartbeat, every: 1h } } }
records:
  api:
    name: api.example.org
    zone: example.org
    members:
      - { node: eu1, value: 203.0.113.10, role: primary }
      - { node: us1, value: 198.51.100.7, role: secondary }
paging: { regions: [eu-west-1, us-east-2], tiers: [{ email: [ops@example.org], sms: ['+4915112345678'] }] }
hooks: { ops: { events: [page], url: { ssm: /quorumwatch/hook }, secret: { ssm: /quorumwatch/hook-secret } } }
ping: { ssm: /quorumwatch/ping }
${more}
`);

/** The functions of a world in this process. Hosts that they dial beside loopback are written down, and not reached. */
export function functionsOf({ deployed }: World) {
  const dialled: string[] = [];
  const dial = createDial();
  const onlyHere: Dial = (target, signal) => {
    if (target.host === '127.0.0.1') return dial(target, signal);
    dialled.push(target.host);
    return Promise.reject(new Error('not from here'));
  };
  function started(role: FunctionRole, region: string): Started {
    const env = deployed.environmentOf(role, region);
    for (const [variable, value] of Object.entries(env)) if (variable.startsWith('AWS_')) vi.stubEnv(variable, value);
    return start(role, env);
  }
  const batch = (bodies: readonly (object | string)[]) => batchOf(...bodies) as SQSEvent;
  const prober = (region: string) => {
    const handler = createProberFunction(started('prober', region));
    return (...bodies: (object | string)[]): Promise<SQSBatchResponse> => handler(batch(bodies));
  };
  const arbiter = (region: string) => {
    const handler = createArbiterFunction(started('arbiter', region), onlyHere);
    return (...bodies: (object | string)[]): Promise<SQSBatchResponse> => handler(batch(bodies));
  };
  const web = async (event: ReturnType<typeof urlEvent>): Promise<APIGatewayProxyStructuredResultV2> =>
    (await createWebFunction(started('web', 'us-east-2'))(event as unknown as LambdaEvent, {} as LambdaContext)) as never;
  return {
    dialled,
    prober,
    arbiter,
    web,
    /** Every vantage looks once. */
    probeAll: () => Promise.all(VANTAGES.map((region) => prober(region)({ kind: 'round', due: Date.now() }))),
  };
}

/** What the scheduler sends to an arbiter. */
export const TICK = { kind: 'tick', from: 'scheduler' };
