import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createGate, createGateFunction } from '../../lib/aws/gate.ts';
import { limits } from '../../lib/aws/limits.ts';
import { metricAlarmName } from '../../lib/aws/names.ts';
import { type Alarm, alarmsOf } from '../../lib/core/alarms.ts';
import type { QuorumEvent } from '../../lib/core/events.ts';
import type { Clock } from '../../lib/ports.ts';
import { cellOf } from '../config/cell.ts';
import { type FakeAws, startAws } from '../fakes/aws.ts';
import { startReceiver } from '../hooks/receiver.ts';
import { deploy } from './account.ts';
import { START } from './clock.ts';

const REGION = 'eu-west-1';
const MINUTE_MS = 60_000;
const cell = cellOf(`
name: example
vantages: [eu-west-1, us-east-2, ap-northeast-1]
nodes: { eu1: { url: "http://127.0.0.1", checks: { api: { type: http } } } }
`);
const ALARMS = alarmsOf(cell, { periodMs: MINUTE_MS });

let aws: FakeAws;
let now: number;
let events: QuorumEvent[];
/** What comes to pass when a minute begins. */
let atMinute: (minute: number) => void;
const clock: Clock = {
  now: () => now,
  sleep: async (ms) => {
    const before = minute();
    now += ms;
    if (minute() > before) atMinute(minute());
  },
};
const minute = (): number => Math.floor((now - START) / MINUTE_MS);

beforeEach(async () => {
  now = START + 5_000;
  events = [];
  atMinute = () => {};
  aws = await startAws(() => now);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await aws.close();
});

/** For how many minutes the gate was closed. */
async function closed(waitMs = 10 * MINUTE_MS): Promise<number> {
  const cloudWatch = new CloudWatchClient({ region: REGION, ...aws.client, ...limits(300, 1) });
  const from = now;
  await createGate({ cell: 'example', alarms: ALARMS, cloudWatch, clock, waitMs, emit: (event) => events.push(event) })();
  return (now - from) / MINUTE_MS;
}

const good = ({ comparison, threshold }: Alarm): number => (comparison === 'LessThanThreshold' ? threshold : threshold - 1);
const say = (alarms: readonly Alarm[], saying: (alarm: Alarm) => number = good): void => {
  for (const alarm of alarms) {
    const { metric: name, dimensions } = alarm;
    aws.cloudWatch.datapoints.push({
      region: REGION,
      namespace: 'Quorumwatch/example',
      name,
      dimensions,
      value: saying(alarm),
      at: now,
    });
  }
};
const make = (alarms: readonly Alarm[]): void => {
  const tells = { region: REGION, isComposite: false, actionsEnabled: true, actions: [] };
  for (const alarm of alarms) aws.cloudWatch.alarms.push({ ...tells, name: metricAlarmName('example', alarm) });
};

it('opens when each alarm would find a good datapoint of a minute that is over', async () => {
  atMinute = (minute) => {
    if (minute >= 3) say(ALARMS);
  };
  expect(await closed()).toBe(4);
  expect(events).toEqual([]);
});

const HEARD = ALARMS.filter(({ ignoresSilence }) => !ignoresSilence);

it.each(HEARD.map((alarm) => [alarm.id, alarm] as const))('waits for what %s looks at', async (_, alarm) => {
  atMinute = (minute) => say(minute >= 4 ? ALARMS : ALARMS.filter((each) => each !== alarm));
  expect(await closed()).toBe(5);
});

it('does not wait for what may be silent', async () => {
  atMinute = () => say(HEARD);
  expect(await closed()).toBe(2);
});

it.each(ALARMS.map((alarm) => [alarm.id, alarm] as const))('waits while the latest of %s is bad', async (_, alarm) => {
  const bad = (each: Alarm): number =>
    each !== alarm ? good(each) : each.comparison === 'LessThanThreshold' ? each.threshold - 1 : each.threshold + 1;
  atMinute = (minute) => (minute === 1 || minute >= 4 ? say(ALARMS, minute === 1 ? bad : good) : undefined);
  expect(await closed()).toBe(5);
});

it('does not hear what was said before it was asked, or elsewhere', async () => {
  now -= MINUTE_MS;
  say(ALARMS);
  now += MINUTE_MS;
  expect(await closed(4 * MINUTE_MS)).toBe(4);
  expect(events).toHaveLength(1);
});

it('asks for nothing where every alarm is there already', async () => {
  make(ALARMS);
  expect(await closed()).toBe(0);
});

it('waits for alarms that are new among others, and for them alone', async () => {
  const [blind, ...others] = ALARMS;
  make(others);
  atMinute = () => say(blind ? [blind] : []);
  expect(await closed()).toBe(2);
});

it('lets the deployment go on in the end, and names who is silent', async () => {
  atMinute = () => say(ALARMS.filter(({ id }) => id !== 'tick/eu-west-1'));
  expect(await closed()).toBe(10);
  const text = 'deployed all the same, people will be told: the arbiter in eu-west-1 does not look';
  expect(events).toEqual([{ event: 'note', text }]);
});

it('does so too when CloudWatch cannot be asked, and asks again until it can', async () => {
  aws.fail('failing', { service: 'monitoring' });
  atMinute = (minute) => {
    say(ALARMS);
    if (minute === 6) aws.heal();
  };
  expect(await closed()).toBe(6);
  expect(events.at(-1)).toEqual({ event: 'note', text: expect.stringContaining('CloudWatch cannot be asked: ') });
  aws.fail('failing', { service: 'monitoring' });
  expect(await closed()).toBe(10);
  expect(events.at(-1)).toEqual({ event: 'note', text: expect.stringContaining('deployed all the same') });
});

const ASKED = { StackId: 'stack', RequestId: 'request', LogicalResourceId: 'gate' };

/** The function, as CloudFormation asks it; its answers are what was put. */
async function answered(RequestType: 'Create' | 'Update' | 'Delete', status = 200) {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  const { port, received } = await startReceiver(() => status);
  const deployed = await deploy(cell, undefined, clock.now, aws);
  const env = deployed.environmentOf('gate', REGION);
  for (const [name, value] of Object.entries(env)) if (name.startsWith('AWS_')) vi.stubEnv(name, value);
  const gate = createGateFunction(env, clock);
  const ResponseURL = `http://127.0.0.1:${port}/answer?X-Amz-Signature=0123`;
  await gate({ RequestType, ResponseURL, ...ASKED }).finally(() => deployed.close());
  return received;
}

it.each(['Create', 'Update'] as const)(
  'answers CloudFormation when it is open, or has waited for long enough (%s)',
  async (type) => {
    const [answer] = await answered(type);
    expect(now - START).toBeGreaterThan(9 * MINUTE_MS);
    expect(answer).toMatchObject({ method: 'PUT', path: '/answer?X-Amz-Signature=0123' });
    expect(answer?.headers['content-type'] ?? '').toBe('');
    expect(JSON.parse(answer?.body ?? '')).toEqual({ Status: 'SUCCESS', PhysicalResourceId: 'gate', ...ASKED });
  },
);

it('has nothing to do when it is deleted', async () => {
  expect(await answered('Delete')).toHaveLength(1);
  expect(now).toBe(START + 5_000);
  expect(aws.calls).toEqual([]);
});

it('fails where its answer is not taken: Lambda tries again', async () => {
  await expect(answered('Delete', 403)).rejects.toThrow('CloudFormation did not take the answer: 403');
});
