/** A child process that looks at hostile servers, one after the other, and says what each look cost. Linux alone. */
import { readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createDial } from '../../../lib/probes/dial.ts';
import { createProbe } from '../../../lib/probes/index.ts';
import { createResolver } from '../../../lib/probes/resolver.ts';
import { type Job, PUBLIC_ADDRESS, type Report } from './row.ts';

const KIB = 1_024;
/** How long sockets may take to close behind a look. */
const SETTLE_MS = 1_000;

const unhandled: string[] = [];
process.on('unhandledRejection', (error) => unhandled.push(String(error)));
process.on('uncaughtException', (error) => unhandled.push(String(error)));

/** The public address is this machine, and nothing reaches another one. */
const strayed: string[] = [];
const { connect } = net;
net.connect = ((options: net.TcpNetConnectOpts) => {
  const { host = '' } = options;
  const isHere = host === PUBLIC_ADDRESS || host === '::1' || host.startsWith('127.');
  if (!isHere) strayed.push(host);
  return connect({ ...options, host: host === PUBLIC_ADDRESS || !isHere ? '127.0.0.1' : host });
}) as typeof connect;
syncBuiltinESMExports();

process.on('message', (job: Job) => void look(job).then((report) => process.send?.(report)));

async function look({ check, nameServer, ca }: Job): Promise<Report> {
  const resolve = createResolver(nameServer === undefined ? [] : [`127.0.0.1:${nameServer}`]);
  const resolveText = async () => 'hostile-secret';
  const probe = createProbe({ dial: createDial({ resolve, ca }), resolveText });
  const before = counted();
  const keptBefore = await kept();
  const rssBefore = size('VmRSS');
  // proc(5): resets the peak to what the process has now.
  writeFileSync('/proc/self/clear_refs', '5');
  const startedAt = performance.now();
  const { vote, reason, detail } = await probe(check, new AbortController().signal);
  const tookMs = performance.now() - startedAt;
  const peakBytes = Math.max(0, size('VmHWM') - rssBefore);
  const open = await leftOpen(before);
  const keptBytes = (await kept()) - keptBefore;
  return { vote, reason, detail, tookMs, peakBytes, keptBytes, open, unhandled: unhandled.splice(0), strayed: strayed.splice(0) };
}

/** `VmRSS` or `VmHWM`, the largest so far. */
function size(field: string): number {
  const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * KIB;
}

async function kept(): Promise<number> {
  globalThis.gc?.();
  // What sockets held is given back a turn later.
  await delay(1, undefined, { ref: false });
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function counted(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

async function leftOpen(before: Map<string, number>): Promise<string[]> {
  const giveUpAt = performance.now() + SETTLE_MS;
  for (;;) {
    const more = [...counted()].filter(([kind, count]) => count > (before.get(kind) ?? 0)).map(([kind]) => kind);
    if (more.length === 0 || performance.now() > giveUpAt) return more;
    await delay(5, undefined, { ref: false });
  }
}
