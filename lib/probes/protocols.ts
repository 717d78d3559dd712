import type { ProbeSpec } from '../core/cell.ts';
import { probeHttp } from './http.ts';
import { loadPaths } from './json.ts';
import type { Look, Outcome } from './look.ts';
import { loadPatterns } from './patterns.ts';
import { probeTcp } from './tcp.ts';

/**
 * How a check is looked at. Starting a function is billed by what it loads: it starts with what nearly every cell needs, and the rest
 * comes with the first check that asks for it, before that look's time begins. Rejects for kinds that are not probed.
 */
export async function protocolOf(spec: ProbeSpec): Promise<(look: Look) => Promise<Outcome>> {
  if (asks(spec.expect, PATTERN_KEYS)) await loadPatterns();
  if (asks(spec.expect, PATH_KEYS)) await loadPaths();
  switch (spec.kind) {
    case 'http':
      return (look) => probeHttp(spec, look);
    case 'tcp':
      return (look) => probeTcp(spec, look);
    case 'tls': {
      const { probeTls } = await import('./tls.ts');
      return (look) => probeTls(spec, look);
    }
    case 'dns': {
      const { probeDns } = await import('./dns.ts');
      return (look) => probeDns(spec, look);
    }
    case 'websocket': {
      const { probeWebsocket } = await import('./websocket.ts');
      return (look) => probeWebsocket(spec, look);
    }
    case 'jsonrpc': {
      const { probeJsonrpc } = await import('./jsonrpc.ts');
      return (look) => probeJsonrpc(spec, look);
    }
    case 'heartbeat':
    case 'any':
    case 'all':
      throw new Error(`checks of the kind ${spec.kind} are not probed`);
    default: {
      const { probeChain } = await import('./chains/chain.ts');
      return (look) => probeChain(spec, look);
    }
  }
}

/** Where expectations hold a regular expression, and where a JMESPath. */
const PATTERN_KEYS = ['matches', 'banner'];
const PATH_KEYS = ['path', 'grows'];

/** Is one of these keys set anywhere in it? */
const asks = (expect: unknown, keys: readonly string[]): boolean =>
  typeof expect === 'object' &&
  expect !== null &&
  Object.entries(expect).some(([key, value]) => (keys.includes(key) && value !== undefined) || asks(value, keys));
