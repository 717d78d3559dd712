import type { Socket } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Starttls, TlsSpec } from '../../lib/core/cell.ts';
import { look, lookTimed } from './checks.ts';
import { tlsCheck } from './kinds.ts';
import { chained, issue } from './pki.ts';
import { type Certificate, leavingNothing, serveRaw, serveStarttls, serveTls } from './servers.ts';

const UP = { vote: 'up', reason: 'ok' };
const DAY_MS = 86_400_000;
const resolve = async () => ['127.0.0.1'];
const names = ['node.test'];

let root: Certificate;
let intermediate: Certificate;
let leaf: Certificate;
let good: Certificate;

beforeAll(async () => {
  root = await issue('Test root', { authority: true, to: 90 });
  intermediate = await issue('Test intermediate', { by: root, authority: true, to: 40 });
  leaf = await issue('node.test', { by: intermediate, names });
  good = chained(leaf, intermediate);
});

/** Looks at a server with this chain, trusting the root alone. */
async function seen(chain: Certificate, parts: Partial<TlsSpec> = {}, ca = root.cert) {
  const { port } = await serveTls(chain);
  return leavingNothing(() => look(tlsCheck(port, { tls: { ca }, ...parts }), { resolve }));
}

describe('a chain', () => {
  test('that ends at a trusted authority is up, with a time for each phase', async () => {
    const { port } = await serveTls(good);
    const { timings, ...verdict } = await leavingNothing(() => lookTimed(tlsCheck(port), { resolve, ca: [root.cert] }));
    expect(verdict).toEqual(UP);
    expect(Object.keys(timings).sort()).toEqual(['connectMs', 'dnsMs', 'tlsMs', 'totalMs']);
  });

  test('an own authority replaces the well-known ones; it may be the root, the intermediate, or the certificate itself', async () => {
    expect(await seen(good)).toEqual(UP);
    expect(await seen(leaf, {}, intermediate.cert)).toEqual(UP);
    expect(await seen(leaf, {}, leaf.cert)).toEqual(UP);
  });

  test('to an authority that nobody knows is certificate-untrusted, with its root or without', async () => {
    const other = await issue('Other root', { authority: true });
    const detail = 'certificate of node.test is not trusted: nobody knows "Test root"';
    const untrusted = { vote: 'down', reason: 'certificate-untrusted', detail };
    expect(await seen(good, {}, other.cert)).toEqual(untrusted);
    expect(await seen(chained(leaf, intermediate, root), {}, other.cert)).toEqual(untrusted);
  });

  test('without its intermediate is certificate-incomplete', async () => {
    const detail = 'certificate of node.test comes without the certificate of its issuer "Test intermediate", which nobody knows';
    expect(await seen(leaf)).toEqual({ vote: 'down', reason: 'certificate-incomplete', detail });
  });

  test('that vouches for itself is certificate-self-signed', async () => {
    const own = await issue('node.test', { names });
    expect(await seen(own)).toMatchObject({ vote: 'down', reason: 'certificate-self-signed' });
  });

  test('for another host is certificate-wrong-host, and says for which', async () => {
    const other = await issue('other.test', { by: root, names: ['other.test', 'www.other.test'] });
    const detail = 'certificate of node.test is for another host: DNS:other.test, DNS:www.other.test';
    expect(await seen(other)).toEqual({ vote: 'down', reason: 'certificate-wrong-host', detail });
    expect(await seen(other, { tls: { ca: root.cert, servername: 'www.other.test' } })).toEqual(UP);
  });

  test.each([
    ['expired', { from: -9, to: -2 }, /^certificate of node.test has expired: "(\S+|Old intermediate)" on 20\S+Z$/],
    ['not-yet-valid', { from: 2, to: 9 }, /^certificate of node.test is not yet valid: "(\S+|Old intermediate)" from 20\S+Z$/],
  ])('that holds a certificate which is certificate-%s', async (why, dates, detail) => {
    const result = { vote: 'down', reason: `certificate-${why}`, detail: expect.stringMatching(detail) };
    expect(await seen(await issue('node.test', { by: root, names, ...dates }))).toEqual(result);
    const old = await issue('Old intermediate', { by: root, authority: true, ...dates });
    const under = chained(await issue('node.test', { by: old, names }), old);
    expect(await seen(under)).toEqual({ ...result, detail: expect.stringContaining('"Old intermediate"') });
  });

  test('signed by what is no authority is certificate-invalid', async () => {
    const below = chained(await issue('below.test', { by: leaf, names }), leaf, intermediate);
    expect(await seen(below)).toMatchObject({ vote: 'down', reason: 'certificate-invalid' });
  });
});

