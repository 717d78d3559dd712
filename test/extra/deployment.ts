/** A synthesised cell as Lambda, SQS and the scheduler run it: what functions are told, given and allowed is read from the templates. */
import path from 'node:path';
import { type FunctionRole, queueUrl } from '../../lib/aws/names.ts';
import { batchOf, type urlEvent } from '../aws/account.ts';
import { deploySwitches } from '../aws/switches.ts';
import type { World } from '../aws/world.ts';
import type { Recorder } from '../cdk/dynamodb-recorder.ts';
import { allows, functionOf, type Request, roleOf } from '../cdk/policies.ts';
import { ACCOUNT, only, type Synthesis, templateOf } from '../cdk/synthesis.ts';
import { type LambdaEnvironment, startLambda } from './lambda.ts';

export type Deployment = ReturnType<typeof startDeployment>;

/** One of our functions, by the stack that it is in. */
interface Placed {
  stack: string;
  role: FunctionRole;
}

/** The access key of a function says which one it is; DynamoDB Local takes letters and digits only. */
const KEY = 'FUNCTION';
const keyOf = (placed: Placed): string => `${KEY}${Buffer.from(JSON.stringify(placed)).toString('hex')}`;
const placeOf = (key: string): Placed => JSON.parse(Buffer.from(key.slice(KEY.length), 'hex').toString());

/** Where synthesis put a function's bundle. */
export function folderOf(synthesis: Synthesis, { stack, role }: Placed): string {
  const { S3Key } = functionOf(templateOf(synthesis, stack), role)[1].Properties.Code;
  return path.join(synthesis.directory, `asset.${path.basename(S3Key, '.zip')}`);
}

