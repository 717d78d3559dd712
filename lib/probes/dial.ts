import { lookup } from 'node:dns/promises';
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Check } from '../core/cell.ts';
import { canonicalHost, isAddress, specialRange } from './addresses.ts';
import { codeOf, type PhaseTimings, ProbeFailure } from './failure.ts';
import { openSocket, secureSocket, unlessAborted } from './sockets.ts';

export interface DialTarget {
  /**
   * Name or address, IPv6 with or without brackets. An address, or `localhost`, counts as named by the configuration and is
   * allowed: whoever follows what a server says must not pass another host than the check's own.
   */
  host: string;
  port: number;
  /** Present: a TLS handshake follows, with the host's name as SNI and these protocols (ALPN). */
  tls?: { protocols: string[] };
  check: Check;
}

export interface Dialled {
  socket: Socket;
  /** `dnsMs` is absent where nothing was looked up, `tlsMs` without TLS. */
  timings: PhaseTimings;
  /** The leaf's; ms since 1970. */
  certificate?: { expiresAt: number };
}

/**
 * Opens one connection; throws `ProbeFailure` with the phase's reason, also when the signal aborts. The caller owns the
 * socket. What is to stand between a probe and its node (faults of the local runtime) wraps this function.
 */
export type Dial = (target: DialTarget, signal: AbortSignal) => Promise<Dialled>;

/** All addresses of a name, in the order in which they are to be tried. */
export type Resolve = (host: string) => Promise<string[]>;

export interface DialOptions {
  /** @default getaddrinfo, IPv4 first: Lambda outside a VPC reaches no IPv6 */
  resolve?: Resolve;
  /** Authorities to trust in place of Node's own list, PEM. */
  ca?: string[];
}

/** One look must not become a scan, however many addresses an answer lists. */
const MAX_ADDRESSES = 4;

const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true, order: 'ipv4first' })).map(({ address }) => address);

/**
 * Resolves, judges every address, and connects to one that was judged: there is no second look-up that could answer
 * otherwise. Addresses are tried in order, each for its share of the check's timeout.
 */
export function createDial({ resolve = systemResolve, ca }: DialOptions = {}): Dial {
  let secureContext: SecureContext | undefined;
  return async (target, signal) => {
    const timings: PhaseTimings = {};
    try {
      const host = canonicalHost(target.host);
      if (!host) throw new ProbeFailure('dns-failed', `"${target.host}" is not a host name`);
      const found = await addressesOf(host, target, resolve, timings, signal);
      const allowed = allowedAddresses(host, found, target);
      const socket = await timed(timings, 'connectMs', () => connectFirst(allowed, target, signal));
      if (!target.tls) return { socket, timings };
      secureContext ??= createSecureContext({ ca });
      const options = { socket, host, secureContext, ALPNProtocols: target.tls.protocols };
      const secured = await timed(timings, 'tlsMs', () => secureSocket(options, target.check.timeoutMs, signal));
      const expiresAt = secured.getPeerX509Certificate()?.validToDate.getTime();
      return { socket: secured, timings, certificate: expiresAt === undefined ? undefined : { expiresAt } };
    } catch (error) {
      if (error instanceof ProbeFailure) error.timings = timings;
      throw error;
    }
  };
}

async function addressesOf(
  host: string,
  { check }: DialTarget,
  resolve: Resolve,
  timings: PhaseTimings,
  signal: AbortSignal,
): Promise<string[]> {
  if (isAddress(host)) return [host];
  // RFC 6761 6.3: resolvers answer loopback without asking anybody.
  if (host === 'localhost') return ['127.0.0.1', '::1'];
  const late = () => new ProbeFailure('dns-failed', `no answer for ${host} within ${check.timeoutMs} ms`);
  const found = await timed(timings, 'dnsMs', () => unlessAborted(resolve(host), signal, late)).catch((error) => {
    throw error instanceof ProbeFailure ? error : new ProbeFailure('dns-failed', `${host} does not resolve (${codeOf(error)})`);
  });
  if (found.length === 0) throw new ProbeFailure('dns-failed', `${host} has no address`);
  return found;
}

function allowedAddresses(host: string, found: string[], { check }: DialTarget): string[] {
  const judged = found.map((address) => ({ address, range: specialRange(address) }));
  const allowed = judged.filter(({ address, range }) => {
    return range === undefined || check.probe.allowPrivate || namesLiterally(host, address, range);
  });
  if (allowed.length > 0) return allowed.slice(0, MAX_ADDRESSES).map(({ address }) => address);
  const ranges = judged.map(({ address, range }) => (address === host ? range : `${address}, ${range}`));
  throw new ProbeFailure('address-refused', `${host} is not a public address (${ranges.join('; ')})`);
}

/** `localhost` names loopback (RFC 6761 6.3); any other name names no address. */
const namesLiterally = (host: string, address: string, range: string): boolean =>
  host === address || (host === 'localhost' && range === 'loopback');

/** The first of the addresses that takes the connection; if none does, the first one's failure. */
async function connectFirst(addresses: string[], { port, check }: DialTarget, signal: AbortSignal): Promise<Socket> {
  let first: unknown;
  for (const address of addresses) {
    try {
      return await openSocket(address, port, check.timeoutMs / addresses.length, signal);
    } catch (error) {
      first ??= error;
      if (signal.aborted) break;
    }
  }
  throw first;
}

async function timed<T>(timings: PhaseTimings, phase: keyof PhaseTimings, run: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await run();
  } finally {
    timings[phase] = performance.now() - startedAt;
  }
}
