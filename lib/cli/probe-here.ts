import type { Probe } from '../ports.ts';
import { type Io, type Parsed, textOf, UsageError } from './command.ts';

/** Runs `quorumwatch probe FILE` or `probe URL` with this process's own sockets and clock; gives the exit code. */
export async function probeHere({ values, positionals: [target = ''] }: Parsed, io: Io): Promise<number> {
  const { isUrl, probeUrlCommand } = await import('./probe-url.ts');
  const [node, check, json] = [textOf(values.node), textOf(values.check), values.json === true];
  if (isUrl(target)) {
    const option = node !== undefined ? 'node' : check !== undefined ? 'check' : undefined;
    if (option !== undefined) throw new UsageError(`--${option}: a URL has one check (leave it out, or name a file)`);
    return probeUrlCommand({ url: target, json, ...io, probe: await lookFromHere() });
  }
  const { loadCell } = await import('./load-cell.ts');
  const cell = await loadCell(target, io, { target: 'local' });
  if (!cell) return 2;
  const { probeCommand } = await import('./probe.ts');
  const names = { ...(node !== undefined && { node }), ...(check !== undefined && { check }) };
  return probeCommand({ cell, ...names, json, ...io, probe: await lookFromHere(cell.hidden) });
}

/** A probe as patient as a vantage's, which explains what it saw. */
async function lookFromHere(hidden: readonly string[] = []): Promise<Probe> {
  const [{ createProbe }, { createDial }, { withAttempts }, { systemClock }] = await Promise.all([
    import('../probes/index.ts'),
    import('../probes/dial.ts'),
    import('../probes/attempts.ts'),
    import('../local/clock.ts'),
  ]);
  const resolveText = () => Promise.reject(new Error('secrets are fetched from AWS only (write {env: NAME} to probe from here)'));
  return withAttempts(createProbe({ dial: createDial(), resolveText, hidden, explain: true }), systemClock);
}
