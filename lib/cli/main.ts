import { type Command, type Io, parse, UsageError } from './command.ts';
import { FILE_COMMANDS } from './file-commands.ts';
import { TABLE_COMMANDS } from './table-commands.ts';
import { version } from './version.ts';

const COMMANDS: Record<string, Command> = { ...FILE_COMMANDS, ...TABLE_COMMANDS };

/** Runs a command line; gives the exit code: 0 fine, 1 something is down, unknown or blind, 2 the input is wrong. Never throws for a user's mistake. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const [name = 'help', ...rest] = argv;
  if (['help', '--help', '-h'].includes(name)) return help(io);
  if (['version', '--version'].includes(name)) return printVersion(io);
  try {
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) throw new UsageError(`command: "${name}" is not one (write ${Object.keys(COMMANDS).join(', ')})`);
    return await command.run(parse(name, command, rest), io);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.stderr.write(`${error.message}\n`);
    return 2;
  }
}

function help({ stdout }: Io): number {
  const width = Math.max(...Object.values(COMMANDS).map(({ usage }) => usage.length));
  stdout.write('Usage: quorumwatch COMMAND\n\n');
  for (const { usage, summary } of Object.values(COMMANDS)) stdout.write(`  ${usage.padEnd(width)}  ${summary}\n`);
  return 0;
}

function printVersion({ stdout }: Io): number {
  stdout.write(`${version()}\n`);
  return 0;
}
