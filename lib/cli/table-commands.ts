import { lineOf } from '../aws/limits.ts';
import type { NewAct } from '../core/acts.ts';
import { StoreError } from '../store/error.ts';
import { TableError } from '../web/incidents.ts';
import {
  type Command,
  configFile,
  flag,
  INCIDENT,
  type Io,
  listOf,
  NODE,
  NODE_AND_SIDE,
  NOTHING,
  type Parsed,
  text,
  UsageError,
} from './command.ts';
import type { Monitor } from './monitor.ts';

/** Where the table is; every command over one takes these. */
const WHERE = { config: text, endpoint: text, region: text, json: flag };
const FOR = { for: text, end: flag };
const BY = { by: text };

/** The commands over a running monitor's table: deployed, or a local run's. */
export const TABLE_COMMANDS: Record<string, Command> = {
  status: {
    usage: 'status',
    summary: 'says what is up, down and served',
    options: WHERE,
    words: NOTHING,
    run: (parsed, io) =>
      withMonitor(parsed, io, async (monitor, out) => (await import('./status.ts')).statusCommand(monitor, out), 'blind too'),
  },
  incidents: {
    usage: 'incidents',
    summary: 'lists what went wrong, the newest first',
    options: WHERE,
    words: NOTHING,
    run: (parsed, io) =>
      withMonitor(parsed, io, async (monitor, out) => (await import('./incidents.ts')).incidentsCommand(monitor, out)),
  },
  explain: {
    usage: 'explain INCIDENT',
    summary: 'says why: votes, rules, pages, DNS, and what you can do',
    options: WHERE,
    words: INCIDENT,
    run: (parsed, io) =>
      withMonitor(parsed, io, async (monitor, out) =>
        (await import('./explain.ts')).explainCommand(monitor, parsed.positionals[0] ?? '', out),
      ),
  },
  ack: {
    usage: 'ack INCIDENT --by WHO [--end]',
    summary: 'takes an incident: nobody else is paged, until --end',
    options: { ...WHERE, ...BY, end: flag },
    words: INCIDENT,
    run: ack,
  },
  drain: {
    usage: 'drain NODE [--for 1h] [--by WHO]',
    summary: 'takes a node out of its records, until it is restored',
    options: { ...WHERE, ...BY, for: text },
    words: NODE,
    run: (parsed, io) =>
      order(parsed, io, async ({ cell }, base) => {
        const { afterFor, memberNode } = await rules();
        const until = parsed.values.for === undefined ? {} : { until: afterFor(parsed, base.at) };
        return { ...base, kind: 'drain', node: memberNode(cell, nodeOf(parsed)), ...until };
      }),
  },
  restore: {
    usage: 'restore NODE [--by WHO]',
    summary: 'gives a node back to its checks',
    options: { ...WHERE, ...BY },
    words: NODE,
    run: (parsed, io) =>
      order(parsed, io, async ({ cell }, base) => ({
        ...base,
        kind: 'restore',
        node: (await rules()).memberNode(cell, nodeOf(parsed)),
      })),
  },
  force: {
    usage: 'force NODE in|out --for 1h --reason TEXT [--by WHO], or force NODE --end',
    summary: 'puts a node in or out, whatever its checks say',
    options: { ...WHERE, ...BY, ...FOR, reason: text },
    words: NODE_AND_SIDE,
    run: (parsed, io) => order(parsed, io, (monitor, base) => forceOf(parsed, monitor, base)),
  },
  silence: {
    usage: 'silence NODE --for 1h [--by WHO], or silence NODE --end',
    summary: 'pages nobody for a node',
    options: { ...WHERE, ...BY, ...FOR },
    words: NODE,
    run: (parsed, io) =>
      order(parsed, io, async ({ cell }, base) => {
        const { knownNode, untilOf } = await rules();
        const node = knownNode(cell, nodeOf(parsed));
        const until = untilOf(`silence ${node}`, parsed, base.at);
        return until === 'end' ? { ...base, kind: 'unsilence', node } : { ...base, kind: 'silence', node, until };
      }),
  },
  drill: {
    usage: 'drill [--node N] [--tier K] [--flip] [--hooks] [--by WHO]',
    summary: 'sends a fire drill down the whole path, and says how far it came',
    options: { ...WHERE, ...BY, node: text, tier: text, flip: flag, hooks: flag },
    words: NOTHING,
    run: drill,
  },
  pause: {
    usage: 'pause --for 1h [--by WHO], or pause --end',
    summary: 'flips nothing automatically; people are paged all the same',
    options: { ...WHERE, ...BY, ...FOR },
    words: NOTHING,
    run: (parsed, io) =>
      order(parsed, io, async (_, base) => {
        const until = (await rules()).untilOf('pause', parsed, base.at);
        return until === 'end' ? { ...base, kind: 'resume' } : { ...base, kind: 'pause', until };
      }),
  },
  doctor: {
    usage: 'doctor [--only ASSUMPTION]',
    summary: 'proves on your own account what the design assumes of AWS',
    options: { config: text, json: flag, only: { type: 'string', multiple: true } },
    words: NOTHING,
    run: doctor,
  },
};

