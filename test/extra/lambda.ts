/**
 * One execution environment of Lambda: AWS's runtime interface client runs the bundle, and asks this server for invocations as it
 * asks Lambda's runtime API (Lambda developer guide, "Using the Lambda runtime API for custom runtimes").
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

/** Not among the dependencies: to build it takes cmake, a C++ compiler and minutes. */
const CLIENT_FOLDER = fileURLToPath(new URL('runtime-client', import.meta.url));
const CLIENT = `${CLIENT_FOLDER}/node_modules/aws-lambda-ric`;
const INVOCATION = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;

/** What Lambda sets of its own (Lambda developer guide, "Defined runtime environment variables"). */
const RESERVED = {
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: 'under-test',
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
  AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/under-test',
  AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
};

export interface LambdaEnvironment {
  /** The handler's answer; rejects with what it threw, and when its time is over. */
  invoke(event: object): Promise<unknown>;
  /** Lines on standard output and error: what CloudWatch Logs would hold. */
  log(): string[];
  close(): Promise<void>;
}

interface Waiting {
  event: object;
  /** Ends it when its time is over. */
  timer?: NodeJS.Timeout;
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/**
 * Starts a bundle. An invocation that lasts `timeoutMs` fails, its process is ended wherever it is, and the next invocation begins with
 * another one (Lambda developer guide, "Configure Lambda function timeout" and "Understanding the Lambda execution environment
 * lifecycle": failures during the invoke phase).
 */
export async function startLambda(
  folder: string,
  handler: string,
  env: Record<string, string>,
  timeoutMs = 30_000,
): Promise<LambdaEnvironment> {
  if (!existsSync(`${CLIENT}/rapid-client.node`)) {
    throw new Error('the runtime interface client is not there (apt-get install cmake g++ make, then npm run setup:bundles)');
  }
  const queue: Waiting[] = [];
  const running = new Map<string, Waiting>();
  let idle: ServerResponse | undefined;
  let count = 0;
  const log: string[] = [];
  let child: ChildProcess | undefined;
  let ended: Error | undefined;

  function next(): void {
    const waiting = idle && queue.shift();
    if (!idle || !waiting) return;
    const id = `request-${++count}`;
    running.set(id, waiting);
    waiting.timer = setTimeout(timeOut, timeoutMs, id, waiting);
    idle
      .writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': id,
        'lambda-runtime-deadline-ms': String(Date.now() + timeoutMs),
        'lambda-runtime-invoked-function-arn': `arn:aws:lambda:${env.AWS_REGION}:123456789012:function:under-test`,
        'lambda-runtime-trace-id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
      })
      .end(JSON.stringify(waiting.event));
    idle = undefined;
  }

  function timeOut(id: string, { reject }: Waiting): void {
    const said = `${id} Task timed out after ${(timeoutMs / 1_000).toFixed(2)} seconds`;
    log.push(said);
    running.delete(id);
    const late = child;
    child = undefined;
    late?.kill('SIGKILL');
    reject(new Error(said));
  }

  const server = createServer(async (request, response) => {
    const [, id = '', kind] = INVOCATION.exec(request.url ?? '') ?? [];
    if (request.url?.endsWith('/invocation/next')) {
      idle = response;
      return next();
    }
    const body = await bodyOf(request);
    const waiting = running.get(id);
    running.delete(id);
    clearTimeout(waiting?.timer);
    if (kind === 'response') waiting?.resolve(JSON.parse(body));
    else waiting?.reject(new Error(JSON.parse(body).errorMessage));
    response.writeHead(202).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const api = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  function begin(): ChildProcess {
    const begun = spawn(process.execPath, [`${CLIENT}/index.mjs`, handler], {
      cwd: folder,
      // Nothing of this machine's environment, as in Lambda.
      env: { ...env, ...RESERVED, AWS_LAMBDA_RUNTIME_API: api, _HANDLER: handler, LAMBDA_TASK_ROOT: folder },
    });
    keepLines(begun, log);
    begun.once('exit', (code) => {
      if (begun !== child) return; // its time was over
      ended = new Error(`the function ended with exit code ${code}: ${log.join('\n')}`);
      for (const { reject, timer } of [...queue, ...running.values()]) {
        clearTimeout(timer);
        reject(ended);
      }
    });
    return begun;
  }
  child = begin();

  return {
    invoke: (event) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        child ??= begin();
        queue.push({ event, resolve, reject });
        next();
      }),
    log: () => log,
    async close() {
      if (child?.exitCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      server.closeAllConnections();
      server.close();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function keepLines({ stdout, stderr }: ChildProcess, lines: string[]): void {
  for (const stream of [stdout, stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => lines.push(...text.split('\n').filter(Boolean)));
  }
}
