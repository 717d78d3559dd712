import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { once } from '../lib/aws/once.ts';
import { createProberFunction } from '../lib/aws/prober.ts';
import { start } from '../lib/aws/start.ts';

const prober = once(() => createProberFunction(start('prober')));

/** Made at the first invocation: what is missing fails that invocation, and the next tries again. */
export const handler = async (event: SQSEvent): Promise<SQSBatchResponse> => prober()(event);
