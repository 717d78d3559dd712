import { isIP } from 'node:net';
import type { Answer } from 'dns-packet';
import ipaddr from 'ipaddr.js';
import type { DnsRecordType } from '../core/cell.ts';

/** Real chains of aliases are a few links long. */
const MAX_ALIASES = 16;

/**
 * The values of this type that answer for the name, itself or by its aliases (CNAME), once each, sorted, as people write them:
 * `10 mail.example.org` for MX, `0 issue "ca.example.org"` for CAA, the text of TXT as one.
 */
export function valuesIn(answers: readonly Answer[], name: string, type: DnsRecordType): string[] {
  const owners = namesOf(answers, name, type);
  const own = answers.filter((answer) => answer.type === type && owners.has(plainName(answer.name)));
  return [...new Set(own.map((answer) => textOf(answer)))].sort();
}

/** A value of a configuration as `valuesIn` would write it. */
export function wanted(value: string, type: DnsRecordType): string {
  if (type === 'TXT') return value;
  if (type === 'CAA') return value.replace(/^(\d+ \S+) "?(.*?)"?$/, '$1 "$2"');
  return type === 'A' || type === 'AAAA' ? plainAddress(value) : value.split(/\s+/).map(plainName).join(' ');
}

/** The name, and what it is an alias of according to this answer. */
function namesOf(answers: readonly Answer[], name: string, type: DnsRecordType): Set<string> {
  const names = new Set([plainName(name)]);
  if (type === 'CNAME') return names;
  for (let last = plainName(name); names.size <= MAX_ALIASES; ) {
    const alias = answers.find((answer) => answer.type === 'CNAME' && plainName(answer.name) === last);
    if (alias?.type !== 'CNAME') break;
    last = plainName(alias.data);
    if (names.has(last)) break;
    names.add(last);
  }
  return names;
}

function textOf(answer: Answer): string {
  switch (answer.type) {
    case 'A':
    case 'AAAA':
      return plainAddress(answer.data);
    case 'CNAME':
    case 'NS':
      return plainName(answer.data);
    case 'MX':
      return `${answer.data.preference ?? 0} ${plainName(answer.data.exchange)}`;
    case 'TXT':
      return [answer.data].flat().map(String).join('');
    case 'CAA':
      return `${answer.data.flags ?? 0} ${answer.data.tag} "${answer.data.value}"`;
    case 'SOA': {
      const { mname, rname, serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0 } = answer.data;
      return `${plainName(mname)} ${plainName(rname)} ${serial} ${refresh} ${retry} ${expire} ${minimum}`;
    }
    default:
      return '';
  }
}

/** RFC 4343: names are compared without case; the last dot is left out. */
const plainName = (name: string): string => name.toLowerCase().replace(/(.)\.$/, '$1');
/** One spelling of each address (RFC 5952 for IPv6). */
const plainAddress = (address: string): string => (isIP(address) ? ipaddr.parse(address).toString() : address);
