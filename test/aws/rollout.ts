/**
 * A monitor on AWS while it is deployed and changed, stack by stack: time passes in half minutes, and everything that reaches people is
 * kept. Alarms are as strict as CloudWatch may be: one that was just made is evaluated at once, and missing data breaches it.
 */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { APIGatewayProxyStructuredResultV2, SQSEvent } from 'aws-lambda';
import type { LambdaContext, LambdaEvent } from 'hono/aws-lambda';
import { vi } from 'vitest';
import { createArbiterFunction } from '../../lib/aws/arbiter.ts';
import { createGate } from '../../lib/aws/gate.ts';
import { alarmName, type FunctionRole, metricAlarmName, tableName, topicArn, topicName } from '../../lib/aws/names.ts';
import { createProberFunction } from '../../lib/aws/prober.ts';
import { gateMs } from '../../lib/aws/sizes.ts';
import { start } from '../../lib/aws/start.ts';
import { createWebFunction } from '../../lib/aws/web.ts';
import { type Alarm, type AlarmStatus, alarmsOf, evaluationRange, judge, statisticOf } from '../../lib/core/alarms.ts';
import type { Cell } from '../../lib/core/cell.ts';
import { startDynamo } from '../../lib/local/dynamo.ts';
import type { Dial } from '../../lib/probes/dial.ts';
import { startRecorder } from '../cdk/dynamodb-recorder.ts';
import { cellOf } from '../config/cell.ts';
import type { FakeAws } from '../fakes/aws.ts';
import type { FakeAlarm } from '../fakes/cloudwatch.ts';
import { ACCOUNT } from '../fakes/wire.ts';
import { startReceiver } from '../hooks/receiver.ts';
import { batchOf, type DeployedCell, deploy, urlEvent } from './account.ts';
import { deploySecrets, secretsOf } from './state-secrets.ts';

/** It looks back upon as many periods as it likes. */
const JUST_MADE: AlarmStatus = { state: 'INSUFFICIENT_DATA', periods: Number.POSITIVE_INFINITY, notified: false };
const HALF_MINUTE_MS = 30_000;
const MINUTE_MS = 60_000;
const BEGIN = Date.parse('2026-01-01T00:00:00Z');
/** Arbiters of one minute come one after another: five requests a second are all that Route 53 takes. */
const APART_MS = 2_000;

/** A cell with two nodes, at that port, behind one name; `more` are further nodes. */
export const cellAt =
  (vantages: readonly string[], replicas: readonly string[], { more = '', guard = '{}' } = {}) =>
  (port: number): Cell =>
    cellOf(`
name: example
vantages: [${vantages.join(', ')}]
table: { replicas: [${replicas.join(', ')}] }
interval: 30s
defaults: { timeout: 1s, attempts: 1 }
nodes:
  eu1: { url: "http://127.0.0.1:${port}", checks: { api: { type: http, path: /eu1 } } }
  us1: { url: "http://127.0.0.1:${port}", checks: { api: { type: http, path: /us1 } } }
${more}
records:
  api:
    name: api.example.org
    zone: example.org
    members:
      - { node: eu1, value: 203.0.113.10, role: primary }
      - { node: us1, value: 198.51.100.7, role: secondary }
    guard: ${guard}
paging: { regions: [eu-west-1, us-east-2], tiers: [{ email: [ops@example.org] }], repeat: 4h }
`);

export type Rollout = Awaited<ReturnType<typeof startRollout>>;

