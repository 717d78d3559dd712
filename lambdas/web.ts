import type { APIGatewayProxyResult, LambdaContext, LambdaEvent } from 'hono/aws-lambda';
import { once } from '../lib/aws/once.ts';
import { start } from '../lib/aws/start.ts';
import { createWebFunction } from '../lib/aws/web.ts';

const web = once(() => createWebFunction(start('web')));

/** Made at the first invocation: what is missing fails that invocation, and the next tries again. */
export const handler = async (event: LambdaEvent, context: LambdaContext): Promise<APIGatewayProxyResult> =>
  web()(event, context);
