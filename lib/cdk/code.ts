import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { CELL_FILE } from '../aws/environment.ts';
import type { FunctionRole } from '../aws/names.ts';
import type { Cell } from '../core/cell.ts';

/** The code of a function, a new asset at each call: an asset belongs to one stack. */
export type CodeOf = (role: FunctionRole) => Code;

export const ROLES: readonly FunctionRole[] = ['prober', 'arbiter', 'web', 'gate'];
/** What the package ships beside its compiled code: a directory for each role. */
const PREBUILT = fileURLToPath(new URL('../../lambdas/', import.meta.url));

/** The package's own bundles with this cell beside them: no bundler is needed. Throws a `RangeError` where there are none. */
export function prebuilt(cell: Cell): CodeOf {
  const home = temporary();
  for (const role of ROLES) {
    const from = path.join(PREBUILT, role);
    if (!existsSync(from)) throw new RangeError(`codeOf: there is no ${from} (in a checkout, write codeOf: await bundled(cell))`);
    cpSync(from, path.join(home, role), { recursive: true });
    writeCell(role, cell, path.join(home, role));
  }
  return (role) => Code.fromAsset(path.join(home, role));
}

/** The configuration beside a handler. Who pages and calls nobody, the prober above all, which parses what strangers send, is not told whom. */
export function writeCell(role: FunctionRole, cell: Cell, directory: string): void {
  const { ping: _, ...known } = cell;
  const nobody = { ...cell.paging, tiers: [], quiet: [] };
  const told = role === 'prober' || role === 'gate' ? { ...known, paging: nobody, hooks: [] } : cell;
  writeFileSync(path.join(directory, CELL_FILE), JSON.stringify(told));
}

const homes: string[] = [];

/** Synthesis copies what it needs out of it; it is gone with the process. */
export function temporary(): string {
  const home = mkdtempSync(path.join(tmpdir(), 'quorumwatch-'));
  // One listener for all: Node warns of eleven.
  if (homes.push(home) === 1) process.once('exit', removeAll);
  return home;
}

function removeAll(): void {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
}
