import type { AwsRequest, FakeService } from './aws.ts';
import { ACCOUNT, json } from './wire.ts';

/** Parameter Store (AWS JSON 1.1): every parameter is a SecureString. */
export function createSsm(): FakeService & { parameters: Map<string, string> } {
  const { ok, error } = json('1.1');
  const parameters = new Map<string, string>();
  return {
    parameters,
    needOf: ({ target = '', region, body }) => ({
      operation: target,
      action: `ssm:${target}`,
      resources: [`arn:aws:ssm:${region}:${ACCOUNT}:parameter/${JSON.parse(body).Name.replace(/^\//, '')}`],
    }),
    answer({ target, body }: AwsRequest) {
      if (target !== 'GetParameter') return error('InvalidAction', `${target}`);
      const { Name, WithDecryption = false } = JSON.parse(body);
      const value = parameters.get(Name);
      if (value === undefined) return error('ParameterNotFound', '');
      // "Return decrypted values for secure string parameters" is off unless asked for (SSM API reference, GetParameter).
      return ok({ Parameter: { Name, Type: 'SecureString', Value: WithDecryption ? value : 'AQICAHg-ciphertext', Version: 1 } });
    },
  };
}
