import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext, TLSSocket } from 'node:tls';
import type { Check } from '../core/cell.ts';
import { canonicalHost, isAddress, specialRange } from './addresses.ts';
import { certificatesOf, type PeerCertificate } from './certificates.ts';
import { openDatagrams } from './datagrams.ts';
import { codeOf, type PhaseTimings, ProbeFailure } from './failure.ts';
import { createSecureContexts, type Pem } from './secure-contexts.ts';
import { openSocket, secureSocket, unlessAborted } from './sockets.ts';
import { ofProxy, openTunnel, type ProxyTarget } from './tunnel.ts';

export interface DialTarget {
  /**
   * Name or address, IPv6 with or without brackets. An address, or `localhost`, counts as named by the configuration and is
   * allowed, and the check's own `address` stands in for it: whoever follows what a server says must not pass another host than
   * the check's own.
   */
  host: string;
  port: number;
  /** `udp`: nothing is opened until something is sent, and TLS is not spoken. @default tcp */
  transport?: 'tcp' | 'udp';
  /** Present: a TLS handshake follows. */
  tls?: TlsTarget;
  /** Connected to instead, and asked for a tunnel; the host's name is its to resolve, and its own address is the one that is judged. */
  proxy?: ProxyTarget;
  check: Check;
}

export interface TlsTarget extends Pem {
  /** ALPN; empty: none is offered. */
  protocols: string[];
  /** SNI, and the name that the certificate must be for. @default the host */
  servername?: string;
  /** Asks for TLS in the protocol that is spoken before (STARTTLS). */
  ask?: (socket: Duplex, signal: AbortSignal) => Promise<void>;
}

export interface Dialled {
  /** A TCP socket; over UDP a stream of datagrams: each write and each `data` is one. */
  socket: Duplex;
  /** `dnsMs` is absent where nothing was looked up, `tlsMs` without TLS. */
  timings: PhaseTimings;
  /** What the server sent, its own first; absent without TLS. */
  certificates?: PeerCertificate[];
  /** The version of TLS that was agreed on, such as `TLSv1.3`. */
  tlsVersion?: string;
  /** What ALPN agreed on, such as `h2`; absent if nothing. */
  protocol?: string;
}

/**
 * Opens one connection; throws `ProbeFailure` with the phase's reason, also when the signal aborts. The caller owns the
 * socket. What is to stand between a probe and its node (faults of the local runtime) wraps this function.
 */
export type Dial = (target: DialTarget, signal: AbortSignal) => Promise<Dialled>;

/** All addresses of a name, in the order in which they are to be tried; of the other version too where that costs nothing. */
export type Resolve = (host: string, wanted: { ipVersion?: 4 | 6; signal: AbortSignal }) => Promise<string[]>;

export interface DialOptions {
  /** @default getaddrinfo, which knows the hosts file; IPv4 first: Lambda outside a VPC reaches no IPv6 */
  resolve?: Resolve;
  /** Authorities to trust in place of Node's own list, PEM, unless a check has its own. */
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
  const contextOf = createSecureContexts(ca);
  return async (target, signal) => {
    const timings: PhaseTimings = {};
    try {
      const host = canonicalHost(target.host);
      if (!host) throw new ProbeFailure('dns-failed', `"${target.host}" is not a host name`);
      const { tls, proxy } = target;
      const context = tls && contextOf(tls);
      const connecting = proxy
        ? connectThrough(host, target, proxy, resolve, timings, signal)
        : connect(host, target, resolve, timings, signal);
      const socket = await connecting;
      if (!tls || !context) return { socket, timings };
      const secured = await timed(timings, 'tlsMs', () => secure(socket, host, tls, context, target.check, signal));
      return {
        socket: secured,
        timings,
        certificates: certificatesOf(secured),
        tlsVersion: secured.getProtocol() ?? undefined,
        protocol: secured.alpnProtocol || undefined,
      };
    } catch (error) {
      if (error instanceof ProbeFailure) error.timings = timings;
      throw error;
    }
  };
}

/** Resolves, judges, connects. */
async function connect(
  host: string,
  target: DialTarget,
  resolve: Resolve,
  timings: PhaseTimings,
  signal: AbortSignal,
): Promise<Duplex> {
  const found = await addressesOf(host, target, resolve, timings, signal);
  const allowed = allowedAddresses(host, found, target);
  return timed(timings, 'connectMs', () => connectFirst(allowed, target, signal));
}

