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
  const CHAINS = ['good', 'expired', 'future', 'other', 'self', 'missing', 'under-old', 'foreign', 'client'] as const;
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
      const own = name === 'missing' || name === 'client' ? 'good' : name;
      const certificate = name === 'missing' ? 'good.pem' : `${own}.chain.pem`;
      const visitors = name === 'client' ? 'ssl_verify_client on; ssl_verify_depth 2; ssl_client_certificate root.pem;' : '';
      return `server { listen 127.0.0.1:${ports[name]} ssl; ssl_certificate ${certificate}; ssl_certificate_key ${own}.key; ${visitors}
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

  it('keeps a JSON-RPC call over 308, and a 301 that would turn it into a GET is said to', async () => {
    const call = (path: string) => look(jsonrpcCheck(`${url}${path}`, { expect: { json: [{ path: '@', equals: '0x1' }] } }));
    expect(await call('/kept')).toEqual({ ...UP, detail: `308 to ${url}/rpc followed` });
    expect(await call('/moved')).toMatchObject({ vote: 'down', reason: 'redirect-method' });
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
