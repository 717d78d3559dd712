/**
 * A steady state, counted: 1,000 checks at a cadence of 10 s from five vantages over the local runtime, as users start it.
 *   node bench/steady.ts [minutes=10] [checks=1000]
 * Prints ballots cast beside vantages × rounds, and every round that was late, dropped or abstained. Exit code 1 if there was one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const [minutes = 10, checks = 1_000] = process.argv.slice(2).map(Number);
const VANTAGES = ['eu-west-1', 'us-east-2', 'ap-northeast-1', 'ca-central-1', 'sa-east-1'];
const INTERVAL_MS = 10_000;

const folder = mkdtempSync(join(tmpdir(), 'quorumwatch-'));
const target = createServer((_, response) => response.end('{"head_block_num": 1}')).listen(0, '127.0.0.1');
await once(target, 'listening');
const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}`;

const perNode = 10;
const each = Array.from({ length: perNode }, (_, index) => `    c${index}: { type: http, path: /${index} }`).join('\n');
const nodes = Array.from({ length: checks / perNode }, (_, index) => `  n${index}: { url: "${url}", use: t }`).join('\n');
const file = join(folder, 'steady.yaml');
writeFileSync(
  file,
  `name: steady\nvantages: [${VANTAGES}]\ninterval: 10s\ndefaults: { timeout: 3s }\ntemplates:\n  t:\n${each}\nnodes:\n${nodes}\n`,
);

const main = fileURLToPath(new URL('../bin/quorumwatch.ts', import.meta.url));
const child = spawn(process.execPath, [main, 'local', file, '--json', '--port', '0', '--dns-port', '0'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const counted: Record<string, { ballots: number; abstained: number; notUp: number }> = {};
const others: string[] = [];
let readyAt = 0;
let endAt = Number.POSITIVE_INFINITY;
createInterface({ input: child.stdout }).on('line', (line) => {
  const event = JSON.parse(line);
  if (event.event === 'ready') readyAt = Date.parse(event.at);
  if (event.event !== 'ballot') return void others.push(line);
  if (Date.parse(event.at) > endAt) return; // a round that was waiting for its due time when it was told to stop
  counted[event.vantage] ??= { ballots: 0, abstained: 0, notUp: 0 };
  const count = counted[event.vantage];
  if (!count) return;
  count.ballots++;
  if (event.abstention) count.abstained++;
  count.notUp += Object.keys(event.votes).length;
});
while (readyAt === 0) await new Promise((resolve) => setTimeout(resolve, 50));
// An odd end: in the middle between two dues of every vantage, when no round is under way.
const rounds = (minutes * 60_000) / INTERVAL_MS;
const firstDue = Math.ceil(readyAt / INTERVAL_MS) * INTERVAL_MS;
endAt = firstDue + rounds * INTERVAL_MS - 1_000;
await new Promise((resolve) => setTimeout(resolve, endAt - Date.now()));
const cpu = process.resourceUsage();
child.kill('SIGINT');
await once(child, 'exit');
target.close();
target.closeAllConnections();
rmSync(folder, { recursive: true });

const early = readyAt % INTERVAL_MS; // vantages whose stagger was still ahead when we started had one round more
process.stdout.write(`${minutes} min, ${checks} checks, ${VANTAGES.length} vantages, started ${early} ms into a round\n`);
let isFine = true;
VANTAGES.forEach((vantage, index) => {
  const stagger = (index * INTERVAL_MS) / VANTAGES.length;
  const expected = rounds + (stagger > early ? 1 : 0);
  const { ballots, abstained, notUp } = counted[vantage] ?? { ballots: 0, abstained: 0, notUp: 0 };
  isFine &&= ballots === expected && abstained === 0 && notUp === 0;
  process.stdout.write(
    `${vantage.padEnd(15)} ballots ${ballots} of ${expected}, abstained ${abstained}, votes that were not up ${notUp}\n`,
  );
});
for (const line of others) process.stdout.write(`${line}\n`);
process.stdout.write(`target server: ${((cpu.userCPUTime + cpu.systemCPUTime) / 1e6).toFixed(0)} s of processor time\n`);
process.exitCode = isFine ? 0 : 1;
