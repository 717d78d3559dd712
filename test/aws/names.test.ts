import { describe, expect, it } from 'vitest';
import * as names from '../../lib/aws/names.ts';

const LONG = 'a'.repeat(63);

describe('the table', () => {
  it.each([
    [['us-east-1'], 'quorumwatch-example-single-us-east-1'],
    [['us-east-1', 'us-east-2', 'us-west-2'], 'quorumwatch-example-strong-us-east-1-us-east-2-us-west-2'],
    [['us-west-2', 'us-east-1', 'us-east-2'], 'quorumwatch-example-strong-us-east-1-us-east-2-us-west-2'],
  ])('with replicas in %j is %s: another mode or set of replicas is another table', (arbiters, name) => {
    expect(names.tableName({ name: 'example', arbiters })).toBe(name);
  });
});

describe('the secrets', () => {
  it.each([
    [['eu-west-1'], ['eu-west-3', 'eu-west-1', 'eu-west-2'], true],
    [['eu-west-1'], ['eu-west-1', 'eu-west-2', 'eu-central-1'], false],
  ])('of replicas %j and of %j are the same: %j', (before, after, isSame) => {
    for (const nameOf of [names.linkKeyName, names.beatKeyName]) {
      const [one, other] = [before, after].map((arbiters) => nameOf({ name: 'example', arbiters }));
      expect(one === other, `${one} ${other}`).toBe(isSame);
    }
  });
});

describe('names fit', () => {
  const cells = ['a', 'example', LONG, `${LONG.slice(1)}b`];

  it.each(cells)('for the cell %s', (cell) => {
    for (const role of ['prober', 'arbiter', 'web'] as const) expect(names.functionName(cell, role)).toMatch(/^[a-z0-9-]{1,64}$/);
    expect(names.vantageQueueName(cell)).toMatch(/^[a-z0-9-]{1,80}$/);
    expect(names.wakeQueueName(cell)).toMatch(/^[a-z0-9-]{1,80}$/);
    expect(names.switchAlarmName(cell, LONG, LONG).length).toBeLessThanOrEqual(255);
    expect(names.historyTableName({ name: cell })).toMatch(/^[\w.-]{3,255}$/);
    expect(names.tableName({ name: cell, arbiters: ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'] })).toMatch(
      /^[\w.-]{3,255}$/,
    );
  });

  it('and are different for different cells and purposes', () => {
    const all = cells.flatMap((cell) => [
      names.vantageQueueName(cell),
      names.wakeQueueName(cell),
      names.topicName(cell, 'tiers', 1),
      names.topicName(cell, 'quiet', 1),
      names.functionName(cell, 'web'),
      names.historyTableName({ name: cell }),
    ]);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe("the switches' alarms", () => {
  const vantages = ['eu-west-1', 'us-east-1'];

  it.each([
    [['us-east-1', 'us-east-2', 'us-west-2'], 'us-east-2'],
    [['eu-central-1'], 'eu-central-1'],
    [['us-east-1'], 'eu-west-1'],
  ])('with arbiters in %j are in %s: not where the control plane lives', (arbiters, region) => {
    expect(names.switchAlarmRegion({ arbiters, vantages })).toBe(region);
  });

  it('are in us-east-1 where there is nothing else', () => {
    expect(names.switchAlarmRegion({ arbiters: ['us-east-1'], vantages: ['us-east-1'] })).toBe('us-east-1');
  });
});

it('addresses queues and topics of any region', () => {
  expect(names.queueUrl('eu-west-1', '123456789012', 'q')).toBe('https://sqs.eu-west-1.amazonaws.com/123456789012/q');
  expect(names.topicArn('eu-west-1', '123456789012', 't')).toBe('arn:aws:sns:eu-west-1:123456789012:t');
  expect(names.alarmName('example', 'silent/eu-west-1')).toBe('quorumwatch-example-silent-eu-west-1');
});
