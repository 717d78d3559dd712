import type { AwsAnswer, AwsRequest, FakeService } from './aws.ts';
import { ACCOUNT, json } from './wire.ts';

interface PutRequest {
  SecretId: string;
  SecretString?: string;
  /** In base64. */
  SecretBinary?: string;
}

type Held = ReadonlyMap<string, string | Uint8Array>;

/**
 * Secrets Manager (AWS JSON 1.1). A secret holds text, or bytes in `SecretBinary`; without a stage it is asked for `AWSCURRENT`, and
 * what it held before its last change is `AWSPREVIOUS` (API reference, GetSecretValue, PutSecretValue).
 */
export function createSecretsManager() {
  const { ok, error } = json('1.1');
  const secrets = new Map<string, string | Uint8Array>();
  const previous = new Map<string, string | Uint8Array>();
  const regionsOf = new Map<string, readonly string[]>();
  // The ARN of a copy is another one: it says the copy's region (API reference, StopReplicationToReplica: ARN).
  const isIn = (region: string, id: string): boolean =>
    id.startsWith('arn:') ? id.split(':')[3] === region : (regionsOf.get(id)?.includes(region) ?? true);
  const stages: Record<string, Held> = { AWSCURRENT: secrets, AWSPREVIOUS: previous };
  /** What it held becomes `AWSPREVIOUS`; it has to be there, and holds text or bytes, not both (API reference, PutSecretValue). */
  function put(region: string, { SecretId, SecretString, SecretBinary }: PutRequest): AwsAnswer {
    const before = secrets.get(SecretId);
    if (before === undefined) return error('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    // Copies in other regions follow the first (user guide, "Replicate AWS Secrets Manager secrets across Regions").
    if ((regionsOf.get(SecretId)?.[0] ?? region) !== region)
      return error(
        'InvalidRequestException',
        "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
      );
    if ((SecretString === undefined) === (SecretBinary === undefined))
      return error('InvalidParameterException', 'You must provide either SecretString or SecretBinary.');
    previous.set(SecretId, before);
    secrets.set(SecretId, SecretString ?? Buffer.from(SecretBinary ?? '', 'base64'));
    return ok({ ARN: arnOf(region, SecretId), Name: SecretId, VersionStages: ['AWSCURRENT'] });
  }

  const service: FakeService = {
    needOf: ({ target = '', region, body }) => ({
      operation: target,
      action: `secretsmanager:${target}`,
      resources: [arnOf(region, JSON.parse(body).SecretId)],
    }),
    answer({ target, region, body }: AwsRequest) {
      if (target === 'PutSecretValue') return put(region, JSON.parse(body));
      if (target !== 'GetSecretValue') return error('InvalidAction', `${target}`);
      const { SecretId, VersionStage = 'AWSCURRENT' } = JSON.parse(body);
      const value = isIn(region, SecretId) ? stages[VersionStage]?.get(SecretId) : undefined;
      if (value === undefined) return error('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
      const held = typeof value === 'string' ? { SecretString: value } : { SecretBinary: Buffer.from(value).toString('base64') };
      return ok({ ARN: arnOf(region, SecretId), Name: SecretId, ...held });
    },
  };
  return {
    ...service,
    secrets,
    previous,
    /** By name, where a secret is: first the region in which alone it can be written, then its copies. Absent: everywhere. */
    regionsOf,
  };
}

/** An ARN ends in six characters that Secrets Manager chooses (user guide, "What's in a Secrets Manager secret?"). */
const arnOf = (region: string, id: string): string =>
  id.startsWith('arn:') ? id : `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:${id}-AbCdEf`;
