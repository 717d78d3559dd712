/**
 * Loaded before everything else of a process: whatever it tries to reach beside loopback is refused, and noted in the file that
 * `OFFLINE_NOTES` names. Proxy variables would not do: Node.js connects past them.
 */
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const LOOPBACK = /^(localhost|127\.[\d.]+|::1)$/;

/** The error that the caller is given. */
function refuse(what: string): Error {
  appendFileSync(process.env.OFFLINE_NOTES ?? '', `${process.argv.slice(0, 2).join(' ')}: ${what}\n`);
  return Object.assign(new Error(`offline: ${what}`), { code: 'ENETUNREACH' });
}

/** What `connect` is called with, by anybody or by Node.js itself: options, or a port and a host, or a path, perhaps in a list. */
function hostOf(args: unknown[]): string | undefined {
  const [first, second] = (Array.isArray(args[0]) ? args[0] : args) as unknown[];
  if (typeof first !== 'object' || first === null) return typeof second === 'string' ? second : undefined;
  return (first as { host?: string }).host;
}

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
  const host = hostOf(args);
  if (host === undefined || LOOPBACK.test(host)) return Reflect.apply(connect, this, args);
  const error = refuse(`connect ${host}`);
  process.nextTick(() => this.destroy(error));
  return this;
} as typeof connect;

type Lookup = (name: string, ...more: unknown[]) => unknown;
for (const [of, isPromise] of [
  [dns, false],
  [dns.promises, true],
  [dns.Resolver.prototype, false],
  [dns.promises.Resolver.prototype, true],
] as const) {
  const table = of as unknown as Record<string, Lookup>;
  for (const name of Object.getOwnPropertyNames(of).filter((each) => /^(lookup|resolve|reverse)/.test(each))) {
    const real = table[name] as Lookup;
    table[name] = function (this: unknown, asked, ...more) {
      if (LOOPBACK.test(asked)) return Reflect.apply(real, this, [asked, ...more]);
      const error = refuse(`${name} ${asked}`);
      if (isPromise) return Promise.reject(error);
      process.nextTick(more.at(-1) as (failed: Error) => void, error);
      return {};
    };
  }
}
syncBuiltinESMExports();
