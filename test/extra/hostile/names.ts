import { serveDns } from '../../probes/dns-servers.ts';

/**
 * A name server on loopback that says where names lead: lists of addresses, one after the other each time that a name is asked for;
 * the last one stays. Names that it does not know do not exist. Its port.
 */
export function serveNames(names: Record<string, string[][]>): Promise<number> {
  const left = structuredClone(names);
  return serveDns(({ name, type }) => {
    const turns = left[name];
    if (!turns) return { rcode: 'NXDOMAIN', answers: [], authorities: [] };
    const version = type === 'A' ? '.' : ':';
    const data = (turns[0] ?? []).filter((address) => (address.includes(':') ? ':' : '.') === version);
    // A question without an answer is followed by one for the other version.
    if (turns.length > 1 && data.length > 0) turns.shift();
    const answers = data.map((each) => ({ name, type: type as 'A', ttl: 0, data: each }));
    return { rcode: 'NOERROR', answers, authorities: [] };
  });
}
