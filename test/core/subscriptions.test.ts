/** Who of a tier is subscribed, and who is not: text messages, emails and HTTPS. */
import { describe, expect, it } from 'vitest';
import { compareSubscriptions, type Subscription, tierLabel } from '../../lib/core/subscriptions.ts';
import type { TierSpec } from '../../lib/core/telling.ts';

const EMAIL = 'ops@example.org';

const subscribed = (protocol: string, endpoint: string, confirmed = true): Subscription => ({ protocol, endpoint, confirmed });
const tierOf = (change: Partial<TierSpec>): TierSpec => ({ afterMs: 0, sms: [], email: [], https: [], hooks: [], ...change });
const compare = (tier: Partial<TierSpec>, actual: readonly Subscription[]) =>
  compareSubscriptions('eu-west-1', 'tier 1', tierOf(tier), actual);
const found = (tier: Partial<TierSpec>, actual: readonly Subscription[]) =>
  compare(tier, actual).findings.map(({ what, subject }) => `${what} ${subject}`);

describe('who is configured', () => {
  it('is missed unless a confirmed subscription has the endpoint, in whatever case', () => {
    expect(found({ email: [EMAIL] }, [subscribed('email', 'Ops@Example.org')])).toEqual([]);
    expect(found({ email: [EMAIL] }, [subscribed('email', EMAIL, false)])).toEqual([`unconfirmed tier 1: email ${EMAIL}`]);
    expect(found({ email: [EMAIL] }, [])).toEqual([`vanished tier 1: email ${EMAIL}`]);
    expect(found({ email: [EMAIL] }, [subscribed('email', 'all@example.org')])).toEqual([`vanished tier 1: email ${EMAIL}`]);
  });

  it('is not missed when one of two subscriptions of the endpoint is confirmed', () => {
    expect(found({ email: [EMAIL] }, [subscribed('email', EMAIL, false), subscribed('email', EMAIL)])).toEqual([]);
  });

  it('is told by protocol: a subscription of another one is no help', () => {
    expect(found({ email: [EMAIL] }, [subscribed('sms', EMAIL), subscribed('email-json', EMAIL)])).toEqual([
      `vanished tier 1: email ${EMAIL}`,
    ]);
  });

  it('is shown by the end of a number, by the host of a URL, and by a whole address', () => {
    const tier = {
      sms: ['+4915112345678'],
      email: [EMAIL],
      https: ['https://events.example.org/sns?key=k', 'https://e.example?k'],
    };
    expect(compare(tier, []).findings).toEqual([
      { what: 'vanished', region: 'eu-west-1', subject: 'tier 1: sms ..5678' },
      { what: 'vanished', region: 'eu-west-1', subject: `tier 1: email ${EMAIL}` },
      { what: 'vanished', region: 'eu-west-1', subject: 'tier 1: https events.example.org' },
      { what: 'vanished', region: 'eu-west-1', subject: 'tier 1: https e.example' },
    ]);
  });
});

it('a tier is called by its list and number', () => {
  expect([tierLabel('tiers', 1), tierLabel('quiet', 2)]).toEqual(['tier 1', 'quiet tier 2']);
});

it('a tier is heard while anybody of it is', () => {
  expect(compare({ email: [EMAIL] }, []).isHeard).toBe(false);
  expect(compare({ email: [EMAIL] }, [subscribed('email', EMAIL, false)]).isHeard).toBe(false);
  expect(compare({}, [subscribed('email', EMAIL, false), subscribed('sms', '+491')]).isHeard).toBe(true);
});
