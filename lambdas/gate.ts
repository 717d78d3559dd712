import { createGateFunction, type ResourceRequest } from '../lib/aws/gate.ts';
import { once } from '../lib/aws/once.ts';

const gate = once(() => createGateFunction());

/** Made at the first invocation: what is missing fails that invocation, and the next tries again. */
export const handler = async (request: ResourceRequest): Promise<void> => gate()(request);
