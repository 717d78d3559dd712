/**
 * How long a configuration of 1,000 checks takes to validate, against reading its YAML alone.
 * Run: npx node bench/config.ts
 */
import { parse } from 'yaml';
import { resolveSource, sourceOf } from '../lib/config/load.ts';

const NODES = 250;
const ROUNDS = 5;

const node = (at: number): string => `  n${at}:
    url: https://n${at}.example.org
    checks:
      api: { type: http, path: /health, expect: { status: 2xx, body: { contains: ok, matches: "^ok" }, json: [{ path: "a.b", equals: 1 }] } }
      info: { type: http, path: /info, expect: { time: { degraded: 800ms, down: 3s } } }
      p2p: { type: tcp, port: 9876, interval: 5m }
      ssh: { type: tcp, port: 22, expect: { banner: "^SSH-2.0" } }
`;
const yaml = `name: bench\nvantages: [eu-west-1, us-east-2, sa-east-1]\nnodes:\n${Array.from({ length: NODES }, (_, at) => node(at)).join('')}`;

function validate(): void {
  const source = sourceOf('bench.yaml', yaml);
  const loaded = 'data' in source ? resolveSource(source, { env: {} }) : undefined;
  if (!loaded?.ok || loaded.cell.checks.length !== NODES * 4) throw new Error('the configuration of the bench is not valid');
}

/** The fastest of several runs, in ms: what else the machine does only makes them slower. */
function fastestMs(run: () => void): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const from = performance.now();
    run();
    return performance.now() - from;
  });
  return Math.min(...times);
}

const first = performance.now();
validate();
const coldMs = performance.now() - first;
const parseMs = fastestMs(() => parse(yaml));
const validateMs = fastestMs(validate);
const rounded = (value: number): string => value.toFixed(1);
process.stdout.write(
  `${NODES * 4} checks: ${rounded(coldMs)} ms at first, then ${rounded(validateMs)} ms, ${rounded(validateMs / parseMs)} times reading the YAML alone (${rounded(parseMs)} ms)\n`,
);
