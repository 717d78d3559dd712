import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Request } from './policies.ts';
import { ACCOUNT } from './synthesis.ts';

export interface Recorder {
  endpoint: string;
  /** What was asked of DynamoDB so far, as IAM sees it. */
  requests: Request[];
  close(): Promise<void>;
}

/** A way to a DynamoDB that writes down what a role must be allowed for each request. */
export async function startRecorder(upstream: string): Promise<Recorder> {
  const requests: Request[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
    const region = /Credential=[^/]+\/\d{8}\/([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? '';
    requests.push(requestOf(operation, region, JSON.parse(body.toString())));
    const { host: _, connection: __, 'transfer-encoding': ___, ...headers } = incoming.headers;
    const answer = await fetch(upstream, { method: 'POST', headers: headers as Record<string, string>, body });
    outgoing.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? '',
      date: new Date().toUTCString(),
    });
    outgoing.end(Buffer.from(await answer.arrayBuffer()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Keyed {
  TableName?: string;
  Key?: { pk: { S: string } };
  Item?: { pk: { S: string } };
  ExpressionAttributeValues?: { ':pk'?: { S: string } };
  RequestItems?: Record<string, { Keys: { pk: { S: string } }[] }>;
}

/** The partition keys of a request are its `dynamodb:LeadingKeys` (Service authorization reference, "Amazon DynamoDB"). */
function requestOf(operation: string, region: string, body: Keyed): Request {
  const [table = body.TableName, batch] = Object.entries(body.RequestItems ?? {})[0] ?? [];
  const keys = batch?.Keys.map(({ pk }) => pk.S) ?? [(body.Key ?? body.Item)?.pk.S ?? body.ExpressionAttributeValues?.[':pk']?.S];
  return {
    action: `dynamodb:${operation}`,
    resource: `arn:aws:dynamodb:${region}:${ACCOUNT}:table/${table}`,
    context: { 'dynamodb:LeadingKeys': keys.filter((key) => key !== undefined) },
  };
}
