import { CreateTableCommand, DynamoDBClient, ResourceInUseException, waitUntilTableExists } from '@aws-sdk/client-dynamodb';

export interface ClientOptions {
  region: string;
  /** An embedded or local DynamoDB; it is given made-up credentials. Absent: AWS itself. */
  endpoint?: string;
  /** Limit of one attempt, connecting included; every call makes at most two. */
  requestTimeoutMs?: number;
  /** Called before every attempt; what it throws is what the caller gets (the local runtime's faults). */
  faults?: () => void | Promise<void>;
}

/**
 * A DynamoDB client that gives up quickly: a round of seconds cannot wait for the SDK's default (no limit, three attempts).
 * Connections are kept alive between calls, which is the SDK's default.
 */
export function createClient({ region, endpoint, requestTimeoutMs = 1000, faults }: ClientOptions): DynamoDBClient {
  const client = new DynamoDBClient({
    region,
    maxAttempts: 2,
    // Without throwOnRequestTimeout the SDK only logs a warning and waits on.
    requestHandler: { connectionTimeout: requestTimeoutMs, requestTimeout: requestTimeoutMs, throwOnRequestTimeout: true },
    ...(endpoint === undefined ? {} : { endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
  });
  if (faults) {
    client.middlewareStack.add(
      (next) => async (args) => {
        await faults();
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low', name: 'faults' },
    );
  }
  return client;
}

/** Creates the voting table for local use and tests, or finds it there, and waits until it can be used. In AWS the CDK app creates it. */
export async function createTable(client: DynamoDBClient, name: string): Promise<void> {
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.5 }, { TableName: name });
}
