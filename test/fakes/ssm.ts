import type { AwsAnswer, AwsRequest, FakeService } from './aws.ts';
import { ACCOUNT, json } from './wire.ts';

interface PutRequest {
  Name: string;
  Value: string;
  Type?: 'String' | 'StringList' | 'SecureString';
  Overwrite?: boolean;
}

/** SSM API reference, PutParameter, Value: standard parameters have a limit of 4 KB. */
const MAX_VALUE_BYTES = 4_096;

/** Parameter Store (AWS JSON 1.1): every parameter is a SecureString. */
export function createSsm(): FakeService & {
  /** Those that are the same in every region, by name. */
  parameters: Map<string, string>;
  /** Somebody writes one in a region of its own. */
  write(region: string, name: string, value: string): void;
} {
  const { ok, error } = json('1.1');
  const parameters = new Map<string, string>();
  const written = new Map<string, { value: string; version: number }>();
  const valueIn = (region: string, name: string): string | undefined =>
    written.get(`${region} ${name}`)?.value ?? parameters.get(name);

  /**
   * Of its own region alone. One that is there is overwritten only on request; the type has to be said of a new one, and names cannot
   * begin with `aws` or `ssm` (SSM API reference, PutParameter: Overwrite, Type, Name).
   */
  function put(region: string, { Name, Value, Type, Overwrite = false }: PutRequest): AwsAnswer {
    const before = valueIn(region, Name);
    if (before !== undefined && !Overwrite) return error('ParameterAlreadyExists', 'The parameter already exists.');
    if (before === undefined && Type === undefined) return error('ValidationException', 'A parameter type is required.');
    if (Type !== undefined && Type !== 'SecureString') return error('ValidationException', 'here all are of type SecureString');
    if (/^\/?(aws|ssm)/i.test(Name))
      return error('ValidationException', 'Parameter name: can\'t be prefixed with "aws" or "ssm".');
    if (Buffer.byteLength(Value) > MAX_VALUE_BYTES)
      return error('ValidationException', 'Standard tier parameters support 4096 bytes');
    const key = `${region} ${Name}`;
    const version = (written.get(key)?.version ?? (before === undefined ? 0 : 1)) + 1;
    written.set(key, { value: Value, version });
    return ok({ Version: version, Tier: 'Standard' });
  }

  return {
    parameters,
    write: (region, name, value) => void written.set(`${region} ${name}`, { value, version: 1 }),
    needOf: ({ target = '', region, body }) => ({
      operation: target,
      action: `ssm:${target}`,
      resources: [`arn:aws:ssm:${region}:${ACCOUNT}:parameter/${JSON.parse(body).Name.replace(/^\//, '')}`],
    }),
    answer({ target, region, body }: AwsRequest) {
      if (target === 'PutParameter') return put(region, JSON.parse(body));
      if (target !== 'GetParameter') return error('InvalidAction', `${target}`);
      const { Name, WithDecryption = false } = JSON.parse(body);
      const value = valueIn(region, Name);
      if (value === undefined) return error('ParameterNotFound', '');
      // "Return decrypted values for secure string parameters" is off unless asked for (SSM API reference, GetParameter).
      return ok({ Parameter: { Name, Type: 'SecureString', Value: WithDecryption ? value : 'AQICAHg-ciphertext', Version: 1 } });
    },
  };
}