/** Nothing is deployed yet but the table. `cellAt` makes a cell whose nodes are at that port: `/eu1` can break. */
export async function startRollout(cellAt: (port: number) => Cell) {
  vi.useFakeTimers({ toFake: ['Date'], now: BEGIN });
  const closing: (() => unknown)[] = [];
  let isBroken = false;
  const node = await startReceiver(({ path }) => (isBroken && path === '/eu1' ? 500 : 200), {
    onTestFinished: (close: () => unknown) => void closing.push(close),
  });
  const dynamo = await startDynamo();
  // Its answers carry the time that passes here, not the machine's.
  const table = await startRecorder(dynamo.endpoint);
  const first = await deploy(cellAt(node.port), table.endpoint);
  const { aws } = first;
  subscribeAll(first);
  const made: DeployedCell[] = [first];
  const probers = new Map<string, (event: SQSEvent) => Promise<unknown>>();
  const arbiters = new Map<string, (event: SQSEvent) => Promise<unknown>>();
  const webs = new Map<string, ReturnType<typeof createWebFunction>>();
  let alarms: Alarm[] = [];
  let statuses: Record<string, AlarmStatus> = {};
  const notices: string[] = [];
  const notes: string[] = [];

  function started(deployed: DeployedCell, role: FunctionRole, region: string) {
    const env = deployed.environmentOf(role, region);
    for (const [name, value] of Object.entries(env)) if (name.startsWith('AWS_')) vi.stubEnv(name, value);
    return start(role, env);
  }
  /** No host beside loopback is reached: the web part's alarms are another test's. */
  const nowhere: Dial = () => Promise.reject(new Error('not from here'));

  /** What each stack does when it is deployed. */
  const stacks = (deployed: DeployedCell) => ({
    vantage: (region: string) => void probers.set(region, createProberFunction(started(deployed, 'prober', region))),
    arbiter: (region: string) => {
      arbiters.set(region, createArbiterFunction(started(deployed, 'arbiter', region), nowhere));
      webs.set(region, createWebFunction(started(deployed, 'web', region)));
    },
    /** Waits at the gate, for as long as it says, and makes the alarms; `isOpen`: without a gate. */
    async watch({ isOpen = false } = {}): Promise<void> {
      const made = alarmsOf(deployed.cell, { periodMs: MINUTE_MS, webs: [] });
      const gate = createGate({
        cell: deployed.cell.name,
        alarms: made,
        cloudWatch: new CloudWatchClient({ region, ...aws.client }),
        clock: { now: () => Date.now(), sleep: halfMinute },
        waitMs: gateMs(deployed.cell),
        emit: ({ event, ...said }) => void notes.push(`${event} ${JSON.stringify(said)}`),
      });
      if (!isOpen) await gate();
      alarms = made;
      for (const alarm of made) statuses[alarm.id] ??= JUST_MADE;
      makeAlarms(deployed);
      judgeAlarms();
    },
    /** Stacks of regions that are no longer configured, destroyed by their owner. */
    destroy: () => {
      for (const region of probers.keys()) if (!deployed.cell.vantages.includes(region)) probers.delete(region);
      for (const those of [arbiters, webs])
        for (const region of those.keys()) if (!deployed.cell.arbiters.includes(region)) those.delete(region);
    },
  });

  // A region without an arbiter: in its own, an arbiter's metrics go through its log.
  const region = first.cell.paging.regions.at(-1) ?? '';
  function datapointsOf(alarm: Alarm): (number | undefined)[] {
    const until = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
    const key = JSON.stringify(alarm.dimensions);
    const mine = aws.cloudWatch.datapoints.filter(
      (each) => each.region === region && each.name === alarm.metric && JSON.stringify(each.dimensions) === key,
    );
    return Array.from({ length: evaluationRange(alarm) }, (_, at) => {
      const from = until - (evaluationRange(alarm) - at) * MINUTE_MS;
      const values = mine.filter((each) => each.at >= from && each.at < from + MINUTE_MS).map(({ value }) => value);
      return statisticOf(alarm, values);
    });
  }
  function judgeAlarms(): void {
    const judged = judge(alarms, statuses, datapointsOf);
    ({ statuses } = judged);
    notices.push(...judged.notices.map(({ alarm, state }) => `${alarm.id} ${state}`));
  }

  const asked: { region: string; path: string; statuses: number[] }[] = [];
  async function askWebs(): Promise<void> {
    for (const { region, path, statuses } of asked) {
      const event = urlEvent('GET', path) as unknown as LambdaEvent;
      const answer = await webs.get(region)?.(event, {} as LambdaContext);
      if (answer) statuses.push((answer as APIGatewayProxyStructuredResultV2).statusCode ?? 0);
    }
  }

  const due: { at: number; work: () => void }[] = [];

  async function halfMinute(): Promise<void> {
    const at = Date.now();
    for (const each of due.filter((one) => one.at <= at)) {
      due.splice(due.indexOf(each), 1);
      each.work();
    }
    await askWebs();
    const look = batchOf({ kind: 'round', due: at }) as SQSEvent;
    await Promise.all([...probers.values()].map((prober) => prober(look)));
    const tick = batchOf({ kind: 'tick', from: 'scheduler' }) as SQSEvent;
    for (const arbiter of arbiters.values()) {
      vi.setSystemTime(Date.now() + APART_MS);
      await arbiter(tick);
    }
    vi.setSystemTime(at + HALF_MINUTE_MS);
    if ((at + HALF_MINUTE_MS) % MINUTE_MS === 0) judgeAlarms();
  }

  const pass = async (minutes: number): Promise<void> => {
    for (let half = 0; half < minutes * 2; half++) await halfMinute();
  };

  return {
    first: { ...first, ...stacks(first) },
    /** Everything, one group of stacks after the other. */
    async deployAll(): Promise<void> {
      const all = stacks(first);
      for (const each of first.cell.vantages) all.vantage(each);
      for (const each of first.cell.arbiters) all.arbiter(each);
      await all.watch();
    },
    /** Everything but the state and the records is destroyed. */
    destroyAll(): void {
      for (const those of [probers, arbiters, webs]) those.clear();
      [alarms, statuses] = [[], {}];
      replaceAlarms(aws, []);
    },
    destroyVantage: (region: string): void => void probers.delete(region),
    /** Somebody asks a region's web part for this, every half minute from now on. Its answers, while it is there. */
    ask(region: string, path: string): number[] {
      const statuses: number[] = [];
      asked.push({ region, path, statuses });
      return statuses;
    },
    /** Done when so much time has passed. */
    later: (minutes: number, work: () => void): void => void due.push({ at: Date.now() + minutes * MINUTE_MS, work }),
    /** What gates wrote in their logs. */
    notes,
    aws,
    notices,
    breakNode: (broken: boolean) => {
      isBroken = broken;
    },
    pass,
    /** The state of another configuration, in place of what is there or beside it; then its stacks, one by one. */
    async change(cellAt: (port: number) => Cell, replicasBefore: readonly string[] = []) {
      const next = await deploy(cellAt(node.port), table.endpoint, Date.now, aws);
      if (tableName(next.cell) !== tableName(first.cell))
        deploySecrets(aws, secretsOf(first.cell), secretsOf(next.cell, replicasBefore));
      made.push(next);
      return { ...next, ...stacks(next) };
    },
    /** What was paged, by its subject. */
    pages: (): string[] => aws.sns.published.map(({ subject = '' }) => subject),
    /** How often a switch was changed. */
    flips: (): number => aws.calls.filter(({ operation, status }) => operation === 'UpdateHealthCheck' && status === 200).length,
    async close() {
      vi.useRealTimers();
      vi.unstubAllEnvs();
      for (const end of closing) end();
      for (const each of made.reverse()) await each.close();
      await table.close();
      await dynamo.close();
    },
  };
}

