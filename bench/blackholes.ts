/**
 * A run of 1,000 checks, a third of them black holes, at several concurrencies: wall time, CPU time and peak memory, for choosing one:
 * `node bench/blackholes.ts [timeoutMs]`.
 */
import { measure } from '../test/extra/hostile/thousand/measure.ts';

const MIB = 1_048_576;
const timeoutMs = Number(process.argv[2] ?? 4_000);

for (const concurrency of [50, 100, 200, 256, 400]) {
  const { wallMs, cpuMs, peakBytes, surprises } = await measure({ timeoutMs, concurrency });
  const numbers = [`${Math.round(wallMs)} ms`, `${Math.round(cpuMs)} ms of CPU`, `${Math.round(peakBytes / MIB)} MiB at most`];
  process.stdout.write(`${concurrency} at once: ${numbers.join(', ')}, ${surprises.length} surprises\n`);
}
