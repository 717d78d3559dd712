import type { Answer } from 'dns-packet';
import type { MemberSpec, RecordSpec } from '../core/cell.ts';
import type { SwitchState } from '../core/inputs.ts';
import { serving } from '../core/serving.ts';

export interface DnsQuery {
  /** As asked, in any case, no dot at the end. */
  name: string;
  /** `A`, `SOA`, `ANY`, … */
  type: string;
}

export interface DnsAnswer {
  rcode: 'NOERROR' | 'NXDOMAIN' | 'REFUSED';
  answers: Answer[];
  authorities: Answer[];
}

/** Route 53 developer guide, "Multivalue answer routing": up to eight healthy records. */
const MAX_VALUES = 8;
/** Route 53 developer guide, "NS and SOA records that Amazon Route 53 creates for a public hosted zone". */
const SOA_TTL_S = 900;
const SOA_TIMES = { serial: 1, refresh: 7_200, retry: 900, expire: 1_209_600, minimum: 86_400 };

/** What Route 53 answers while the switches stand like this. `random` gives numbers in [0, 1): weights and order are drawn from it. */
export function answer(
  records: readonly RecordSpec[],
  switches: readonly SwitchState[],
  query: DnsQuery,
  random: () => number,
): DnsAnswer {
  const name = query.name.toLowerCase();
  const zone = zoneOf(records, name);
  if (zone === undefined || query.type === 'AXFR' || query.type === 'IXFR')
    return { rcode: 'REFUSED', answers: [], authorities: [] };
  const named = records.filter((record) => record.name === name);
  // An alias answers for every type (RFC 1034 3.6.2), and a name has one alias or other records, never both.
  const record = named.find(({ type }) => type === 'CNAME' || type === query.type);
  if (record) return { rcode: 'NOERROR', answers: answersOf(record, switches, query.name, random), authorities: [] };
  if (name === zone && query.type === 'SOA') return { rcode: 'NOERROR', answers: [soaOf(query.name, zone)], authorities: [] };
  if (query.type === 'ANY' && named.length > 0) return { rcode: 'NOERROR', answers: [minimalAny(query.name)], authorities: [] };
  // Names between a record and its zone exist, with no data (RFC 8020).
  const exists = records.some((each) => each.name === name || each.name.endsWith(`.${name}`));
  return { rcode: exists ? 'NOERROR' : 'NXDOMAIN', answers: [], authorities: [soaOf(zone, zone)] };
}

function answersOf(record: RecordSpec, switches: readonly SwitchState[], name: string, random: () => number): Answer[] {
  // A member without a switch is healthy, as a record without a health check is.
  const members = serving(
    record,
    ({ node }) => switches.find((each) => each.record === record.id && each.node === node)?.inService ?? true,
  );
  const single = record.policy === 'weighted' || record.type === 'CNAME';
  const chosen = single ? [drawn(members, random)] : shuffled(members, random).slice(0, MAX_VALUES);
  const ttl = Math.floor(record.ttlMs / 1_000);
  // What an alias of AWS leads to is not known here: its name is answered in place of its addresses.
  return chosen.flatMap((member) =>
    member ? [{ name, type: member.alias ? 'CNAME' : record.type, ttl, data: member.value }] : [],
  );
}

/** One, with a probability of its weight over the sum of weights; all alike if all are 0 (API reference, ResourceRecordSet, `Weight`). */
function drawn(members: readonly MemberSpec[], random: () => number): MemberSpec | undefined {
  const sum = members.reduce((total, { weight }) => total + (weight ?? 1), 0);
  let left = random() * (sum || members.length);
  return members.find(({ weight }) => {
    left -= sum ? (weight ?? 1) : 1;
    return left < 0;
  });
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}

/** The longest of our zones that the name lies in. */
function zoneOf(records: readonly RecordSpec[], name: string): string | undefined {
  const around = records.map(({ zone }) => zone).filter((zone) => name === zone || name.endsWith(`.${zone}`));
  return around.sort((one, other) => other.length - one.length)[0];
}

/** Answers that say "nothing" carry it, so that resolvers know for how long (RFC 2308 3). */
function soaOf(name: string, zone: string): Answer {
  return { name, type: 'SOA', ttl: SOA_TTL_S, data: { mname: `ns.${zone}`, rname: `hostmaster.${zone}`, ...SOA_TIMES } };
}

/** Not everything, but something that caches stop asking at (RFC 8482 4.2). */
const minimalAny = (name: string): Answer => ({ name, type: 'HINFO', ttl: SOA_TTL_S, data: { cpu: 'RFC8482', os: '' } });
