import type { NodeHttpHandlerOptions } from '@smithy/types';

/** What every client of AWS is told about time: the SDK's own default is to wait without end. */
export interface ClientLimits {
  maxAttempts: number;
  requestHandler: NodeHttpHandlerOptions & { throwOnRequestTimeout: boolean };
}

/** Limits for a client: each of its attempts ends within so many ms, connecting included. */
export const limits = (requestTimeoutMs: number, maxAttempts = 2): ClientLimits => ({
  maxAttempts,
  // Without throwOnRequestTimeout the SDK only logs a warning and waits on.
  requestHandler: { connectionTimeout: requestTimeoutMs, requestTimeout: requestTimeoutMs, throwOnRequestTimeout: true },
});

/** Limit for one call with all its attempts. */
export const withinMs = (ms: number): { abortSignal: AbortSignal } => ({ abortSignal: AbortSignal.timeout(ms) });

/** Makes something once for each region that is asked for: clients keep their connections. */
export function perRegion<T>(create: (region: string) => T): (region: string) => T {
  const made = new Map<string, T>();
  return (region) => {
    const one = made.get(region) ?? create(region);
    made.set(region, one);
    return one;
  };
}

/** An error in one line, with the service's name for it: `Throttling: Rate exceeded`. */
export function lineOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'Error' || error.message.startsWith(error.name) ? error.message : `${error.name}: ${error.message}`;
}
