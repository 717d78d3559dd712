import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSecrets, type Secrets } from '../../lib/aws/secrets.ts';
import type { Check } from '../../lib/core/cell.ts';
import { createDial } from '../../lib/probes/dial.ts';
import { createProbe } from '../../lib/probes/index.ts';
import { cellOf } from '../config/cell.ts';
import { type FakeAws, startAws } from '../fakes/aws.ts';
import { createSteppingClock } from './clock.ts';

let aws: FakeAws;
let clock: ReturnType<typeof createSteppingClock>;
let secrets: Secrets;
const resolveText: Secrets['resolveText'] = (text) => secrets.resolveText(text);

beforeEach(async () => {
  clock = createSteppingClock();
  aws = await startAws(clock.now);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  secrets = createSecrets({ clock, region: 'eu-west-1', endpoint: aws.endpoint });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});

it('gives plain text as it is', async () => {
  expect(await resolveText('plain')).toBe('plain');
  expect(aws.calls).toEqual([]);
});

it('fetches from both services, decrypted, in the own region', async () => {
  aws.ssm.parameters.set('/quorumwatch/key', 'from ssm');
  aws.secretsManager.secrets.set('quorumwatch/key', 'from secrets manager');
  expect(await resolveText({ ssm: '/quorumwatch/key' })).toBe('from ssm');
  expect(await resolveText({ secretsManager: 'quorumwatch/key' })).toBe('from secrets manager');
  expect(aws.calls.map(({ service, region, operation }) => [service, region, operation])).toEqual([
    ['ssm', 'eu-west-1', 'GetParameter'],
    ['secretsmanager', 'eu-west-1', 'GetSecretValue'],
  ]);
});

it('fetches what an ARN names where it says, whichever region asks', async () => {
  const arns = ['us-east-2', 'eu-west-1'].map((region) => `arn:aws:secretsmanager:${region}:123456789012:secret:key-AbCdEf`);
  for (const arn of arns) aws.secretsManager.secrets.set(arn, `from ${arn}`);
  for (const arn of arns) {
    expect(await resolveText({ secretsManager: arn })).toBe(`from ${arn}`);
    expect(await secrets.secretVersions(arn)).toEqual([`from ${arn}`]);
  }
  expect(new Set(aws.calls.map(({ region }) => region))).toEqual(new Set(['us-east-2', 'eu-west-1']));
});

it('fetches once for all who ask, and again after five minutes', async () => {
  aws.ssm.parameters.set('/key', 'one');
  expect(await Promise.all([1, 2, 3].map(() => resolveText({ ssm: '/key' })))).toEqual(['one', 'one', 'one']);
  aws.ssm.parameters.set('/key', 'two');
  clock.step(5 * 60_000 - 1);
  expect(await resolveText({ ssm: '/key' })).toBe('one');
  expect(aws.calls).toHaveLength(1);
  clock.step(1);
  expect(await resolveText({ ssm: '/key' })).toBe('two');
});

it('keeps no failure', async () => {
  await expect(resolveText({ ssm: '/key' })).rejects.toMatchObject({ name: 'ParameterNotFound' });
  aws.ssm.parameters.set('/key', 'here now');
  expect(await resolveText({ ssm: '/key' })).toBe('here now');
});

it('gives what a secret held before its last change too, and asks again after five minutes', async () => {
  await expect(secrets.secretVersions('beats')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  aws.secretsManager.secrets.set('beats', 'one');
  expect(await secrets.secretVersions('beats')).toEqual(['one']);
  aws.secretsManager.previous.set('beats', 'one');
  aws.secretsManager.secrets.set('beats', 'two');
  expect(await secrets.secretVersions('beats')).toEqual(['one']);
  clock.step(5 * 60_000);
  expect(await Promise.all([1, 2].map(() => secrets.secretVersions('beats')))).toEqual(Array(2).fill(['two', 'one']));
  expect(aws.calls).toHaveLength(5);
});

it('does not take a service that fails for a secret that was never changed', async () => {
  aws.secretsManager.secrets.set('beats', 'one');
  aws.fail('failing', { service: 'secretsmanager' });
  await expect(secrets.secretVersions('beats')).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
});

it('says so when a secret holds bytes', async () => {
  aws.secretsManager.secrets.set('key', new Uint8Array([1, 2]));
  await expect(resolveText({ secretsManager: 'key' })).rejects.toThrow('it holds no text (binary secrets cannot be used)');
});

it('makes a probe abstain that cannot have it, with the name and without the value', async () => {
  const check = cellOf(`
name: example
vantages: [eu-west-1, us-east-2, ap-northeast-1]
nodes: { a: { url: "http://127.0.0.1:9", checks: { api: { type: http, headers: { authorization: { ssm: /key } } } } } }
`).checks[0] as Check;
  const probe = createProbe({ dial: createDial(), resolveText });
  expect(await probe(check, new AbortController().signal)).toMatchObject({
    vote: 'abstain',
    reason: 'secret',
    detail: expect.stringContaining('/key'),
  });
  aws.ssm.parameters.set('/key', 'Bearer s3cret-value');
  const looked = await probe(check, new AbortController().signal);
  expect(looked).toMatchObject({ vote: 'down', reason: 'connect-refused' });
  expect(JSON.stringify(looked)).not.toContain('s3cret');
});
