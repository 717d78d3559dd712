import type { Cell } from '../core/cell.ts';
import { withHeartbeats } from '../heartbeats/look.ts';
import type { Beats, Clock, Emit, History, Queue, Store, VantageMessage, WakeMessage } from '../ports.ts';
import { withAttempts } from '../probes/attempts.ts';
import type { Dial } from '../probes/dial.ts';
import { createProbe } from '../probes/index.ts';
import { runChecks } from '../probes/run.ts';
import { createProber } from '../run/prober.ts';
import type { Faults } from './faults.ts';

export interface LocalVantagePorts {
  cell: Cell;
  vantage: string;
  clock: Clock;
  store: Store;
  beats: Beats;
  history: History;
  dial: Dial;
  faults: Faults;
  vantages: Readonly<Record<string, Queue<VantageMessage>>>;
  arbiters: readonly Queue<WakeMessage>[];
  emit: Emit;
}

/** A region's prober on this machine: the handler that would run in a Lambda, with the faults that can befall one. */
export function createLocalVantage(ports: LocalVantagePorts): (message: VantageMessage) => Promise<void> {
  const { cell, vantage, clock, faults, dial } = ports;
  const probe = withAttempts(createProbe({ dial, resolveText: refuseSecret, hidden: cell.hidden }), clock);
  const prober = createProber({
    ...ports,
    look: withHeartbeats((checks, deadline) => runChecks(checks, probe, { clock, deadline }), ports),
  });
  return async (message) => {
    const effect = faults.ofVantage(vantage);
    if (effect === 'dead') return;
    // Just too late to count: longer would only keep more rounds waiting.
    if (effect === 'late' && message.kind === 'round')
      await clock.sleep(Math.max(0, message.due - clock.now()) + cell.intervalMs * 0.6);
    await prober.handle(message);
  };
}

/** A local run reads no secrets: it has no rights to any. */
export async function refuseSecret(): Promise<string> {
  throw new Error('secrets are fetched from AWS only (write {env: NAME} for a local run)');
}
