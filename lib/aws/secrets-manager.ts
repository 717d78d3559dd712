import { GetSecretValueCommand, SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';

/** Reads secrets from Secrets Manager; nothing for one that holds bytes. */
export function secretReader(config: SecretsManagerClientConfig) {
  const client = new SecretsManagerClient(config);
  return async (SecretId: string, bound: { abortSignal: AbortSignal }): Promise<string | undefined> => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }), bound);
    return SecretString;
  };
}