describe('expiry', () => {
  const certificate = (degradedDays: number, downDays: number) => ({
    certificate: { degradedMs: degradedDays * DAY_MS, downMs: downDays * DAY_MS },
  });

  test('of every certificate is judged: here the intermediate is the first', async () => {
    expect(await seen(good, { expect: { time: {}, ...certificate(39, 30) } })).toEqual(UP);
    const detail = /^certificate "Test intermediate" of the chain expires in 39d \(20\S+Z\), expected at least 45d$/;
    const degraded = await seen(good, { expect: { time: {}, ...certificate(45, 30) } });
    expect(degraded).toEqual({ vote: 'degraded', reason: 'certificate-expires', detail: expect.stringMatching(detail) });
    const down = await seen(good, { expect: { time: {}, ...certificate(50, 45) } });
    expect(down).toMatchObject({ vote: 'down', reason: 'certificate-expires' });
  });

  test('of a certificate that is sent and not needed is judged too', async () => {
    const old = await issue('Old root', { authority: true, from: -9, to: -2 });
    const result = await seen(chained(leaf, intermediate, old), { expect: { time: {}, ...certificate(2, 1) } });
    expect(result).toMatchObject({
      vote: 'down',
      detail: expect.stringMatching(/^certificate "Old root" of the chain expires in -/),
    });
  });
});

describe('the version', () => {
  const at = (minVersion: 'TLSv1.2' | 'TLSv1.3') => ({ minVersion, certificate: {}, time: {} });
  const serve = (options: object) => serveTls({ ...good, ...options });
  const seenAt = async (options: object, minVersion: 'TLSv1.2' | 'TLSv1.3') => {
    const { port } = await serve(options);
    return leavingNothing(() => look(tlsCheck(port, { expect: at(minVersion) }), { resolve, ca: [root.cert] }));
  };

  test('that is agreed on must be new enough', async () => {
    expect(await seenAt({}, 'TLSv1.3')).toEqual(UP);
    expect(await seenAt({ maxVersion: 'TLSv1.2' }, 'TLSv1.2')).toEqual(UP);
    const detail = 'agreed on TLSv1.2, expected at least TLSv1.3';
    expect(await seenAt({ maxVersion: 'TLSv1.2' }, 'TLSv1.3')).toEqual({ vote: 'down', reason: 'tls-version', detail });
  });

  test('older than any that is spoken here is tls-version too', async () => {
    const ancient = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    expect(await seenAt(ancient, 'TLSv1.2')).toMatchObject({ vote: 'down', reason: 'tls-version' });
  });
});

test('slower than the thresholds is degraded or down', async () => {
  const slow = (time: object) => seen(good, { expect: { certificate: {}, time } });
  expect(await slow({ degradedMs: 0.01, downMs: 60_000 })).toMatchObject({ vote: 'degraded', reason: 'slow' });
  expect(await slow({ downMs: 0.01 })).toMatchObject({ vote: 'down', reason: 'slow' });
});

