/** Probes against servers as people run them. Needs Debian's nginx, haproxy, bind9 and openssl. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DnsRecordType } from '../../lib/core/cell.ts';
import { httpCheck, look, tcpCheck } from '../probes/checks.ts';
import { dnsCheck, jsonrpcCheck, tlsCheck } from '../probes/kinds.ts';
import { leavingNothing } from '../probes/servers.ts';
import { createDaemons, freePorts } from './daemons.ts';
import { createPki } from './openssl-pki.ts';

const UP = { vote: 'up', reason: 'ok' };
const down = (reason: string, detail: unknown) => ({ vote: 'down', reason, detail });
const resolve = async () => ['127.0.0.1'];
const DAY_MS = 86_400_000;

const daemons = createDaemons();
afterAll(() => daemons.stop());

describe('a PKI of openssl behind nginx', () => {
  const pki = createPki(daemons);
  const CHAINS = ['good', 'expired', 'future', 'other', 'self', 'missing', 'under-old', 'foreign', 'client', 'http2'] as const;
  const ports: Record<string, number> = {};

  beforeAll(async () => {
    pki.selfSigned('root', 'Test root', true);
    pki.selfSigned('foreign-root', 'Foreign root', true);
    pki.issue('intermediate', 'root', 'Test intermediate', { authority: true, to: 80 });
    pki.issue('old', 'root', 'Old intermediate', { authority: true, from: -90, to: -2 });
    pki.issue('good', 'intermediate', 'node.test');
    pki.issue('expired', 'intermediate', 'node.test', { from: -90, to: -2 });
    pki.issue('future', 'intermediate', 'node.test', { from: 2 });
    pki.issue('other', 'intermediate', 'other.test');
    pki.issue('under-old', 'old', 'node.test');
    pki.issue('foreign', 'foreign-root', 'node.test');
    pki.issue('visitor', 'intermediate', 'Quorumwatch');
    pki.selfSigned('self', 'node.test');
    for (const name of ['good', 'expired', 'future', 'other']) pki.chain(name, 'intermediate');
    pki.chain('under-old', 'old');
    pki.chain('foreign', 'foreign-root');
    pki.chain('self');
    pki.chain('visitor', 'intermediate');
    const free = await freePorts(CHAINS.length);
    for (const [at, name] of CHAINS.entries()) ports[name] = free[at] ?? 0;
    const servers = CHAINS.map((name) => {
      const own = ['missing', 'client', 'http2'].includes(name) ? 'good' : name;
      const certificate = name === 'missing' ? 'good.pem' : `${own}.chain.pem`;
      const visitors = name === 'client' ? 'ssl_verify_client on; ssl_verify_depth 2; ssl_client_certificate root.pem;' : '';
      return `server { listen 127.0.0.1:${ports[name]} ssl ${name === 'http2' ? 'http2' : ''}; ssl_certificate ${certificate}; ssl_certificate_key ${own}.key; ${visitors}
        location / { return 200 "hello $ssl_client_s_dn"; } }`;
    });
    daemons.write('tls.conf', nginx('tls', servers.join('\n')));
    await daemons.start('nginx', ['-p', daemons.directory, '-c', 'tls.conf'], ports.good ?? 0);
  });

  const seen = (name: (typeof CHAINS)[number], expected = {}) =>
    leavingNothing(() => look(tlsCheck(ports[name] ?? 0, { tls: { ca: pki.read('root') }, expect: expected }), { resolve }));

  it('is up while the chain holds, degraded and down as its first certificate nears its end', async () => {
    expect(await seen('good', { minVersion: 'TLSv1.2' })).toEqual(UP);
    const limits = (degraded: number, downDays: number) => ({
      certificate: { degradedMs: degraded * DAY_MS, downMs: downDays * DAY_MS },
    });
    expect(await seen('good', limits(70, 50))).toMatchObject({ vote: 'degraded', reason: 'certificate-expires' });
    expect(await seen('good', limits(70, 65))).toMatchObject({ vote: 'down', reason: 'certificate-expires' });
  });

  it.each<[(typeof CHAINS)[number], string, RegExp]>([
    ['expired', 'certificate-expired', /^certificate of node.test has expired: "node.test" on 20/],
    ['future', 'certificate-not-yet-valid', /^certificate of node.test is not yet valid: "node.test" from 20/],
    ['under-old', 'certificate-expired', /^certificate of node.test has expired: "Old intermediate" on 20/],
    ['other', 'certificate-wrong-host', /^certificate of node.test is for another host: DNS:other.test$/],
    ['self', 'certificate-self-signed', /^certificate of node.test is signed by itself: "node.test"$/],
    ['foreign', 'certificate-untrusted', /^certificate of node.test is not trusted: nobody knows "Foreign root"$/],
    [
      'missing',
      'certificate-incomplete',
      /^certificate of node.test comes without the certificate of its issuer "Test intermediate"/,
    ],
  ])('%s is %s', async (name, reason, detail) => {
    expect(await seen(name)).toEqual(down(reason, expect.stringMatching(detail)));
  });

  it('speaks HTTP/2 where it is asked to, and the one that does not is down', async () => {
    const page = (name: 'good' | 'http2', expected = {}) => {
      const parts = { address: '127.0.0.1', http2: true, tls: { ca: pki.read('root') }, expect: expected };
      return leavingNothing(() => look(httpCheck(`https://node.test:${ports[name]}/`, parts)));
    };
    expect(await page('http2')).toEqual(UP);
    expect(await page('http2', { time: { degradedMs: 0 } })).toMatchObject({ vote: 'degraded', reason: 'slow' });
    const detail = `node.test:${ports.good} agreed on http/1.1, expected HTTP/2`;
    expect(await page('good')).toEqual(down('http-version', detail));
  });

  it('asks for a client certificate, and gets ours', async () => {
    const visitor = { cert: pki.read('visitor.chain'), key: daemons.read('visitor.key') };
    const page = (tls: object, contains: string[]) => {
      const parts = {
        address: '127.0.0.1',
        tls: { ca: pki.read('root'), ...tls },
        expect: { body: { contains, notContains: [] } },
      };
      return look(httpCheck(`https://node.test:${ports.client}/`, parts));
    };
    expect(await page(visitor, ['hello CN=Quorumwatch'])).toEqual(UP);
    const refused = down('status', 'HTTP 400, expected 2xx: "No required SSL certificate was sent"');
    expect(await page({}, [])).toEqual(refused);
  });
});

describe('nginx', () => {
  let url: string;

  beforeAll(async () => {
    const [port = 0, dead = 0] = await freePorts(2);
    url = `http://127.0.0.1:${port}`;
    const locations = `
      location / { return 200 "fine"; }
      location /gone { return 410; }
      location /dead { proxy_pass http://127.0.0.1:${dead}; }
      location /moved { return 301 ${url}/rpc; }
      location /kept { return 308 ${url}/rpc; }
      location /rpc { default_type application/json; if ($request_method != POST) { return 405; }
        return 200 '{"jsonrpc":"2.0","id":1,"result":"0x1"}'; }`;
    daemons.write('plain.conf', nginx('plain', `server { listen 127.0.0.1:${port}; ${locations} }`));
    await daemons.start('nginx', ['-p', daemons.directory, '-c', 'plain.conf'], port);
  });

  it.each([
    ['/', UP],
    ['/gone', down('status', 'HTTP 410, expected 2xx: "nginx"')],
    ['/dead', down('status', 'HTTP 502, expected 2xx: "nginx"')],
  ])('%s', async (path, expected) => {
    expect(await leavingNothing(() => look(httpCheck(`${url}${path}`)))).toMatchObject(expected);
  });

  it('is degraded while it is slow, and so is its port', async () => {
    const limits = { time: { degradedMs: 0 } };
    const slow = { vote: 'degraded', reason: 'slow', detail: expect.stringMatching(/^took \d+ ms, expected at most 0 ms$/) };
    expect(await look(httpCheck(url, { expect: limits }))).toEqual(slow);
    const port = Number(new URL(url).port);
    expect(await look(tcpCheck('127.0.0.1', port))).toEqual(UP);
    expect(await look(tcpCheck('127.0.0.1', port, { expect: limits }))).toEqual(slow);
  });

  it('keeps a JSON-RPC call over 308, and a 301 that would turn it into a GET is said to', async () => {
    const call = (path: string) => look(jsonrpcCheck(`${url}${path}`, { expect: { json: [{ path: '@', equals: '0x1' }] } }));
    expect(await call('/kept')).toEqual({ ...UP, detail: `308 to ${url}/rpc followed` });
    expect(await call('/moved')).toMatchObject({ vote: 'down', reason: 'redirect-method' });
  });
});

describe('tinyproxy', () => {
  const asked = { proxy: 0, web: 0, dead: 0 };
  const authorization = `Basic ${Buffer.from('watch:pass').toString('base64')}`;

  beforeAll(async () => {
    [asked.proxy = 0, asked.web = 0, asked.dead = 0] = await freePorts(3);
    daemons.write('behind.conf', nginx('behind', `server { listen 127.0.0.1:${asked.web}; location / { return 200 "fine"; } }`));
    await daemons.start('nginx', ['-p', daemons.directory, '-c', 'behind.conf'], asked.web);
    const config = `Port ${asked.proxy}\nListen 127.0.0.1\nTimeout 5\nBasicAuth watch pass\nLogLevel Critical\n`;
    await daemons.start('tinyproxy', ['-d', '-c', daemons.write('tinyproxy.conf', config)], asked.proxy);
  });

  const seen = (port: number, credentials = authorization) => {
    const proxy = { host: '127.0.0.1', port: asked.proxy, authorization: credentials };
    return leavingNothing(() => look(httpCheck(`http://127.0.0.1:${port}/`, { proxy })));
  };

  it('leads to a node, which is up', async () => {
    expect(await seen(asked.web)).toEqual(UP);
  });

  it('says 500 for whatever fails, its own faults too: nothing is said of the node', async () => {
    const detail = `the proxy 127.0.0.1:${asked.proxy} refuses a tunnel to 127.0.0.1:${asked.dead} (HTTP 500)`;
    expect(await seen(asked.dead)).toEqual({ vote: 'abstain', reason: 'proxy', detail });
  });

  it('does not know us: nothing is said of the node', async () => {
    const detail = `the proxy 127.0.0.1:${asked.proxy} refuses a tunnel to 127.0.0.1:${asked.web} (HTTP 401)`;
    expect(await seen(asked.web, 'Basic eDp5')).toEqual({ vote: 'abstain', reason: 'proxy', detail });
  });
});

describe('HAProxy without a live server (a baker behind a signer, tunnels and a firewall)', () => {
  let web: number;
  let ssh: number;

  beforeAll(async () => {
    const [first = 0, second = 0, dead = 0] = await freePorts(3);
    [web, ssh] = [first, second];
    const config = `defaults
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend web
  mode http
  bind 127.0.0.1:${web}
  default_backend signer
backend signer
  mode http
  server one 127.0.0.1:${dead} check inter 100ms fall 1
listen ssh
  mode tcp
  bind 127.0.0.1:${ssh}
  server one 127.0.0.1:${dead} check inter 100ms fall 1
`;
    await daemons.start('haproxy', ['-db', '-f', daemons.write('haproxy.cfg', config)], web);
  });

  it('is down, with the status and the line that says why', async () => {
    const detail = 'HTTP 503, expected 2xx: "No server is available to handle this request."';
    expect(await leavingNothing(() => look(httpCheck(`http://127.0.0.1:${web}/`)))).toEqual(down('status', detail));
  });

  it('accepts SSH and closes it before its banner: down', async () => {
    const check = tcpCheck('127.0.0.1', ssh, { expect: { banner: '^SSH-2\\.0', time: {} } });
    expect(await leavingNothing(() => look(check))).toMatchObject({ vote: 'down', reason: 'banner-missing' });
  });
});

describe('BIND', () => {
  let port: number;

  beforeAll(async () => {
    [port = 0] = await freePorts(1);
    const long = Array.from({ length: 8 }, (_, at) => `long TXT "${String(at).repeat(200)}"`).join('\n');
    daemons.write(
      'zone',
      `$TTL 60
@ SOA ns1.example.test. hostmaster.example.test. 7 3600 600 86400 60
@ NS ns1.example.test.
@ MX 10 mail.example.test.
@ CAA 0 issue "ca.example.net"
ns1 A 127.0.0.1
api A 192.0.2.1
api A 192.0.2.2
api AAAA 2001:db8::1
www CNAME api
txt TXT "v=spf1 " "-all"
${long}
`,
    );
    const options = `directory "${daemons.directory}"; pid-file none; session-keyfile none; recursion no; dnssec-validation no;
      listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };`;
    const config = `options { ${options} }; controls { }; zone "example.test" { type primary; file "zone"; };`;
    await daemons.start('named', ['-g', '-c', daemons.write('named.conf', config)], port, /all zones loaded/);
  });

  const seen = (name: string, record: DnsRecordType, values?: string[]) => {
    const expected = { authoritative: true, ...(values && { values }) };
    return leavingNothing(() => look(dnsCheck(port, { name, record, expect: expected })));
  };

  it.each<[string, DnsRecordType, string[]]>([
    ['api.example.test', 'A', ['192.0.2.2', '192.0.2.1']],
    ['API.example.test', 'AAAA', ['2001:db8:0::1']],
    ['www.example.test', 'CNAME', ['api.example.test']],
    ['www.example.test', 'A', ['192.0.2.1', '192.0.2.2']],
    ['example.test', 'MX', ['10 mail.example.test']],
    ['example.test', 'NS', ['ns1.example.test.']],
    ['example.test', 'SOA', ['ns1.example.test hostmaster.example.test 7 3600 600 86400 60']],
    ['example.test', 'CAA', ['0 issue "ca.example.net"']],
    ['txt.example.test', 'TXT', ['v=spf1 -all']],
    ['long.example.test', 'TXT', Array.from({ length: 8 }, (_, at) => String(at).repeat(200))],
  ])('%s %s is up, by TCP where it is too long for UDP', async (name, record, values) => {
    expect(await seen(name, record, values)).toEqual(UP);
  });

  it('is degraded while it is slow', async () => {
    const check = dnsCheck(port, { name: 'api.example.test', expect: { time: { degradedMs: 0 } } });
    expect(await look(check)).toMatchObject({ vote: 'degraded', reason: 'slow' });
  });

  it.each<[string, DnsRecordType, string[] | undefined, object]>([
    ['api.example.test', 'A', ['192.0.2.1'], down('dns-mismatch', 'api.example.test A: "192.0.2.2" is not expected')],
    ['api.example.test', 'MX', undefined, down('dns-empty', 'api.example.test has no MX')],
    ['none.example.test', 'A', undefined, down('dns-error', 'none.example.test A is answered with NXDOMAIN')],
    ['api.example.org', 'A', undefined, down('dns-error', 'api.example.org A is answered with REFUSED')],
  ])('%s %s is not as expected', async (name, record, values, expected) => {
    expect(await seen(name, record, values)).toEqual(expected);
  });
});

/** A configuration of nginx in the foreground that writes nowhere else. */
const nginx = (name: string, servers: string) => `daemon off; worker_processes 1; pid ${name}.pid; error_log stderr crit;
events { worker_connections 64; }
http {
  access_log off; server_tokens off;
  client_body_temp_path ${name}-body; proxy_temp_path ${name}-proxy; fastcgi_temp_path ${name}-fastcgi;
  uwsgi_temp_path ${name}-uwsgi; scgi_temp_path ${name}-scgi;
  ${servers}
}
`;
