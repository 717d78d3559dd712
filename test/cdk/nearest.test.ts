import { describe, expect, it } from 'vitest';
import { nearestFirst } from '../../lib/cdk/nearest.ts';
import { secretArns } from '../../lib/cdk/secrets.ts';

describe('replicas are tried nearest first', () => {
  it.each([
    ['us-east-2', ['us-east-1', 'us-east-2', 'us-west-2'], ['us-east-2', 'us-east-1', 'us-west-2']],
    ['sa-east-1', ['eu-west-1', 'us-east-2', 'ap-northeast-1'], ['us-east-2', 'eu-west-1', 'ap-northeast-1']],
    ['me-south-1', ['us-east-2', 'eu-west-1', 'ap-northeast-1'], ['eu-west-1', 'us-east-2', 'ap-northeast-1']],
    ['ap-south-1', ['us-east-2', 'ap-northeast-3', 'ap-northeast-1'], ['ap-northeast-3', 'ap-northeast-1', 'us-east-2']],
  ])('from %s', (from, regions, order) => expect(nearestFirst(from, regions)).toEqual(order));
});

describe('secrets of a configuration', () => {
  it('are found wherever they are, each once', () => {
    const configuration = [
      { url: { ssm: '/a/b' } },
      { headers: { x: { ssm: 'plain' }, y: { ssm: '/a/b' } }, body: { secretsManager: 'c' } },
    ];
    expect(secretArns(configuration, 'eu-west-1', '1')).toEqual([
      'arn:aws:secretsmanager:eu-west-1:1:secret:c-??????',
      'arn:aws:ssm:eu-west-1:1:parameter/a/b',
      'arn:aws:ssm:eu-west-1:1:parameter/plain',
    ]);
  });

  it('may be named by their ARN', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:1:secret:c-AbCdEf';
    expect(secretArns({ secretsManager: arn }, 'us-east-2', '2')).toEqual([arn]);
  });

  it('are not seen in what only looks like one', () => {
    expect(secretArns({ ssm: '/a', other: 1, nested: { ssm: 3 } }, 'eu-west-1', '1')).toEqual([]);
  });
});
