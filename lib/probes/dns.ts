import dns from 'node:dns';
import type { Packet } from 'dns-packet';
import type { DnsSpec } from '../core/cell.ts';
import { askDns } from './dns-exchange.ts';
import { valuesIn, wanted } from './dns-values.ts';
import { judgeTime } from './expectations.ts';
import { ProbeFailure } from './failure.ts';
import { type Finding, type Look, met, type Outcome } from './look.ts';

/** Asks one question over UDP, over TCP where the answer was cut, and judges the answer. */
export async function probeDns(spec: DnsSpec, look: Look): Promise<Outcome> {
  const packet = await askDns({ name: spec.name, type: spec.record }, serverOf(spec), look);
  const tookMs = look.elapsedMs();
  return { findings: [...judge(spec, packet, look), ...judgeTime(tookMs, spec.expect.time)], tookMs };
}

/** The server that is asked: the check's, or the first of the system's, which stand as `address`, `address:port` or `[address]:port`. */
function serverOf({ server, port }: DnsSpec): { host: string; port: number } {
  if (server !== undefined) return { host: server, port };
  const [first] = dns.getServers();
  if (first === undefined) throw new ProbeFailure('dns-failed', 'the system has no name server; write server:');
  const [, bracketed, plain, own] = /^(?:\[(.+)\]|([^:]+|.*:.*:.*?))(?::(\d+))?$/.exec(first) ?? [];
  return { host: bracketed ?? plain ?? first, port: own === undefined ? port : Number(own) };
}

/** dns-packet decodes these without declaring them. */
type Answered = Packet & { rcode?: string; flag_aa?: boolean };

function judge({ name, record, expect }: DnsSpec, packet: Answered, { show }: Look): Finding[] {
  const { rcode = 'NOERROR', flag_aa: authoritative = false } = packet;
  if (rcode !== 'NOERROR') return [down('dns-error', `${name} ${record} is answered with ${rcode}`)];
  const authority = judgeAuthority(expect.authoritative, authoritative);
  const seen = valuesIn(packet.answers ?? [], name, record);
  const shown = `${name} ${record}: ${seen.map((value) => show.quote(value)).join(', ')}`;
  if (expect.values === undefined) {
    return [seen.length === 0 ? down('dns-empty', `${name} has no ${record}`) : met(shown), ...authority];
  }
  const expected = expect.values.map((value) => wanted(value, record));
  const extra = seen.filter((value) => !expected.includes(value)).map((value) => `${show.quote(value)} is not expected`);
  const missing = expected.filter((value) => !seen.includes(value)).map((value) => `${show.quote(value)} is missing`);
  const details = [...missing, ...extra];
  if (details.length === 0) return [met(`${shown}, as expected`), ...authority];
  return [down('dns-mismatch', `${name} ${record}: ${details.join(', ')}`), ...authority];
}

const down = (reason: Finding['reason'], detail: string): Finding => ({ vote: 'down', reason, detail });

function judgeAuthority(expected: boolean | undefined, seen: boolean): Finding[] {
  if (expected === undefined) return [];
  const detail = `the answer is ${seen ? '' : 'not '}authoritative`;
  if (expected === seen) return [met(detail)];
  return [down('dns-not-authoritative', seen ? `${detail}, expected one that is not` : detail)];
}
