import type { AwsRequest, FakeService } from './aws.ts';
import { ACCOUNT, json } from './wire.ts';

type Held = ReadonlyMap<string, string | Uint8Array>;

/**
 * Secrets Manager (AWS JSON 1.1). A secret holds text, or bytes in `SecretBinary`; without a stage it is asked for `AWSCURRENT`, and
 * what it held before its last change is `AWSPREVIOUS` (API reference, GetSecretValue, PutSecretValue).
 */
export function createSecretsManager() {
  const { ok, error } = json('1.1');
  const secrets = new Map<string, string | Uint8Array>();
  const previous = new Map<string, string | Uint8Array>();
  const stages: Record<string, Held> = { AWSCURRENT: secrets, AWSPREVIOUS: previous };
  const service: FakeService = {
    needOf: ({ target = '', region, body }) => ({
      operation: target,
      action: `secretsmanager:${target}`,
      resources: [arnOf(region, JSON.parse(body).SecretId)],
    }),
    answer({ target, region, body }: AwsRequest) {
      if (target !== 'GetSecretValue') return error('InvalidAction', `${target}`);
      const { SecretId, VersionStage = 'AWSCURRENT' } = JSON.parse(body);
      const value = stages[VersionStage]?.get(SecretId);
      if (value === undefined) return error('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
      const held = typeof value === 'string' ? { SecretString: value } : { SecretBinary: Buffer.from(value).toString('base64') };
      return ok({ ARN: arnOf(region, SecretId), Name: SecretId, ...held });
    },
  };
  return { ...service, secrets, previous };
}

/** An ARN ends in six characters that Secrets Manager chooses (user guide, "What's in a Secrets Manager secret?"). */
const arnOf = (region: string, id: string): string =>
  id.startsWith('arn:') ? id : `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:${id}-AbCdEf`;
