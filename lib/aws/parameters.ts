import { GetParameterCommand, SSMClient, type SSMClientConfig } from '@aws-sdk/client-ssm';

/** Reads parameters from Parameter Store, decrypted. */
export function parameterReader(config: SSMClientConfig) {
  const client = new SSMClient(config);
  return async (Name: string, bound: { abortSignal: AbortSignal }): Promise<string | undefined> => {
    const { Parameter } = await client.send(new GetParameterCommand({ Name, WithDecryption: true }), bound);
    return Parameter?.Value;
  };
}
