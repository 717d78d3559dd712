import type { RoundTimes } from '../../lib/core/history.ts';
import type { History } from '../../lib/ports.ts';

/** History in memory, with the rules of the real one. */
export function createMemoryHistory(): History & { readonly rounds: RoundTimes[] } {
  const rounds: RoundTimes[] = [];
  return {
    rounds,
    async write(round) {
      const same = rounds.findIndex(({ vantage, startedAt }) => vantage === round.vantage && startedAt === round.startedAt);
      rounds.splice(same < 0 ? rounds.length : same, same < 0 ? 0 : 1, structuredClone(round));
    },
    async read(vantage, from) {
      const own = rounds.filter((round) => round.vantage === vantage && round.startedAt >= from);
      return { rounds: structuredClone(own.sort((a, b) => b.startedAt - a.startedAt)), unreadable: 0 };
    },
  };
}
