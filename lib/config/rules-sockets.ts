import { isIP, isIPv6 } from 'node:net';
import type { Configuration } from './configuration.ts';
import type { Path, Problem } from './faults.ts';
import { idsOf } from './resolve-checks.ts';
import { type Rule, rule } from './rules.ts';
import { endpointOf, urlOf } from './target.ts';

/** Rules of how checks connect: addresses, proxies, HTTP/2, and what Lambda does not reach. */

/** Endpoint of every check that has one. */
export function* endpoints({ config, checks }: Configuration) {
  for (const entry of checks) {
    const node = config.nodes[entry.node];
    const endpoint = node === undefined ? undefined : endpointOf(entry, node);
    if (endpoint !== undefined) yield { entry, endpoint };
  }
}

export const SOCKET_RULES: Rule[] = [
  rule('ip-version-address', [], function* (configuration) {
    for (const { entry, endpoint } of endpoints(configuration)) {
      const { check, path } = entry;
      if (!('ipVersion' in check) || check.ipVersion === undefined) continue;
      const address = check.resolve ?? endpoint.host;
      const version = isIP(address);
      if (version === 0 || version === check.ipVersion) continue;
      yield { path: [...path, 'ipVersion'], what: `the address ${address} is IPv${version} alone`, instead: `write ${version}` };
    }
  }),
  rule('proxy-place', [], function* ({ checks }) {
    for (const { check, path } of checks) {
      const url = 'proxy' in check && check.proxy ? URL.parse(check.proxy.url) : null;
      if (!url || (url.pathname === '/' && url.search === '')) continue;
      yield {
        path: [...path, 'proxy', 'url'],
        what: `a proxy has no path like ${url.pathname}${url.search}`,
        instead: `write ${url.origin}`,
      };
    }
  }),
  rule('proxy-ip-version', [], function* ({ checks }) {
    for (const { check, path } of checks) {
      if (!('proxy' in check) || check.proxy === undefined || check.ipVersion === undefined) continue;
      yield {
        path: [...path, 'ipVersion'],
        what: 'the proxy chooses the IP version',
        instead: 'remove it, or write resolve: with an address in its place',
      };
    }
  }),
  rule('http2-tls', ['nodes'], function* ({ config, checks }) {
    for (const entry of checks) {
      const { check, node, path } = entry;
      if (!('http2' in check) || check.http2 !== true) continue;
      const url = urlOf(entry, config.nodes[node] ?? {});
      if (url === undefined || URL.parse(url)?.protocol === 'https:') continue;
      yield { path: [...path, 'http2'], what: 'HTTP/2 is agreed on in TLS', instead: 'write a url with https' };
    }
  }),
  rule('ip-version-ids', ['nodes', 'templates'], function* ({ checks }) {
    const known = new Set(checks.map(({ node, id }) => `${node}/${id}`));
    for (const entry of checks) {
      const [taken] = idsOf(entry).filter((id) => id !== entry.id && known.has(`${entry.node}/${id}`));
      if (taken === undefined) continue;
      const what = `both makes a check ${taken}, and the node ${entry.node} has another one`;
      yield { path: [...entry.path, 'ipVersion'], what, instead: 'give one of them another id' };
    }
  }),
  rule('aws-ipv6', [], function* (configuration) {
    if (configuration.target !== 'aws') return;
    const problem = (path: Path): Problem => ({
      path,
      what: 'IPv6 is out of reach for a Lambda outside a VPC',
      instead: 'write an IPv4 address or a host name, and ipVersion: 4',
    });
    for (const { entry, endpoint } of endpoints(configuration)) {
      const { check, path } = entry;
      if (isIPv6(endpoint.host)) yield problem(endpoint.path);
      if ('resolve' in check && check.resolve !== undefined && isIPv6(check.resolve)) yield problem([...path, 'resolve']);
      if ('ipVersion' in check && (check.ipVersion === 6 || check.ipVersion === 'both')) yield problem([...path, 'ipVersion']);
    }
  }),
  rule('aws-port-25', [], function* (configuration) {
    if (configuration.target !== 'aws') return;
    for (const { entry, endpoint } of endpoints(configuration)) {
      const path = 'port' in entry.check ? [...entry.path, 'port'] : endpoint.path;
      if (endpoint.port === 25) yield { path, what: 'port 25 is closed to Lambda', instead: 'write another port, like 587' };
    }
  }),
];
