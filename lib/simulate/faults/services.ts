/** AWS: what may befall single calls, and what is gone for everybody. */
import type { Service } from '../weather.ts';
import type { Begin, Kind } from './kind.ts';

const down =
  (service: Service): Begin =>
  ({ weather }) => {
    weather.down.add(service);
    return () => weather.down.delete(service);
  };

export const SERVICES = {
  'invocation killed': { rounds: [1, 8], odds: 0.07 },
  'invocation frozen': { rounds: [1, 8], odds: 0.03 },
  'process replaced': { rounds: [2, 10], odds: 0.3 },
  'network slow': { rounds: [1, 8], odds: 0.3 },
  'table down': { rounds: [1, 6], begin: down('table') },
  'table throttled': { rounds: [1, 8], odds: 0.2 },
  'table timeout before commit': { rounds: [1, 8], odds: 0.15 },
  'table timeout after commit': { rounds: [1, 8], odds: 0.15 },
  'table retry met its own write': { rounds: [1, 8], odds: 0.2 },
  'table key unprocessed': { rounds: [1, 8], odds: 0.1 },
  'table replicas in conflict': { rounds: [1, 8], odds: 0.3 },
  'table wiped': {
    rounds: [1, 1],
    begin: ({ table }) => {
      table.wipe();
      return undefined;
    },
  },
  'table restored from an old copy': {
    rounds: [1, 1],
    begin: ({ table, route53 }) => {
      if (!table.restore()) return false;
      route53.excuse();
      return undefined;
    },
  },
  'item unreadable': {
    rounds: [1, 8],
    begin: ({ table, random }) => {
      const items = table.items();
      return items.length > 0 && table.garble(random.pick(items));
    },
  },
  'ballot of an older release': { rounds: [4, 16], odds: 0.9 },
  'older release cannot read the ledger': {
    rounds: [2, 10],
    begin: ({ weather, random, arbiters }) => {
      const arbiter = random.pick(arbiters);
      weather.olderReleases.add(arbiter);
      return () => weather.olderReleases.delete(arbiter);
    },
  },
  'message delivered twice': { rounds: [1, 8], odds: 0.3 },
  'message delivered twice at once': { rounds: [1, 8], odds: 0.3 },
  'messages reordered': { rounds: [1, 8], odds: 0.3 },
  'message late': { rounds: [1, 6], odds: 0.2 },
  'message lost': { rounds: [1, 6], odds: 0.2 },
  'batch entry refused': { rounds: [1, 8], odds: 0.3 },
  'schedule late': { rounds: [2, 12], odds: 0.5 },
  'schedule lost': { rounds: [2, 8], odds: 0.4 },
  'schedule doubled': { rounds: [2, 12], odds: 0.5 },
  'sns down': { rounds: [1, 8], begin: down('sns') },
  'sns fails': { rounds: [1, 10], odds: 0.4 },
  'sns timeout after publish': { rounds: [1, 10], odds: 0.3 },
  'hook refuses': { rounds: [4, 40], odds: 0.5 },
  'hook timeout after call': { rounds: [1, 10], odds: 0.3 },
  'route53 control plane lost': { rounds: [1, 12], begin: down('route53') },
  'route53 throttled': { rounds: [1, 10], odds: 0.4 },
  'route53 version mismatch': { rounds: [1, 10], odds: 0.4 },
  'route53 applied, but timed out': { rounds: [1, 10], odds: 0.4 },
  'route53 slow': { rounds: [1, 10], odds: 0.4 },
  // The stale reads that a handler acts on: every read of the voting table is strongly consistent, and nobody votes by the history.
  'route53 list lags': { rounds: [2, 20], odds: 0.7 },
  'route53 read lags': { rounds: [2, 20], odds: 0.5 },
  'cloudwatch lost': { rounds: [1, 12], begin: down('cloudwatch') },
  'cloudwatch fails': { rounds: [1, 10], odds: 0.4 },
  'switch flipped by hand': {
    rounds: [1, 1],
    begin: ({ route53, random }) => {
      const { record, node, inService } = random.pick(route53.answers());
      route53.byHand(record, node, !inService);
      return undefined;
    },
  },
} as const satisfies Record<string, Kind>;
