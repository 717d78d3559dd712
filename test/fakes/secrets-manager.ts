import type { AwsRequest, FakeService } from './aws.ts';
import { json } from './wire.ts';

/** Secrets Manager (AWS JSON 1.1). A secret holds text, or bytes in `SecretBinary` (API reference, GetSecretValue). */
export function createSecretsManager(): FakeService & { secrets: Map<string, string | Uint8Array> } {
  const { ok, error } = json('1.1');
  const secrets = new Map<string, string | Uint8Array>();
  return {
    secrets,
    operationOf: ({ target = '' }) => target,
    answer({ target, body }: AwsRequest) {
      if (target !== 'GetSecretValue') return error('InvalidAction', `${target}`);
      const { SecretId } = JSON.parse(body);
      const value = secrets.get(SecretId);
      if (value === undefined) return error('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
      const held = typeof value === 'string' ? { SecretString: value } : { SecretBinary: Buffer.from(value).toString('base64') };
      return ok({ ARN: `arn:aws:secretsmanager:us-east-2:123456789012:secret:${SecretId}-AbCdEf`, Name: SecretId, ...held });
    },
  };
}