/** A tunnel to the host, or to the address that the check pins, whose time counts as connecting. */
async function connectThrough(
  host: string,
  { port, check }: DialTarget,
  proxy: ProxyTarget,
  resolve: Resolve,
  timings: PhaseTimings,
  signal: AbortSignal,
): Promise<Duplex> {
  const { address: pinned, ...probe } = check.probe;
  const toProxy = { ...proxy, check: { ...check, probe: probe as Check['probe'] } };
  const socket = await connect(proxy.host, toProxy, resolve, timings, signal).catch((error) => {
    throw ofProxy(proxy, error);
  });
  const reachedMs = timings.connectMs ?? 0;
  try {
    await timed(timings, 'connectMs', () => openTunnel(socket, pinned ?? host, port, proxy, signal));
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    timings.connectMs = reachedMs + (timings.connectMs ?? 0);
  }
}

async function addressesOf(
  host: string,
  { check }: DialTarget,
  resolve: Resolve,
  timings: PhaseTimings,
  signal: AbortSignal,
): Promise<string[]> {
  const { address, ipVersion } = check.probe;
  if (address !== undefined) return [address];
  const late = () => new ProbeFailure('dns-timeout', `no answer for ${host} within ${check.timeoutMs} ms`);
  const lookUp = () => timed(timings, 'dnsMs', () => unlessAborted(resolve(host, { ipVersion, signal }), signal, late));
  const found = await (literalAddresses(host) ?? lookUp()).catch((error) => {
    throw error instanceof ProbeFailure ? error : new ProbeFailure('dns-failed', `${host} does not resolve (${codeOf(error)})`);
  });
  const wanted = found.filter((each) => ipVersion === undefined || isIP(each) === ipVersion);
  if (wanted.length === 0) throw new ProbeFailure('dns-failed', `${host} has no ${ipVersion ? `IPv${ipVersion} ` : ''}address`);
  return wanted;
}

/** Addresses that nobody needs to look up: `localhost` is answered by resolvers without asking anybody (RFC 6761 6.3). */
function literalAddresses(host: string): Promise<string[]> | undefined {
  if (isAddress(host)) return Promise.resolve([host]);
  return host === 'localhost' ? Promise.resolve(['127.0.0.1', '::1']) : undefined;
}

function allowedAddresses(host: string, found: string[], { check }: DialTarget): string[] {
  const { allowPrivate, address: pinned } = check.probe;
  const judged = found.map((address) => ({ address, range: specialRange(address) }));
  const allowed = judged.filter(({ address, range }) => {
    return range === undefined || allowPrivate || address === pinned || namesLiterally(host, address, range);
  });
  if (allowed.length > 0) return allowed.slice(0, MAX_ADDRESSES).map(({ address }) => address);
  const ranges = judged.map(({ address, range }) => (address === host ? range : `${address}, ${range}`));
  throw new ProbeFailure('address-refused', `${host} is not a public address (${ranges.join('; ')})`);
}

/** `localhost` names loopback (RFC 6761 6.3); any other name names no address. */
const namesLiterally = (host: string, address: string, range: string): boolean =>
  host === address || (host === 'localhost' && range === 'loopback');

/** The first of the addresses that takes the connection; if none does, the first one's failure. Over UDP all take it. */
async function connectFirst(addresses: string[], { port, transport, check }: DialTarget, signal: AbortSignal): Promise<Duplex> {
  if (transport === 'udp') return openDatagrams(addresses[0] ?? '', port);
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

/** Asks for TLS if it has to be asked for, and shakes hands. What is not secured is closed. */
async function secure(
  socket: Duplex,
  host: string,
  { ask, protocols, servername = host }: TlsTarget,
  secureContext: SecureContext,
  { timeoutMs }: Check,
  signal: AbortSignal,
): Promise<TLSSocket> {
  try {
    await ask?.(socket, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  const alpn = protocols.length > 0 && { ALPNProtocols: protocols };
  return secureSocket({ socket, host: servername, secureContext, ...alpn }, timeoutMs, signal);
}

async function timed<T>(timings: PhaseTimings, phase: keyof PhaseTimings, run: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await run();
  } finally {
    timings[phase] = performance.now() - startedAt;
  }
}
