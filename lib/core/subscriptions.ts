import type { Finding } from './inspection.ts';
import type { PagingSpec, TierSpec } from './telling.ts';

export const PROTOCOLS = ['sms', 'email', 'https'] as const;
export type Protocol = (typeof PROTOCOLS)[number];
export type TierList = keyof Pick<PagingSpec, 'tiers' | 'quiet'>;

/** A subscription as the service has it. */
export interface Subscription {
  protocol: string;
  endpoint: string;
  confirmed: boolean;
}

/** What is wrong with the subscriptions of one tier in one region. */
export function compareSubscriptions(
  region: string,
  name: string,
  tier: TierSpec,
  actual: readonly Subscription[],
): { findings: Finding[]; isHeard: boolean } {
  const findings = PROTOCOLS.flatMap((protocol) => {
    const mine = actual.filter((each) => each.protocol === protocol);
    return compare(tier[protocol], mine, protocol).map(({ what, endpoint }) => ({
      what,
      region,
      subject: `${name}: ${protocol} ${endpoint}`,
    }));
  });
  return { findings, isHeard: actual.some(({ confirmed }) => confirmed) };
}

interface Unheard {
  what: 'unconfirmed' | 'vanished';
  endpoint: string;
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

function compare(wanted: readonly string[], actual: readonly Subscription[], protocol: Protocol): Unheard[] {
  return wanted.flatMap((text): Unheard[] => {
    const found = actual.filter(({ endpoint }) => isSame(endpoint, text));
    if (found.some(({ confirmed }) => confirmed)) return [];
    return [{ what: found.length > 0 ? 'unconfirmed' : 'vanished', endpoint: shown(protocol, text) }];
  });
}

/** Enough to know it by: pages travel through many hands, and a URL's path may be a key. */
function shown(protocol: Protocol, endpoint: string): string {
  if (protocol === 'sms') return `..${endpoint.slice(-4)}`;
  return protocol === 'https' ? new URL(endpoint).host : endpoint;
}

/** How people read a tier's name: `tier 1`, `quiet tier 2`. */
export const tierLabel = (list: TierList, tier: number): string => `${list === 'quiet' ? 'quiet ' : ''}tier ${tier}`;
