import { faultLine } from '../config/faults.ts';
import { type Loaded, resolveSource, sourceOf } from '../config/load.ts';
import type { Probe } from '../ports.ts';
import { type Output, probeCommand } from './probe.ts';

export interface ProbeUrlCommand {
  url: string;
  json: boolean;
  stdout: Output;
  stderr: Output;
  probe: Probe;
}

/** Is an argument a URL rather than the name of a file? */
export const isUrl = (text: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(text);

/**
 * `quorumwatch probe URL`: looks once without a configuration, and prints the one that it would write. All of it is that file: what was
 * seen stands in comments. With `json` only what was seen, as for a file. Exit code as `probe`.
 */
export async function probeUrlCommand({ url, json, stdout, stderr, probe }: ProbeUrlCommand): Promise<number> {
  const text = configurationFor(url);
  const loaded = text === undefined ? UNKNOWN : load(text, 'local');
  if (!loaded.ok) {
    for (const { what, instead } of loaded.faults) stderr.write(`${faultLine({ path: 'URL', what, instead })}\n`);
    return 2;
  }
  if (json) return probeCommand({ cell: loaded.cell, json, stdout, stderr, probe });
  let seen = '';
  const report = { write: (part: string) => (seen += part) };
  const code = await probeCommand({ cell: loaded.cell, json, stdout: report, stderr, probe });
  const onAws = load(text ?? '', 'aws');
  const limits = onAws.ok ? [] : onAws.faults.map(({ what, instead }) => `not on AWS: ${what} (${instead})`);
  const comments = [...seen.trimEnd().split('\n'), ...limits].map((line) => `# ${line}\n`);
  stdout.write(`${comments.join('')}\n${text}`);
  return code;
}

const UNKNOWN = {
  ok: false,
  faults: [
    {
      path: 'URL',
      what: 'it is of no kind that can be probed',
      instead: 'write https://HOST/PATH, wss://HOST, tcp://HOST:PORT or tls://HOST',
    },
  ],
} as const;

function load(text: string, target: 'aws' | 'local'): Loaded {
  const source = sourceOf('URL', text);
  return 'data' in source ? resolveSource(source, { target, env: {} }) : { ok: false, faults: source.faults };
}

/** A configuration with one check of a URL; undefined for what is none, or of a scheme that nothing speaks. */
function configurationFor(text: string): string | undefined {
  const url = URL.parse(text);
  const check = url && checkFor(url);
  if (!check) return undefined;
  const { node, spec } = check;
  return `# Check this file with: npx quorumwatch validate quorumwatch.config.yaml
name: example
# Regions that probe and vote. A majority must agree before anything is called down.
vantages: [eu-west-1, us-east-2, ap-northeast-1]
interval: 30s
nodes:
  ${idOf(url.hostname)}:
    ${node}
    checks:
      ${spec}
# Who is told. The next tier follows when nobody acknowledged.
paging:
  tiers:
    - { email: [ops@example.org] }
    - { after: 10m, email: [everyone@example.org] }
`;
}

/** How a URL is written in a node and its check. Quotes of JSON are quotes of YAML. */
function checkFor(url: URL): { node: string; spec: string } | undefined {
  const secure = /^(https|wss):$/.test(url.protocol) ? ', certificate: { degraded: 14d }' : '';
  const time = 'time: { degraded: 1s, down: 3s }';
  const login = url.username || url.password ? `${url.username}:${url.password}@` : '';
  const at = (protocol: string) => `url: ${JSON.stringify(`${protocol}//${login}${url.host}`)}`;
  const path = JSON.stringify(`${url.pathname}${url.search}`);
  const host = `host: ${JSON.stringify(url.hostname.replace(/^\[|\]$/g, ''))}`;
  switch (url.protocol) {
    case 'http:':
    case 'https:':
      return { node: at(url.protocol), spec: `page: { type: http, path: ${path}, expect: { status: 2xx, ${time}${secure} } }` };
    case 'ws:':
    case 'wss:':
      return {
        node: at(url.protocol.replace('ws', 'http')),
        spec: `feed: { type: websocket, path: ${path}, expect: { ${time}${secure} } }`,
      };
    case 'tcp:':
      return url.port === '' ? undefined : { node: host, spec: `port: { type: tcp, port: ${url.port}, expect: { ${time} } }` };
    case 'tls:':
      return {
        node: host,
        spec: `certificate: { type: tls, port: ${url.port || 443}, expect: { minVersion: TLSv1.2, certificate: { degraded: 14d } } }`,
      };
    default:
      return undefined;
  }
}

/** A host as an id of the configuration. */
function idOf(hostname: string): string {
  const id = hostname
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 63)
    .replace(/-$/, '');
  // YAML takes these for something else than text.
  return /^(\d*|true|false|null)$/.test(id) ? `node${id}` : id;
}