/** Functions start when something is first delivered to them. `table`: the way to the table, where their rights to it are asked. */
export function startDeployment(synthesis: Synthesis, { deployed }: World, table: Recorder) {
  const { aws } = deployed;
  deploySwitches(aws, synthesis);
  const running = new Map<string, Promise<LambdaEnvironment>>();
  const refused: Request[] = [];
  const regionOf = (stack: string): string => synthesis.places[stack]?.region ?? '';

  const mayDo = (caller: string, request: Request): boolean => {
    // The test itself.
    if (!caller.startsWith(KEY)) return true;
    const placed = placeOf(caller);
    const may = allows(roleOf(templateOf(synthesis, placed.stack), placed.role), request);
    if (!may) refused.push(request);
    return may;
  };
  table.authorise(mayDo);
  aws.authorise((caller, { action, resources, context = {} }) => {
    const keys = Object.fromEntries(Object.entries(context).map(([key, value]) => [key, [value]]));
    return resources.every((resource) => mayDo(caller, { action, resource, context: keys }));
  });

  function functionAt(placed: Placed): Promise<LambdaEnvironment> {
    const { stack, role } = placed;
    const known = running.get(keyOf(placed));
    if (known) return known;
    const { Handler, Timeout, Environment } = functionOf(templateOf(synthesis, stack), role)[1].Properties;
    const told = Object.entries(Environment.Variables).map(([name, value]) => [name, settled(value)]);
    const given = Object.entries(deployed.environmentOf(role, regionOf(stack))).filter(([name]) => name.startsWith('AWS_'));
    const env = { ...Object.fromEntries([...told, ...given]), AWS_ACCESS_KEY_ID: keyOf(placed) };
    const started = startLambda(folderOf(synthesis, placed), Handler, env, Timeout * 1_000);
    running.set(keyOf(placed), started);
    return started;
  }

  /** The queue that feeds a stack's function. */
  const queueOf = (stack: string): string =>
    queueUrl(regionOf(stack), ACCOUNT, only(templateOf(synthesis, stack), 'AWS::SQS::Queue')[1].Properties.QueueName);

  return {
    queueOf,
    /** What IAM refused. */
    refused,
    /** The scheduler sends to a stack's queue what it sends every minute. */
    minute(stack: string, at: Date): void {
      const { Target } = only(templateOf(synthesis, stack), 'AWS::Scheduler::Schedule')[1].Properties;
      const time = at.toISOString().replace(/\.\d+Z$/, 'Z');
      aws.sqs.send(queueOf(stack), Target.Input.replace('<aws.scheduler.scheduled-time>', time));
    },
    /** Gives a stack's function what its queue holds, in batches as its event source is set; how many messages each batch had. */
    async deliver(stack: string): Promise<number[]> {
      const template = templateOf(synthesis, stack);
      const [, { Properties: source }] = only(template, 'AWS::Lambda::EventSourceMapping');
      const [, { Properties: queue }] = only(template, 'AWS::SQS::Queue');
      // Without a window, what is there is delivered at once (Lambda developer guide, "Using Lambda with Amazon SQS").
      if (source.MaximumBatchingWindowInSeconds !== undefined) throw new Error('a batching window is not understood here');
      const role = source.FunctionName.Ref === functionOf(template, roleIn(stack))[0] ? roleIn(stack) : undefined;
      if (!role) throw new Error(`${stack}: its queue feeds another function`);
      const lambda = await functionAt({ stack, role });
      const sizes: number[] = [];
      for (;;) {
        const messages = aws.sqs.receive(queueOf(stack), source.BatchSize, queue.VisibilityTimeout * 1_000);
        if (messages.length === 0) return sizes;
        sizes.push(messages.length);
        const { Records } = batchOf(...messages.map(({ body }) => body));
        const event = { Records: Records.map((record, at) => ({ ...record, messageId: messages[at]?.messageId })) };
        const failed = failedOf(await lambda.invoke(event), source.FunctionResponseTypes ?? []);
        for (const { messageId } of messages) if (!failed.includes(messageId)) aws.sqs.delete(queueOf(stack), messageId);
      }
    },
    /** Asks the URL of a region's web part. */
    ask: async (region: string, event: ReturnType<typeof urlEvent>) =>
      (await functionAt({ stack: `Arbiter-${region}`, role: 'web' })).invoke(event),
    /** CloudFormation asks a region's gate. */
    open: async (stack: string, request: object) => (await functionAt({ stack, role: 'gate' })).invoke(request),
    log: async (): Promise<string> => (await Promise.all(running.values())).flatMap((lambda) => lambda.log()).join('\n'),
    async close() {
      for (const lambda of await Promise.all(running.values())) await lambda.close();
    },
  };
}

const roleIn = (stack: string): FunctionRole => (stack.startsWith('Vantage-') ? 'prober' : 'arbiter');

/** Without `ReportBatchItemFailures` a batch that did not throw is done (Lambda developer guide, "Handling errors for an SQS event source"). */
function failedOf(answer: unknown, responseTypes: readonly string[]): string[] {
  if (!responseTypes.includes('ReportBatchItemFailures')) return [];
  const { batchItemFailures } = answer as { batchItemFailures: { itemIdentifier: string }[] };
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

/** Where a function's URL is found: nobody listens there. */
const URL_OF_FUNCTION = 'https://127.0.0.1:9/';

/** What a value of a template is once it is deployed (CloudFormation user guide, "Intrinsic function reference"). */
function settled(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[name, given] = []] = Object.entries(value as Record<string, unknown>);
  if (name === 'Fn::GetAtt' && (given as string[])[1] === 'FunctionUrl') return URL_OF_FUNCTION;
  if (name === 'Fn::Join') {
    const [by, parts] = given as [string, unknown[]];
    return parts.map(settled).join(by);
  }
  if (name === 'Fn::Select') {
    const [at, { 'Fn::Split': split }] = given as [number, { 'Fn::Split': [string, unknown] }];
    return settled(split[1]).split(split[0])[at] ?? '';
  }
  throw new Error(`${JSON.stringify(value)} is not understood here`);
}