type Out = Io & { json: boolean };
const rules = () => import('./orders.ts');
const nodeOf = ({ positionals: [node = ''] }: Parsed): string => node;

/**
 * Runs a command on the table. A table that does not answer is said in one line, exit code 1; with `blind too` the command runs all
 * the same and says what is then known, which is nothing.
 */
async function withMonitor(
  parsed: Parsed,
  io: Io,
  run: (monitor: Monitor, out: Out) => Promise<number>,
  blind?: 'blind too',
): Promise<number> {
  const { openMonitor } = await import('./monitor.ts');
  const monitor = await openMonitor(parsed, io);
  if (!monitor) return 2;
  if (monitor.fault !== undefined && blind === undefined) {
    io.stderr.write(`${monitor.fault}\n`);
    return 1;
  }
  try {
    return await run(monitor, { ...io, json: parsed.values.json === true });
  } catch (error) {
    const line = faultOf(error);
    if (line === undefined) throw error;
    io.stderr.write(`${line}\n`);
    return 1;
  }
}

/** What the table said, or that it said nothing; undefined for a fault of ours. */
function faultOf(error: unknown): string | undefined {
  if (error instanceof TableError) return error.message;
  if (error instanceof StoreError) return `table: ${error.message} (nothing was written)`;
  const isTables = error instanceof Error && ('$metadata' in error || 'code' in error || error.name === 'TimeoutError');
  return isTables ? `table: ${lineOf(error)} (try again shortly)` : undefined;
}

/** An order: who gives it when, what it says, and then what comes of it. Nothing is written when what it says is wrong. */
async function order(
  parsed: Parsed,
  io: Io,
  actOf: (monitor: Monitor, base: { at: number; by: string }) => Promise<NewAct>,
): Promise<number> {
  const { byOf, orderCommand } = await rules();
  const by = byOf(parsed.values);
  return withMonitor(parsed, io, async (monitor, out) =>
    orderCommand(monitor, await actOf(monitor, { at: monitor.clock.now(), by }), out),
  );
}

async function drill(parsed: Parsed, io: Io): Promise<number> {
  const { byOf } = await rules();
  const by = byOf(parsed.values);
  const { drillCommand, drillOf } = await import('./drill.ts');
  return withMonitor(parsed, io, async (monitor, out) =>
    drillCommand(monitor, drillOf(parsed, monitor.cell, { at: monitor.clock.now(), by }), out),
  );
}

async function ack(parsed: Parsed, io: Io): Promise<number> {
  const { byOf } = await rules();
  if (parsed.values.by === undefined) throw new UsageError('--by: is missing (write who takes it, like --by ana)');
  const by = byOf(parsed.values);
  const [incident = ''] = parsed.positionals;
  const { ackCommand, takenIncident } = await import('./ack.ts');
  if (parsed.values.end === true)
    return order(parsed, io, async (monitor, base) => ({
      ...base,
      kind: 'unacknowledge',
      incident: await takenIncident(monitor, incident),
    }));
  return withMonitor(parsed, io, async (monitor, out) => ackCommand(monitor, incident, by, out));
}

async function forceOf(parsed: Parsed, monitor: Monitor, base: { at: number; by: string }): Promise<NewAct> {
  const { endOfForce, memberNode, reasonOf, untilOf } = await rules();
  const node = memberNode(monitor.cell, nodeOf(parsed));
  const [, side] = parsed.positionals;
  const until = untilOf(`force ${node} ${side ?? 'out'}`, parsed, base.at);
  if (until === 'end') return endOfForce(monitor, node, base);
  if (side !== 'in' && side !== 'out') throw new UsageError(`force: "${side ?? ''}" is no place (write in or out)`);
  return { ...base, kind: 'force', node, inService: side === 'in', until, reason: reasonOf(parsed) };
}

async function doctor({ values }: Parsed, io: Io): Promise<number> {
  const file = configFile(values);
  const { loadCell } = await import('./load-cell.ts');
  const cell = await loadCell(file, io, {});
  if (!cell) return 2;
  const [{ credentialsFault, doctorCommand }, { systemClock }, { Route53Client }] = await Promise.all([
    import('./doctor.ts'),
    import('../local/clock.ts'),
    import('@aws-sdk/client-route-53'),
  ]);
  const fault = await credentialsFault(() => new Route53Client({ region: 'us-east-1' }).config.credentials());
  if (fault !== undefined) {
    io.stderr.write(`${fault}\n`);
    return 1;
  }
  return doctorCommand({ cell, clock: systemClock, only: listOf(values.only), json: values.json === true, ...io });
}
