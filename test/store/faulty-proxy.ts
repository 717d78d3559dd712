import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to one request on its way to DynamoDB and back. */
export type Fault =
  | 'pass'
  /** The connection is lost before DynamoDB hears of it. */
  | 'lost-before'
  /** DynamoDB does it, the answer is lost. */
  | 'lost-after'
  /** HTTP 500 instead of doing it. */
  | 'error-before'
  /** It is done, and HTTP 500 is answered. */
  | 'error-after'
  /** It is done, and nothing is ever answered. */
  | 'silent-after'
  /** ReplicatedWriteConflictException instead of doing it. */
  | 'replica-conflict'
  /** BatchGetItem: every key comes back unprocessed. */
  | 'unprocessed';

export interface FaultyProxy {
  endpoint: string;
  /** The faults of the next requests of an operation, in order; what comes after them passes. */
  next(operation: string, faults: readonly Fault[]): void;
  /** Operations that arrived, in order, since the last reset. */
  seen(): string[];
  /** Forgets faults and operations. */
  reset(): void;
  close(): Promise<void>;
}

/** An HTTP server in front of a DynamoDB that loses, refuses and garbles requests as told. */
export async function startFaultyProxy(upstream: string): Promise<FaultyProxy> {
  const faults = new Map<string, Fault[]>();
  let operations: string[] = [];
  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    operations.push(operation);
    await serve(upstream, faults.get(operation)?.shift() ?? 'pass', request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: (operation, next) => faults.set(operation, [...next]),
    seen: () => operations,
    reset() {
      faults.clear();
      operations = [];
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function serve(upstream: string, fault: Fault, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (fault === 'lost-before') return void response.destroy();
  if (fault === 'error-before') return answer(response, 500, { __type: 'InternalServerError' });
  if (fault === 'replica-conflict') {
    return answer(response, 400, { __type: 'com.amazonaws.dynamodb.v20120810#ReplicatedWriteConflictException' });
  }
  if (fault === 'unprocessed') {
    return answer(response, 200, { Responses: {}, UnprocessedKeys: JSON.parse(body.toString()).RequestItems });
  }
  const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
  const forwarded = await fetch(upstream, { method: 'POST', headers: headers as Record<string, string>, body });
  const answered = Buffer.from(await forwarded.arrayBuffer());
  if (fault === 'lost-after') return void response.destroy();
  if (fault === 'error-after') return answer(response, 500, { __type: 'InternalServerError' });
  if (fault === 'silent-after') return;
  response.writeHead(forwarded.status, { 'content-type': 'application/x-amz-json-1.0' }).end(answered);
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
}
