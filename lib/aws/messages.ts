import type { VantageMessage, WakeMessage } from '../ports.ts';

/**
 * What Scheduler sends to a vantage's queue every minute: it puts the time of the invocation, in ISO 8601, in place of its keyword
 * (EventBridge Scheduler user guide, "Adding context attributes").
 */
export const PLAN_INPUT = JSON.stringify({ kind: 'plan', scheduledTime: '<aws.scheduler.scheduled-time>' });

/** What Scheduler sends to a wake queue every minute. */
export const TICK_INPUT = JSON.stringify({ kind: 'tick', from: 'scheduler' } satisfies WakeMessage);

/** What a vantage's queue delivered. Throws when it is nothing that a prober understands. */
export function readVantageMessage(body: string): VantageMessage {
  const message = JSON.parse(body) as VantageMessage | { kind: 'plan'; scheduledTime: string };
  switch (message.kind) {
    case 'plan': {
      if ('scheduledAt' in message) return message;
      const scheduledAt = Date.parse(message.scheduledTime);
      if (Number.isNaN(scheduledAt)) throw new Error(`plan: scheduledTime is ${message.scheduledTime} (send a time in ISO 8601)`);
      return { kind: 'plan', scheduledAt };
    }
    case 'round':
    case 'opinion':
    case 'drill':
      return message;
  }
  throw new Error(`message: is of no kind that a prober knows: ${body.slice(0, 200)}`);
}
