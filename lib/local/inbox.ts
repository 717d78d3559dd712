import type { Message } from '../core/messages.ts';
import type { Clock, Pager } from '../ports.ts';
import type { Faults } from './faults.ts';

export interface Delivered extends Message {
  /** ms since 1970. */
  at: number;
  incident: string;
  state: string;
  tier: number;
  attempt: number;
}

/** In place of SNS: what would have been sent is kept, newest last. */
export interface Inbox extends Pager {
  list(): readonly Delivered[];
}

const KEPT = 200;

/** An inbox that takes pages unless `sns-down` is injected. */
export function createInbox(clock: Clock, faults: Faults): Inbox {
  const delivered: Delivered[] = [];
  return {
    list: () => delivered,
    async publish({ incident, state, tier, attempt }, message) {
      if (faults.ofService('sns-down')) throw new Error('SNS does not answer (injected fault)');
      delivered.push({ at: clock.now(), incident, state, tier, attempt, ...message });
      if (delivered.length > KEPT) delivered.shift();
    },
  };
}
