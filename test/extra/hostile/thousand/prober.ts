/** A child process that makes one run of a thousand checks, as the prober's function does, and says what it took. */

import { systemClock } from '../../../../lib/local/clock.ts';
import { withAttempts } from '../../../../lib/probes/attempts.ts';
import { createDial } from '../../../../lib/probes/dial.ts';
import { createProbe } from '../../../../lib/probes/index.ts';
import { createResolver } from '../../../../lib/probes/resolver.ts';
import { runChecks } from '../../../../lib/probes/run.ts';
import { thousand, type World } from './checks.ts';

export interface Run {
  world: World;
  /** A port whose queue of connections is full. */
  full: number;
  timeoutMs: number;
  /** @default what the prober has */
  concurrency?: number;
}

export interface Taken {
  wallMs: number;
  cpuMs: number;
  peakBytes: number;
  /** What came out otherwise than expected: `key: reason, expected reason`. */
  surprises: string[];
}

/** Longer than any run of this takes. */
const DEADLINE_MS = 120_000;

process.once('message', (run: Run) => void look(run).then((taken) => process.send?.(taken, () => process.disconnect())));

async function look({ world, full, timeoutMs, concurrency }: Run): Promise<Taken> {
  const resolve = createResolver([`127.0.0.1:${world.ports.names}`]);
  const dial = createDial({ resolve, ca: [world.ca] });
  const probe = withAttempts(createProbe({ dial, resolveText: async () => '' }), systemClock);
  const { checks, expected } = thousand(world, full, timeoutMs);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const seen = await runChecks(checks, probe, { clock: systemClock, deadline: Date.now() + DEADLINE_MS, concurrency });
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  const surprises = [...seen].flatMap(([key, { reason, detail }]) =>
    reason === expected.get(key) ? [] : [`${key}: ${reason} (${detail}), expected ${expected.get(key)}`],
  );
  // getrusage(2): in KiB.
  return { wallMs, cpuMs: (user + system) / 1_000, peakBytes: process.resourceUsage().maxRSS * 1_024, surprises };
}