/** Everybody has confirmed. */
function subscribeAll({ cell, aws }: DeployedCell): void {
  for (const region of cell.paging.regions)
    for (const [at, { email }] of cell.paging.tiers.entries())
      for (const endpoint of email) {
        const topic = topicArn(region, ACCOUNT, topicName(cell.name, 'tiers', at + 1));
        aws.sns.subscriptions.push({ topic, protocol: 'email', endpoint, state: 'confirmed' });
      }
}

/** The alarms as they are when their stack is deployed, and no others. */
function makeAlarms({ cell, aws }: DeployedCell): void {
  const made = cell.paging.regions.flatMap((region) =>
    alarmsOf(cell, { periodMs: MINUTE_MS }).flatMap((alarm) => {
      const notifying = {
        region,
        name: alarmName(cell.name, alarm.id),
        isComposite: alarm.suppressor !== undefined,
        actionsEnabled: true,
        actions: [topicArn(region, ACCOUNT, topicName(cell.name, 'tiers', 1))],
      };
      const metric = { ...notifying, name: metricAlarmName(cell.name, alarm), isComposite: false, actions: [] };
      return alarm.suppressor === undefined ? [notifying] : [metric, notifying];
    }),
  );
  replaceAlarms(aws, made);
}

/** The switches' alarms are another stack's. */
function replaceAlarms({ cloudWatch }: FakeAws, made: FakeAlarm[]): void {
  const others = cloudWatch.alarms.filter(({ follows }) => follows !== undefined);
  cloudWatch.alarms.splice(0, cloudWatch.alarms.length, ...others, ...made);
}