describe('STARTTLS', () => {
  const EHLO = '250-mail.test\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 8BITMIME\r\n';
  const seenAs = async (starttls: Starttls, greeting: string, ...answers: (string | Buffer)[]) => {
    const { port } = await serveStarttls(good, greeting, answers);
    const check = tlsCheck(port, { starttls, tls: { ca: root.cert } }, { timeoutMs: 400 });
    return leavingNothing(() => look(check, { resolve }));
  };

  test.each<[Starttls, string, string[]]>([
    ['smtp', '220-mail.test\r\n220 ESMTP\r\n', [EHLO, '220 go ahead\r\n']],
    ['imap', '* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n', ['* CAPABILITY IMAP4rev1\r\na OK begin\r\n']],
    ['postgres', '', ['S']],
  ])('of %s leads to a chain that is judged', async (protocol, greeting, answers) => {
    expect(await seenAs(protocol, greeting, ...answers)).toEqual(UP);
  });

  test('behind which a certificate is wrong says so', async () => {
    const { port } = await serveStarttls(await issue('node.test', { names }), '', ['S']);
    const check = tlsCheck(port, { starttls: 'postgres', tls: { ca: root.cert } });
    expect(await look(check, { resolve })).toMatchObject({ vote: 'down', reason: 'certificate-self-signed' });
  });

  test.each<[string, Starttls, string, string[], string]>([
    ['smtp without the extension', 'smtp', '220 x\r\n', ['250 mail.test\r\n'], 'smtp offers no TLS: "250 mail.test\\r\\n"'],
    ['smtp that changes its mind', 'smtp', '220 x\r\n', [EHLO, '454 no\r\n'], 'smtp offers no TLS: "454 no\\r\\n"'],
    ['imap', 'imap', '* OK x\r\n', ['a BAD unknown\r\n'], 'imap offers no TLS: "a BAD unknown\\r\\n"'],
    ['postgres', 'postgres', '', ['N'], 'postgres offers no TLS: "N"'],
  ])('that is not offered is tls-refused: %s', async (_case, protocol, greeting, answers, detail) => {
    expect(await seenAs(protocol, greeting, ...answers)).toEqual({ vote: 'down', reason: 'tls-refused', detail });
  });

  test.each<[string, Starttls, string, string[]]>([
    ['another protocol', 'smtp', 'SSH-2.0-OpenSSH_9.6\r\n', []],
    ['a server that does not want us', 'smtp', '554 go away\r\n', []],
    ['an answer without end', 'smtp', `220-${'x'.repeat(5_000)}`, []],
    ['lines without end', 'smtp', '220-x\r\n'.repeat(1_000), []],
    ['plain text behind the answer, which would be taken for secured', 'smtp', '220 x\r\n', [EHLO, '220 go\r\n250 ok\r\n']],
    ['the same of imap', 'imap', '* OK x\r\n', ['a OK go\r\n* BYE\r\n']],
    ['the same of postgres', 'postgres', '', ['SS']],
    ['an error of postgres', 'postgres', '', ['E\0\0\0\x10']],
  ])('%s is protocol-error', async (_case, protocol, greeting, answers) => {
    expect(await seenAs(protocol, greeting, ...answers)).toMatchObject({ vote: 'down', reason: 'protocol-error' });
  });

  test.each([
    ['silence', ''],
    ['half an answer', '220 x'],
  ])('%s is answer-timeout', async (_case, greeting) => {
    const { port } = await serveRaw((socket) => socket.write(greeting));
    const check = tlsCheck(port, { starttls: 'smtp' }, { timeoutMs: 150 });
    const detail = 'smtp did not answer within the timeout';
    expect(await leavingNothing(() => look(check, { resolve }))).toEqual({ vote: 'down', reason: 'answer-timeout', detail });
  });

  test('closed before the greeting is closed-early', async () => {
    const { port } = await serveRaw((socket) => socket.end());
    const detail = 'connection closed while imap was asked for TLS';
    const result = await leavingNothing(() => look(tlsCheck(port, { starttls: 'imap' }), { resolve }));
    expect(result).toEqual({ vote: 'down', reason: 'closed-early', detail });
  });
});

describe('hostile servers', () => {
  test.each<[string, (socket: Socket) => void, string]>([
    ['silence', () => undefined, 'tls-timeout'],
    ['half a record', (socket) => socket.write(Buffer.from([22, 3, 3, 0, 100, 2])), 'tls-timeout'],
    ['garbage', (socket) => socket.write('\x07\0garbage\0\r\n'), 'tls-failed'],
    ['plain HTTP', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), 'tls-failed'],
    ['an alert', (socket) => socket.write(Buffer.from([21, 3, 3, 0, 2, 2, 40])), 'tls-failed'],
    ['a close', (socket) => socket.destroy(), 'tls-closed'],
    ['records without end', (socket) => socket.write(Buffer.alloc(1_000_000, 22)), 'tls-failed'],
  ])('%s ends the handshake', async (_case, act, reason) => {
    const { port } = await serveRaw((socket) => socket.once('data', () => act(socket)));
    const result = await leavingNothing(() => look(tlsCheck(port, {}, { timeoutMs: 200 }), { resolve }));
    expect(result).toMatchObject({ vote: 'down', reason });
  });
});
