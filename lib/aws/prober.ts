import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { isHeartbeat } from '../core/heartbeats.ts';
import type { Look } from '../ports.ts';
import { withAttempts } from '../probes/attempts.ts';
import { createDial } from '../probes/dial.ts';
import { createProbe } from '../probes/index.ts';
import { createResolver } from '../probes/resolver.ts';
import { runChecks } from '../probes/run.ts';
import { createProber } from '../run/prober.ts';
import { readVantageMessage } from './messages.ts';
import { once } from './once.ts';
import type { Started } from './start.ts';

/** What the vantage's queue feeds: messages of a batch are handled at once, and only those that failed come again. */
export function createProberFunction({ cell, region, clock, log, store, history, table, ...started }: Started) {
  const { resolveText, vantages, arbiters } = started;
  const probe = withAttempts(
    createProbe({ dial: createDial({ resolve: createResolver() }), resolveText, hidden: cell.hidden }),
    clock,
  );
  const probeAll: Look = (checks, deadline) => runChecks(checks, probe, { clock, deadline });
  // Most cells have no heartbeats: what reads them, cron expressions among it, is loaded with the first.
  const listen = once(async () => {
    const [{ withHeartbeats }, { createBeats }] = await Promise.all([
      import('../heartbeats/look.ts'),
      import('../store/beats.ts'),
    ]);
    return withHeartbeats(probeAll, { beats: createBeats(table), clock });
  });
  const prober = createProber({
    cell,
    vantage: region,
    clock,
    store,
    history,
    look: async (checks, deadline) =>
      checks.some(isHeartbeat) ? (await listen())(checks, deadline) : probeAll(checks, deadline),
    vantages,
    arbiters,
    emit: log.emit,
  });

  return async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const failed = await Promise.all(
      Records.map(async ({ messageId, body }) => {
        try {
          await prober.handle(readVantageMessage(body));
          return [];
        } catch (error) {
          log.error(`a message failed: ${body.slice(0, 200)}`, error);
          return [{ itemIdentifier: messageId }];
        }
      }),
    );
    return { batchItemFailures: failed.flat() };
  };
}
