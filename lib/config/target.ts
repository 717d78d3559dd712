import type { NodeCheck } from './configuration.ts';
import type { Path } from './faults.ts';
import type { Config } from './schema.ts';

/** What a check connects to. */
export interface Endpoint {
  /** Lower case, without brackets and without a dot at the end. */
  host: string;
  port: number;
  /** Where the host is written. */
  path: Path;
}

type NodeConfig = Config['nodes'][string];

const PORTS: Record<string, number> = { 'http:': 80, 'ws:': 80, 'https:': 443, 'wss:': 443 };

/** Kinds that connect to a host of their own or of their node, and kinds that ask a URL. */
const HOST_KINDS = new Set(['tcp', 'tls']);
const UNCONNECTED = new Set(['dns', 'heartbeat', 'any', 'all']);

export const needsHost = (kind: string): boolean => HOST_KINDS.has(kind);
export const needsUrl = (kind: string): boolean => !HOST_KINDS.has(kind) && !UNCONNECTED.has(kind);

/** The URL that a check asks: its own or its node's, with its path behind. Absent where neither has one. */
export function urlOf({ check }: NodeCheck, node: NodeConfig): string | undefined {
  const base = ('url' in check ? check.url : undefined) ?? node.url;
  const path = 'path' in check ? check.path : undefined;
  return base === undefined || path === undefined ? base : `${base.replace(/\/$/, '')}${path}`;
}

/** What a check connects to; absent for kinds that connect to nothing of the node's, or where neither check nor node says. */
export function endpointOf(entry: NodeCheck, node: NodeConfig): Endpoint | undefined {
  const { check } = entry;
  if (needsHost(check.type)) {
    const own = 'host' in check ? check.host : undefined;
    const host = own ?? node.host ?? hostOfUrl(node.url);
    if (host === undefined) return undefined;
    const path: Path =
      own !== undefined ? [...entry.path, 'host'] : ['nodes', entry.node, node.host !== undefined ? 'host' : 'url'];
    return { host: plainHost(host), port: ('port' in check ? check.port : undefined) ?? 443, path };
  }
  if (!needsUrl(check.type)) return undefined;
  const url = URL.parse(urlOf(entry, node) ?? '');
  if (url === null) return undefined;
  const path: Path = 'url' in check && check.url !== undefined ? [...entry.path, 'url'] : ['nodes', entry.node, 'url'];
  return { host: plainHost(url.hostname), port: url.port === '' ? (PORTS[url.protocol] ?? 0) : Number(url.port), path };
}

const hostOfUrl = (url: string | undefined): string | undefined => (url === undefined ? undefined : URL.parse(url)?.hostname);

/** A host name as two of them are compared: lower case, no brackets, no last dot. */
export const plainHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
