import type { Finding } from '../core/inspection.ts';
import type { Message } from '../core/messages.ts';
import { compareSubscriptions, PROTOCOLS, type Subscription, tierLabel } from '../core/subscriptions.ts';
import type { PagingSpec } from '../core/telling.ts';
import type { Clock, Outlets, Pager } from '../ports.ts';
import type { Faults } from './faults.ts';

export interface Delivered extends Omit<Message, 'link'> {
  /** ms since 1970. */
  at: number;
  incident: string;
  state: string;
  tier: number;
  /** The tier is one of `quiet`. */
  quiet?: boolean;
  attempt: number;
}

/** In place of SNS: what would have been sent is kept, newest last. */
export interface Inbox extends Pager, Outlets {
  list(): readonly Delivered[];
  /** From now on, everybody with this endpoint has not confirmed, or is not subscribed any more; `undefined`: is, and has. */
  subscribe(endpoint: string, trouble: 'unconfirmed' | 'vanished' | undefined): void;
}

const KEPT = 200;
const REGION = 'local';

/** An inbox that takes pages unless `sns-down` is injected. */
export function createInbox(clock: Clock, faults: Faults, paging: Pick<PagingSpec, 'tiers' | 'quiet'>): Inbox {
  const delivered: Delivered[] = [];
  const troubles = new Map<string, 'unconfirmed' | 'vanished'>();

  function subscriptionsOf(tier: PagingSpec['tiers'][number]): Subscription[] {
    return PROTOCOLS.flatMap((protocol) =>
      tier[protocol].flatMap((endpoint) => {
        const trouble = troubles.get(endpoint);
        return trouble === 'vanished' ? [] : [{ protocol, endpoint, confirmed: trouble === undefined }];
      }),
    );
  }

  return {
    list: () => delivered,
    subscribe(endpoint, trouble) {
      if (trouble) troubles.set(endpoint, trouble);
      else troubles.delete(endpoint);
    },
    async publish({ incident, state, tier, quiet, attempt }, { subject, text }) {
      if (faults.ofService('sns-down')) throw new Error('SNS does not answer (injected fault)');
      delivered.push({ at: clock.now(), incident, state, tier, ...(quiet && { quiet }), attempt, subject, text });
      if (delivered.length > KEPT) delivered.shift();
    },
    async inspect() {
      const findings: Finding[] = [];
      const heardTiers: number[] = [];
      for (const list of ['tiers', 'quiet'] as const) {
        for (const [index, tier] of paging[list].entries()) {
          const compared = compareSubscriptions(REGION, tierLabel(list, index + 1), tier, subscriptionsOf(tier));
          findings.push(...compared.findings);
          if (list === 'tiers' && compared.isHeard) heardTiers.push(index + 1);
        }
      }
      return { findings, heardTiers };
    },
  };
}
