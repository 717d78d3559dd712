import { describe, expect, it } from 'vitest';
import { mayPublish, type Publishing } from '../../lib/doctor/topic-policy.ts';

const ACCOUNT = '123456789012';
const PUBLISHING: Publishing = {
  topic: `arn:aws:sns:eu-west-1:${ACCOUNT}:quorumwatch-example-tier-1`,
  alarm: `arn:aws:cloudwatch:eu-west-1:${ACCOUNT}:alarm:quorumwatch-example-blind`,
  account: ACCOUNT,
};
const ALLOW = {
  Effect: 'Allow',
  Principal: { Service: 'cloudwatch.amazonaws.com' },
  Action: 'sns:Publish',
  Resource: PUBLISHING.topic,
};
const DENY = { ...ALLOW, Effect: 'Deny', Principal: '*' };
const only = (Condition: object) => ({ ...ALLOW, Condition });
const unless = (Condition: object) => [ALLOW, { ...DENY, Condition }];

const verdict = (...statements: object[]): boolean => mayPublish(JSON.stringify({ Statement: statements }), PUBLISHING);

describe('an alarm may publish', () => {
  it.each<[string, object[]]>([
    ['whom a statement names', [ALLOW]],
    ['as one of several', [{ ...ALLOW, Principal: { Service: ['s3.amazonaws.com', 'cloudwatch.amazonaws.com'] } }]],
    ['as anybody', [{ ...ALLOW, Principal: '*' }]],
    ['by any action', [{ ...ALLOW, Action: ['SNS:*'], Resource: '*' }]],
    [
      'by names with blanks',
      [only({ ArnLike: { 'aws:SourceArn': `arn:aws:cloudwatch:*:${ACCOUNT}:alarm:quorumwatch-example-*` } })],
    ],
    ['of its account', [only({ StringEquals: { 'AWS:SourceOwner': ACCOUNT, 'aws:SourceAccount': [ACCOUNT, '0'] } })]],
    ['over TLS', unless({ Bool: { 'aws:SecureTransport': false } })],
    ['whom no denial names', [ALLOW, { ...DENY, Principal: { AWS: 'arn:aws:iam::123456789012:root' } }]],
    ['since it is not of others', unless({ StringNotEquals: { 'aws:SourceAccount': ACCOUNT } })],
  ])('%s', (_, statements) => expect(verdict(...statements)).toBe(true));
});

describe('an alarm may not publish', () => {
  it.each<[string, object[]]>([
    ['where nobody is named', []],
    ['where somebody else is named', [{ ...ALLOW, Principal: { Service: 'events.amazonaws.com' } }]],
    ['where something else is allowed', [{ ...ALLOW, Action: 'sns:Subscribe' }]],
    ['on another topic', [{ ...ALLOW, Resource: `${PUBLISHING.topic}0` }]],
    ['with another name', [only({ ArnLike: { 'aws:SourceArn': `arn:aws:cloudwatch:eu-west-1:${ACCOUNT}:alarm:other-*` } })]],
    ['of another account', [only({ StringEquals: { 'aws:SourceAccount': '210987654321' } })]],
    ['where it is denied', [ALLOW, DENY]],
    ['where it is denied to all others', unless({ StringNotEquals: { 'aws:SourceAccount': '210987654321' } })],
    ['by what cannot be judged', [only({ StringEquals: { 'aws:PrincipalOrgID': 'o-1' } })]],
    ['against what cannot be judged', unless({ StringNotEquals: { 'aws:PrincipalOrgID': 'o-1' } })],
    ['by operators that cannot be judged', [only({ DateLessThan: { 'aws:CurrentTime': '2030-01-01T00:00:00Z' } })]],
    ['against all but some', [ALLOW, { Effect: 'Deny', NotPrincipal: { AWS: '1' }, Action: 'sns:Publish', Resource: '*' }]],
  ])('%s', (_, statements) => expect(verdict(...statements)).toBe(false));
});
