import { GetSecretValueCommand, SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';

/** Reads secrets from Secrets Manager, the current version of each unless another stage is named; nothing for one that holds bytes. */
export function secretReader(config: SecretsManagerClientConfig) {
  const client = new SecretsManagerClient(config);
  return async (SecretId: string, bound: { abortSignal: AbortSignal }, VersionStage?: string): Promise<string | undefined> => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId, VersionStage }), bound);
    return SecretString;
  };
}
