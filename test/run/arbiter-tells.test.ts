import { describe, expect, it } from 'vitest';
import type { Cell } from '../../lib/core/cell.ts';
import type { Ledger } from '../../lib/core/ledger.ts';
import type { Hooks, Pager } from '../../lib/ports.ts';
import { ledgerOf } from '../core/invariants/world.ts';
import { NOON, usual, WAKE, world } from './arbiter-world.ts';

describe('a page', () => {
  const failing: Pager = {
    async publish() {
      throw new Error('SNS is gone');
    },
  };

  it('that is older than 15 minutes is reported, not sent', async () => {
    const { see, arbiter, clock, pages, told } = world();
    see({ eu: 'down' });
    await arbiter('r1', { pager: failing }).handle(WAKE);
    await clock.advance(15 * 60_000 + 1);
    see({ eu: 'down' });
    await arbiter('r2').handle(WAKE);
    expect(told('note')).toContainEqual({ event: 'note', text: expect.stringMatching(/^not sent, too old: eu DOWN/) });
    expect(pages).not.toContain('eu down 1.1');
  });

  it('`recovered` never comes before `down`, however long SNS fails', async () => {
    const { see, arbiter, clock, pages } = world();
    see({ eu: 'down' });
    await arbiter('r1', { pager: failing }).handle(WAKE);
    for (let round = 0; round < 4; round++) {
      await clock.advance(20_000);
      see();
      await arbiter('r1', { pager: failing }).handle(WAKE);
    }
    await clock.advance(60_000);
    see();
    await arbiter('r2').handle(WAKE);
    expect(pages).toEqual(['eu down 1.1', 'eu recovered 1.1']);
  });

  it('carries the link to its incident, and is told as an event', async () => {
    const { see, arbiter, told, ledger } = world();
    see({ eu: 'down' });
    await arbiter('r1').handle(WAKE);
    const incident = ledger().nodes.eu?.incident;
    expect(told('page')).toEqual([
      {
        event: 'page',
        incident,
        state: 'down',
        tier: 1,
        attempt: 1,
        subject: 'eu DOWN 12:00Z, 3/3 regions',
        text: `eu DOWN 12:00Z, 3/3 regions: api status. Out of api.example.org; us serves. https://status.example.org/i/${incident}`,
      },
    ]);
  });
});

describe('a hook', () => {
  const owing = (at: number): Ledger => {
    const owed = { id: 'h', lane: 'hook/chat', epoch: 41, at, tries: 0, notBefore: at } as const;
    return ledgerOf(usual, { intents: [{ ...owed, kind: 'hook', hook: 'chat', node: 'eu', event: 'page', body: {} }] });
  };

  it('that does not answer 2xx is called again', async () => {
    const { see, arbiter, hooked, ledger, clock } = world(owing(NOON));
    see();
    await arbiter('r1', { hooks: { call: async () => 503 } }).handle(WAKE);
    expect(ledger().intents).toMatchObject([{ tries: 1, error: 'hook chat answered HTTP 503' }]);
    await clock.advance(1_000);
    await arbiter('r1').handle(WAKE);
    expect(hooked).toEqual(['chat']);
    expect(ledger().intents).toEqual([]);
  });

  it('that failed for 15 minutes is given up with a page, which it is not told itself', async () => {
    const { see, arbiter, hooked, pages } = world(owing(NOON - 15 * 60_000));
    see();
    await arbiter('r1').handle(WAKE);
    expect(hooked).toEqual([]);
    expect(pages).toEqual(['chat hook-failed 1.1']);
  });

  it('is called with the intent as its key and the link of its incident', async () => {
    const owed = owing(NOON);
    const [intent] = owed.intents;
    if (intent?.kind === 'hook') intent.body = { text: 'eu is down', incident: 'i1' };
    const { see, arbiter } = world(owed);
    see();
    const calls: unknown[] = [];
    await arbiter('r1', { hooks: { call: async (...given) => calls.push(given) } }).handle(WAKE);
    expect(calls).toEqual([['chat', { text: 'eu is down', incident: 'i1', link: 'https://status.example.org/i/i1' }, 'h']]);
  });
});

describe('a stand-by', () => {
  const failover: Cell = {
    ...usual,
    records: usual.records.map((record) => ({
      ...record,
      policy: 'failover',
      members: record.members.map((member, at) => ({ ...member, role: at === 0 ? 'primary' : 'secondary' })),
      fence: { timeoutMs: 60_000 },
    })),
  };

  it('is told to take over in the same look in which the old one was confirmed paused', async () => {
    const { see, arbiter, ledger } = world(ledgerOf(failover), failover);
    const calls: string[] = [];
    const hooks: Hooks = {
      async call(_, { node, role }) {
        if (role) calls.push(`${node} ${role}`);
        return 200;
      },
    };
    see({ eu: 'down' });
    await arbiter('r1', { hooks }).handle(WAKE);
    expect(calls).toEqual(['eu FAULT', 'us MASTER']);
    expect(ledger().roles?.api).toEqual({ master: 'us', told: { eu: 'FAULT', us: 'MASTER' } });
    expect(ledger().intents).toEqual([]);
  });
});
