import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createProberFunction } from '../lib/aws/prober.ts';
import { once, start } from '../lib/aws/start.ts';

const prober = once(() => createProberFunction(start('prober')));

/** Made at the first invocation: what is missing fails that invocation, and the next tries again. */
export const handler = async (event: SQSEvent): Promise<SQSBatchResponse> => prober()(event);
