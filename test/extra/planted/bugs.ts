/** Bugs that people make in a monitor like this one. They live here as patches, and nowhere else. */
export interface PlantedBug {
  name: string;
  /** Every text must be in its file exactly once: a patch that no longer applies is a failure, not a success. */
  patch: { file: string; find: string; replace: string }[];
  /** How long a life must be to meet it. @default 40 */
  rounds?: number;
  /** The rules that may find it. */
  rules: string[];
}

export const BUGS: PlantedBug[] = [
  {
    name: 'abstentions count as down',
    patch: [
      {
        file: 'lib/core/tally.ts',
        find: "filter(({ vote, observedAt }) => vote === 'down' &&",
        replace: "filter(({ vote, observedAt }) => (vote === 'down' || vote === 'abstain') &&",
      },
    ],
    rules: ['S1', 'S2', 'S4'],
  },
  {
    name: 'N shrinks to the voters that are heard',
    patch: [
      {
        file: 'lib/core/tally.ts',
        find: 'return downVotes.length >= check.quorum && spanMs(downVotes, check.quorum,',
        replace:
          "const heard = Math.floor(Object.values(votes).filter(({ vote }) => vote !== 'abstain').length / 2) + 1;\n  return downVotes.length >= heard && spanMs(downVotes, heard,",
      },
    ],
    rules: ['S1', 'S4'],
  },
  {
    name: 'votes never grow old',
    patch: [
      {
        file: 'lib/core/votes.ts',
        find: "if (now - said.observedAt > freshMs(cell, check)) return nothing('stale', said.observedAt);",
        replace: 'void freshMs;',
      },
    ],
    rules: ['S2', 'S4'],
  },
  {
    name: 'no downFor',
    patch: [{ file: 'lib/core/tally.ts', find: 'lastTransitionAt) >= check.downForMs', replace: 'lastTransitionAt) >= 0' }],
    rules: ['S2'],
  },
  {
    name: 'the ledger is not read before the act',
    patch: [
      {
        file: 'lib/run/actor.ts',
        find: "      const ledger = await readLedger();\n      if (!ledger || !mayAct(ledger, id, arbiter, clock.now())) return 'abandoned';\n      // Reads",
        replace: '      const ledger = { members: {} };\n      // Reads',
      },
    ],
    rules: ['S7'],
  },
  {
    name: 'a lease never ends',
    patch: [
      {
        file: 'lib/core/intents.ts',
        find: 'const isLeased = now < (ledger.leases[lane]?.until ?? 0);',
        replace: 'const isLeased = ledger.leases[lane] !== undefined;',
      },
    ],
    rules: ['L2', 'L3', 'L4', 'L5'],
  },
  {
    name: 'a lease binds nobody',
    patch: [
      {
        file: 'lib/core/intents.ts',
        find: 'return lease?.by === arbiter && now < lease.until;',
        replace: 'return lease !== undefined;',
      },
    ],
    rules: ['S7', 'S16'],
  },
  {
    name: 'the hold is ignored',
    patch: [
      {
        file: 'lib/core/guard.ts',
        find: 'draft.now < (memberOf(draft, record, node)?.holdUntil ?? 0);',
        replace: '(memberOf(draft, record, node)?.holdUntil ?? 0) < 0;',
      },
    ],
    rules: ['S11'],
  },
  {
    name: 'maxOut lets all of them out',
    patch: [
      {
        file: 'lib/core/guard.ts',
        find: 'countOut(draft, record) >= record.guard.maxOut',
        replace: 'countOut(draft, record) >= record.members.length',
      },
    ],
    rules: ['S10'],
  },
  {
    name: 'one healthy quorum is a recovery',
    patch: [{ file: 'lib/core/checks.ts', find: 'if (count >= check.recover)', replace: 'if (count >= 1)' }],
    rules: ['S11'],
  },
  {
    name: 'a wiped ledger is taken for healthy',
    patch: [
      {
        file: 'lib/core/adopt.ts',
        find: 'if (isBirth) adoptAtBirth(draft, record, state);',
        replace: 'if (isBirth) void adoptAtBirth;',
      },
    ],
    rules: ['S12'],
  },
  {
    name: 'a missing ballot is taken for all up',
    patch: [
      {
        file: 'lib/core/votes.ts',
        find: "if (ballot === 'missing' || ballot === 'unreadable') return nothing(ballot);",
        replace:
          "if (ballot === 'missing') return { vote: 'up', reason: 'ok', observedAt: now, since: now, checkHash: check.hash };\n  if (ballot === 'unreadable') return nothing(ballot);",
      },
    ],
    rules: ['S4', 'S11'],
  },
  {
    name: '`asked` is ignored',
    patch: [
      {
        file: 'lib/core/votes.ts',
        find: ' || round.asked !== cadences(cell, vantage).get(check.intervalMs)',
        replace: ' || (cadences(cell, vantage).size < 0)',
      },
    ],
    rules: ['S4', 'S11'],
  },
  {
    name: 'votes under two check hashes are added up',
    patch: [
      {
        file: 'lib/core/votes.ts',
        find: "if (said === 'skew' || said.checkHash !== check.hash)",
        replace: "if (said === 'skew')",
      },
    ],
    rules: ['S14', 'S4'],
  },
  {
    name: 'a page goes out before it is committed',
    patch: [
      {
        file: 'lib/run/arbiter.ts',
        find: "      if ((await store.writeLedger(ledger)) === 'written') {",
        replace:
          "      for (const intent of ledger.intents)\n        if (intent.kind === 'page' && intent.epoch === ledger.epoch) await ports.pager.publish(intent.page, { subject: '', text: '' });\n      if ((await store.writeLedger(ledger)) === 'written') {",
      },
    ],
    rules: ['S8'],
  },
  {
    name: 'an intent is done before the act',
    patch: [
      {
        file: 'lib/run/actor.ts',
        find: '      const outcome = await attempt(intent, ledger);\n',
        replace: '      await settle(intent.id, { done: true });\n      const outcome = await attempt(intent, ledger);\n',
      },
    ],
    rules: ['L2'],
  },
  {
    name: 'an update carries no version',
    patch: [
      {
        file: 'lib/run/actor.ts',
        find: 'inService, version: current.version })',
        replace: 'inService, version: undefined as never })',
      },
    ],
    rules: ['S8'],
  },
  {
    name: 'flapping does not lengthen the hold',
    patch: [
      {
        file: 'lib/core/guard.ts',
        find: 'record.guard.holdMs * 2 ** Math.max(0, flaps - 1)',
        replace: 'record.guard.holdMs + 0 * flaps',
      },
    ],
    rules: ['S11'],
  },
  {
    name: 'an old ballot overwrites a newer one',
    patch: [
      { file: 'lib/core/merge.ts', find: 'if (run.startedAt >= last) ballot', replace: 'if (run.startedAt !== last) ballot' },
    ],
    rules: ['S3'],
  },
  {
    name: 'an acknowledgement is lost when another arbiter takes over',
    patch: [
      {
        file: 'lib/core/decide.ts',
        find: '  takeLeases(draft.ledger, me.arbiter, now);\n',
        replace:
          "  takeLeases(draft.ledger, me.arbiter, now);\n  for (const incident of Object.values(draft.ledger.incidents)) {\n    if (draft.ledger.leases['record/' + incident.id]?.by === me.arbiter) delete incident.ackedAt;\n  }\n",
      },
    ],
    rules: ['S13'],
  },
  {
    name: 'a silence hides the incident',
    patch: [
      {
        file: 'lib/core/nodes.ts',
        find: 'const incident = isIncident(to) ?',
        replace: 'const incident = isIncident(to) && !ledger.silences[node.id] ?',
      },
    ],
    rules: ['S13'],
  },
  {
    name: 'a foreign hand is repaired',
    patch: [{ file: 'lib/core/adopt.ts', find: '    foreign: true,\n', replace: '' }],
    rules: ['L5', 'S8', 'S13'],
  },
  {
    name: 'a stuck lane blocks another',
    patch: [{ file: 'lib/core/paging.ts', find: 'lane: `page/$' + '{page.incident}`', replace: "lane: 'flip/r0'" }],
    rules: ['L3'],
  },
  {
    name: 'a check rests too early',
    patch: [
      {
        file: 'lib/core/checks.ts',
        find: 'return isSettled && draft.now - entry.at > freshMs(draft.cell, check);',
        replace: 'return isSettled && freshMs(draft.cell, check) > 0;',
      },
    ],
    rules: ['rest'],
  },
  {
    name: 'all are down, and who is well stays out',
    patch: [{ file: 'lib/core/guard.ts', find: 'if (isAllDown(draft, record) || restored)', replace: 'if (restored)' }],
    rules: ['S11'],
  },
  {
    name: 'a stand-by does not wait for the fence',
    patch: [
      { file: 'lib/core/roles.ts', find: 'if (!record.fence) return', replace: 'if (record.fence || !record.fence) return' },
    ],
    rounds: 100,
    rules: ['roles'],
  },
  {
    name: 'a round that began late votes',
    patch: [
      {
        file: 'lib/run/prober.ts',
        find: 'if (isLate(due, startedAt, cell.intervalMs)) {',
        replace: 'if (isLate(due, startedAt, 1e9)) {',
      },
    ],
    rules: ['S5'],
  },
  {
    name: 'a vantage with a wrong clock votes',
    patch: [{ file: 'lib/run/prober.ts', find: 'clockFault(serverTime) ?? run)', replace: 'run)' }],
    rules: ['S5'],
  },
  {
    name: 'a vantage votes although its canaries fail',
    patch: [{ file: 'lib/run/canaries.ts', find: 'silent.length * 3 < canaries.length * 2', replace: 'silent.length > 0' }],
    rules: ['S5'],
  },
  {
    name: '`any` means `all`, and `all` means `any`',
    patch: [
      {
        file: 'lib/core/groups.ts',
        find: "const sign = kind === 'all' ? 1 : -1;",
        replace: "const sign = kind === 'any' ? 1 : -1;",
      },
    ],
    rounds: 150,
    rules: ['S3'],
  },
  {
    name: 'who depends on a node that is down is paged, too',
    patch: [
      {
        file: 'lib/core/digests.ts',
        find: 'digest === undefined && behind === undefined && ',
        replace: 'digest === undefined && ',
      },
    ],
    rounds: 100,
    rules: ['L3'],
  },
  {
    name: 'a member is relied on that its alarm still keeps out',
    patch: [
      {
        file: 'lib/core/guard.ts',
        find: '!isReturning(draft.ledger, memberKey(record.id, other))',
        replace: '(!isReturning(draft.ledger, memberKey(record.id, other)) || true)',
      },
    ],
    rounds: 100,
    rules: ['S9'],
  },
  {
    name: 'nobody says to an alarm that its member is back',
    patch: [
      {
        file: 'lib/run/signals.ts',
        find: 'return isBack || isReturning(ledger, key) ? true : undefined;',
        replace: 'return (isBack || isReturning(ledger, key)) && at === 0 ? true : undefined;',
      },
    ],
    rounds: 100,
    rules: ['S9', 'L2'],
  },
  {
    name: 'a drill takes a member out although nobody asked for that',
    patch: [{ file: 'lib/core/drill.ts', find: 'drill?.flip && drill.node === node', replace: 'drill && drill.node === node' }],
    rounds: 100,
    rules: ['S9'],
  },
  {
    name: 'a drill that does not get through is never over',
    patch: [
      {
        file: 'lib/core/drill-course.ts',
        find: 'else if (now >= drill.until) {',
        replace: 'else if (now >= drill.until + 3_600_000) {',
      },
    ],
    rounds: 100,
    rules: ['drill'],
  },
  {
    name: 'a drill counts as an outage that somebody must take',
    patch: [
      {
        file: 'lib/core/paging.ts',
        find: 'if (isDrill(incident.node)) pageDrill',
        replace: "if (incident.node === 'DRILL') pageDrill",
      },
    ],
    rounds: 100,
    rules: ['drill'],
  },
];
