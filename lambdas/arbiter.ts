import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createArbiterFunction } from '../lib/aws/arbiter.ts';
import { once } from '../lib/aws/once.ts';
import { start } from '../lib/aws/start.ts';

const arbiter = once(() => createArbiterFunction(start('arbiter')));

/** Made at the first invocation: what is missing fails that invocation, and the next tries again. */
export const handler = async (event: SQSEvent): Promise<SQSBatchResponse> => arbiter()(event);
